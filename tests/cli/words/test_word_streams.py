"""Words in and out: every format, blocks, bad lines by number, pipes that break."""

import csv
import io
import json
import os
import subprocess
import sys

import pytest

from morelike.cli.shared import word_reader, word_streams
from morelike.cli.shared.word_reader import WordReader
from morelike.language_model.model import LanguageModel

from ..test_bad_input import complaint

WORDS = ["anna", "hhh", "anna", "hanne", "nan"]
SOURCES = {
    "words.txt": "anna\nhhh\n\nanna\nhanne\nnan\n",
    "counted.txt": "anna\t3\nhhh\t1\nanna\t2\nhanne\t1\nnan\t9",
    "words.csv": '\ufeffword,id\r\nanna,1\r\nhhh,2\r\n,3\r\nanna,4\r\n\r\n"hanne",5\r\nnan,6\r\n',
    "words.tsv": "word\tid\nanna\t1\nhhh\t2\nanna\t3\nhanne\t4\nnan\t5\n",
    "words.jsonl": '"anna"\n{"word": "hhh"}\n\n{"word": "anna", "x": 1}\n"hanne"\n{"word": "nan"}\n',
}


@pytest.fixture
def scores(counted):
    model = LanguageModel.load(counted / "model")
    return dict(zip(WORDS, (-model.log_probability(WORDS)).tolist(), strict=True))


def read(text, form):
    """Return the rows that were written, with nats as a number."""
    if form == "jsonl":
        return [row for line in text.splitlines() if (row := json.loads(line))["word"]]
    delimiter = "," if form == "csv" else "\t"
    rows = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    return [{**row, "nats": float(row["nats"])} for row in rows if row["word"]]


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl"])
def test_every_format_is_read_and_written_in_order(run, counted, scores, tmp_path, name, form):
    (tmp_path / name).write_text(SOURCES[name], "utf-8")
    ran = run("score", counted, "--in", name, "-o", f"scores.{form}")
    assert (ran.status, ran.out) == (0, "")
    rows = read((tmp_path / f"scores.{form}").read_text("utf-8"), form)
    assert [row["word"] for row in rows] == WORDS
    assert [row["nats"] for row in rows] == pytest.approx([scores[word] for word in WORDS], abs=6e-5)
    assert run("score", counted, "--in", name, "--format", form).out == (tmp_path / f"scores.{form}").read_text("utf-8")


def test_a_format_may_be_said_instead_of_an_ending(run, counted):
    ran = run(
        "score", counted, "--in-format", "csv", "--column", "name", "--format", "jsonl", stdin=b"name,n\nanna,1\n"
    )
    assert [row["word"] for row in read(ran.out, "jsonl")] == ["anna"]


def test_lines_without_a_word_are_counted_and_rows_without_one_are_kept(run, counted, tmp_path):
    (tmp_path / "words.csv").write_text(SOURCES["words.csv"], "utf-8")
    ran = run("score", counted, "--in", "words.csv", "--format", "csv")
    rows = list(csv.reader(io.StringIO(ran.out)))
    assert [(row[0], row[-1]) for row in rows[1:]] == list(
        zip(["anna", "hhh", "", "anna", "hanne", "nan"], "123456", strict=True)
    )
    assert rows[3][1:-1] == [""] * 4
    assert ran.err == ""
    assert run("score", counted, stdin=b"anna\n\n \nnan\n").err == "Left out: 2 lines without a word.\n"


KEPT = {
    "csv": 'id,name,freq,note\n1,anna,3,"a, ""b"""\n2,,,\n3,nan,1,é\n',
    "tsv": 'id\tname\tfreq\tnote\n1\tanna\t3\ta, "b"\n2\t\t\t\n3\tnan\t1\té\n',
    "jsonl": '{"id": "1", "name": "anna", "freq": "3", "note": "a, \\"b\\""}\n'
    '{"id": "2", "name": "", "freq": "", "note": ""}\n'
    '{"name": "nan", "id": "3", "freq": "1", "note": "é"}\n',
}


@pytest.mark.parametrize("form", KEPT)
@pytest.mark.parametrize("out", KEPT)
def test_scores_keep_all_other_columns_and_rows(run, counted, scores, tmp_path, form, out):
    (tmp_path / f"q.{form}").write_text(KEPT[form], "utf-8")
    run("score", counted, "--in", f"q.{form}", "--column", "name", "-o", f"o.{out}")
    text = (tmp_path / f"o.{out}").read_text("utf-8")
    delimiter = "," if out == "csv" else "\t"
    rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter, quoting=csv.QUOTE_NONE if out == "tsv" else 0))
    rows = list(map(json.loads, text.splitlines())) if out == "jsonl" else rows
    assert [[row[name] for name in ("word", "id", "freq", "note")] for row in rows] == [
        ["anna", "1", "3", 'a, "b"'],
        ["", "2", "", ""],
        ["nan", "3", "1", "é"],
    ]
    assert float(rows[2]["nats"]) == pytest.approx(scores["nan"], abs=6e-5)
    assert list(rows[0])[:5] == ["word", "nats", "bits_per_character", "perplexity", "in"]


def test_a_column_with_the_name_of_a_figure_is_kept_under_another_name(run, counted, tmp_path):
    run("sample", counted, "-n", "3", "--seed", "1", "-o", "made.csv")
    ran = run("score", counted, "--in", "made.csv", "-o", "scored.csv")
    assert "the column 'in' of the input is written as 'input_in'" in ran.err
    header, *rows = csv.reader(io.StringIO((tmp_path / "scored.csv").read_text()))
    assert header == ["word", "nats", "bits_per_character", "perplexity", "in", "input_in"]
    assert {row[-1] for row in rows} == {"new"}


def test_a_figure_has_one_name_in_all_formats(run, counted):
    for command, flags in (("score", ["--percentile", "--threshold", "3"]), ("guess", ["--samples", "50"])):
        table, rows = (run(command, counted, "anna", *flags, "--format", form).out for form in ("csv", "jsonl"))
        assert set(table.splitlines()[0].split(",")) <= json.loads(rows).keys()


def test_batches_and_the_cache_of_lines_change_nothing(run, counted, monkeypatch):
    stdin = "\n".join(WORDS * 5).encode()
    whole = run("score", counted, stdin=stdin).out
    monkeypatch.setattr(word_reader, "WORDS_AT_ONCE", 3)
    assert run("score", counted, stdin=stdin).out == whole
    monkeypatch.setattr(word_streams, "CACHED_CHARACTERS", 0)
    assert run("score", counted, stdin=stdin).out == whole
    assert len(whole.splitlines()) == 26


def test_a_block_ends_where_its_characters_are_many(tmp_path, monkeypatch):
    (tmp_path / "long.txt").write_text(("a" * 1000 + "\n") * 10)
    monkeypatch.setattr(word_reader, "CHARACTERS_AT_ONCE", 2500)
    assert [len(block.words) for block in WordReader(str(tmp_path / "long.txt"))] == [3, 3, 3, 1]


BAD = {
    "an unknown character": ("w.txt", b"anna\n\nxa\n", "line 3: the model does not know the character 'x'"),
    "not UTF-8": ("w.txt", b"anna\nn\xffn\n", "line 2: byte 0xff is not valid UTF-8"),
    "a NUL byte": ("w.csv", b"word\nanna\nn\0n\n", "line 3: a NUL byte"),
    "a tab after words alone": ("w.txt", b"anna\nhen\t3\n", "line 2: expected a word without a tab, as on line 1"),
    "no count": ("w.txt", b"anna\t1\nhen\tx\n", "line 2: expected word<TAB>count"),
    "a field too many": ("w.csv", b"word,n\nanna,1\nhen,2,3\n", "line 3: 3 fields, where the first line names 2"),
    "an open quote": ("w.csv", b'word,n\nanna,1\n"hen,2\n', "line 3: this is not CSV"),
    "no JSON": ("w.jsonl", b'"anna"\nhen\n', "line 2: this is not JSON"),
    "no string": ("w.jsonl", b'"anna"\n{"word": 3}\n', "line 2: expected a string, or an object with a string 'word'"),
    "no such key": ("w.jsonl", b'"anna"\n{"name": "hen"}\n', "line 2: expected a string, or an object"),
}


@pytest.mark.parametrize(("command", "case"), [*(("score", case) for case in BAD), ("guess", "an unknown character")])
def test_a_bad_line_is_named_after_the_lines_before_it_are_written(run, counted, tmp_path, case, command, monkeypatch):
    name, content, says = BAD[case]
    (tmp_path / name).write_bytes(content)
    monkeypatch.setattr(word_reader, "WORDS_AT_ONCE", 1)
    flags = ["--samples", "50"] if command == "guess" else []
    ran = run(command, counted, "--in", name, *flags)
    assert ran.status == 1
    assert [line.split("\t")[0] for line in ran.out.splitlines()] == ["word", "anna"]
    assert ran.err.startswith(f"morelike: '{name}', {says}")


def test_of_the_block_with_a_bad_word_what_stands_before_is_written(run, counted):
    ran = run("score", counted, stdin=b"anna\nhen\nanxa\nnan\n")
    assert [line.split("\t")[0] for line in ran.out.splitlines()] == ["word", "anna", "hen"]
    assert "standard input, line 3: the model does not know the character 'x'" in ran.err


@pytest.mark.parametrize("flags", [["score", "--json"], ["score", "--detail"], ["guess", "--json", "--samples", "20"]])
def test_a_bad_word_has_its_line_in_json_too(run, counted, flags):
    command, *rest = flags
    line = complaint(run(command, counted, *rest, stdin=b"anna\n\nanxa\n"), 1)
    assert "standard input, line 3: the model does not know the character 'x'" in line


WRONG = {
    "no file": (["--in", "none.csv"], 1, "no list 'none.csv'"),
    "an unknown ending": (["--in", "words.doc"], 2, "its ending names no format"),
    "an unknown ending to write": (["anna", "-o", "words.doc"], 2, "its ending names no format"),
    "plain lines to write": (["anna", "--format", "lines"], 2, "plain lines cannot hold"),
    "no such column": (["--in", "w.csv", "--column", "nmae"], 2, "no column 'nmae'; its first line names name, n; did"),
    "no column named": (
        ["--in", "w.csv"],
        2,
        "no column 'word'; its first line names name, n: name the column that holds the words",
    ),
    "a column of plain lines": (["--in", "w.txt", "--column", "x"], 2, "plain lines have no columns"),
    "an empty file": (["--in", "empty.csv"], 1, "is empty"),
    "only blank lines": (["--in", "blank.txt"], 1, "is empty"),
    "words and a file": (
        ["anna", "--in", "w.txt"],
        2,
        "words are given as arguments and as a file: leave out the arguments, or --in,",
    ),
    "the same file": (["--in", "w.txt", "-o", "w.txt", "--format", "csv"], 2, "write to another file"),
    "a folder to write to": (["anna", "-o", "no/w.csv"], 2, "cannot be written"),
    "JSON and a file": (["anna", "--json", "-o", "w.jsonl"], 2, "--json prints one value"),
}


@pytest.mark.parametrize(
    ("command", "case"), [*(("score", case) for case in WRONG), ("guess", "plain lines to write"), ("guess", "no file")]
)
def test_a_source_or_an_output_that_cannot_be_used_is_refused_in_one_sentence(run, counted, tmp_path, case, command):
    arguments, status, says = WRONG[case]
    for name, content in {
        "w.csv": "name,n\nanna,1\n",
        "w.txt": "anna\n",
        "empty.csv": "",
        "blank.txt": "\n \n",
    }.items():
        (tmp_path / name).write_text(content)
    flags = ["--samples", "20"] if command == "guess" else []
    assert says in complaint(run(command, counted, *arguments, *flags), status)
    assert (tmp_path / "w.txt").read_text() == "anna\n"


def test_what_cannot_be_read_leaves_the_output_as_it_was(run, counted, tmp_path):
    (tmp_path / "old.csv").write_text("mine")
    run("score", counted, "--in", "none.txt", "-o", "old.csv")
    assert (tmp_path / "old.csv").read_text() == "mine"


def test_a_word_with_a_tab_goes_into_csv_and_not_into_tsv(run, counted):
    flags = ["--in-format", "jsonl", "--unknown", "reserve"]
    assert "TSV cannot" in run("score", counted, *flags, stdin=b'"an\\tna"\n').err
    ran = run("score", counted, *flags, "--format", "csv", stdin=b'"an\\tn\\"a"\n')
    assert read(ran.out, "csv")[0]["word"] == 'an\tn"a'


def test_percentile_and_threshold_are_columns_of_each_word(run, counted):
    ran = run("score", counted, "anna", "hhhhhhh", "--percentile", "--threshold", "fpr=0.4")
    header, anna, other = [line.split("\t") for line in ran.out.splitlines()]
    assert header == ["word", "nats", "bits_per_character", "perplexity", "in", "percentile", "alike"]
    assert (anna[-1], other[-1]) == ("yes", "no")
    assert ran.status == 0
    assert "40 % of the held-out words of like length have more" in ran.err
    assert "Few held-out words have 4, 7 characters" in ran.err
    found = run("score", counted, "anna", "hhhhhhh", "--percentile", "--threshold", anna[2], "--json").json["words"]
    assert [row["alike"] for row in found] == [row["bits_per_character"] <= float(anna[2]) for row in found]
    assert found[0]["peers"]["words"] == 2


def test_odd_characters_are_marked_where_held_out_words_are_known(run, counted):
    found = run("score", counted, "ahhhhna", "--detail", "--json").json["words"][0]["surprisal"]
    assert {each["odd"] for each in found} == {True, False}
    marked = [f"{each['character'] or '⏎'} {each['bits']:.2f}{'!' if each['odd'] else ''}" for each in found]
    assert run("score", counted, "ahhhhna", "--detail").out.rstrip().endswith("\t" + "  ".join(marked))
    (row,) = read(run("score", counted, "ahhhhna", "--detail", "--format", "jsonl").out, "jsonl")
    assert row["surprisal"] == found
    assert "needs JSONL" in complaint(run("score", counted, "anna", "--detail", "--format", "csv"), 2)


def test_a_model_without_its_list_says_so_and_takes_one(run, counted, listed, tmp_path):
    LanguageModel.load(counted / "model").save(tmp_path / "alone")
    ran = run("score", "alone", "anna", "--detail")
    assert ran.out
    assert "!" not in ran.out
    assert "No odd characters are marked: nothing here names the list" in ran.err
    assert "(see --list)" in complaint(run("score", "alone", "anna", "--percentile"), 2)
    given, found = (
        run("score", model, *flags, "anna", "--percentile", "--json").json
        for model, *flags in (["alone", "--list", listed], [counted])
    )
    assert given == found


@pytest.mark.parametrize("threshold", ["fpr=", "fpr=x", "much", "fpr=2", "fpr=nan", "fpr=0.01"])
def test_a_threshold_that_makes_no_sense_is_refused(run, counted, threshold):
    line = complaint(run("score", counted, "anna", "--threshold", threshold), 2)
    assert "fpr" in line


def test_guess_gives_an_interval_and_bits(run, counted):
    header, anna, other = [
        line.split("\t") for line in run("guess", counted, "anna", "hhhhhh", "--samples", "500").out.splitlines()
    ]
    assert header == ["word", "guesses", "low", "high", "bits", "low_bits", "high_bits"]
    for row in (anna, other):
        assert float(row[2]) <= float(row[1]) <= float(row[3])
        assert float(row[5]) <= float(row[4]) <= float(row[6])
    assert float(anna[1]) < float(other[1])
    found = run("guess", counted, "anna", "--samples", "500", "--json").json
    assert found["words"][0]["guesses"] == pytest.approx(float(anna[1]), rel=1e-3)


@pytest.mark.parametrize("form", ["lines", "csv", "tsv", "jsonl"])
def test_sampled_words_are_written_in_every_format(run, counted, tmp_path, form):
    words = run("sample", counted, "-n", "4", "--seed", "1", "--no-novel").out.split()
    ran = run("sample", counted, "-n", "4", "--seed", "1", "--no-novel", "--format", form)
    if form == "lines":
        assert ran.out.split() == words
        return
    rows = [json.loads(line) for line in ran.out.splitlines()] if form == "jsonl" else None
    rows = rows or list(csv.DictReader(io.StringIO(ran.out), delimiter="," if form == "csv" else "\t"))
    known = LanguageModel.load(counted / "model").known
    assert rows == [{"word": word, "in": known.split_of(word)} for word in words]
    run("sample", counted, "-n", "4", "--seed", "1", "--no-novel", "-o", f"made.{form}")
    assert (tmp_path / f"made.{form}").read_text() == ran.out


def test_a_reader_of_the_output_that_ends_early_is_no_error(counted, tmp_path):
    (tmp_path / "many.txt").write_text("anna\nhen\nnan\n" * 20_000)
    command = [sys.executable, "-m", "morelike", "score", str(counted), "--in", "many.txt"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline().startswith(b"word")
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


def test_places_of_many_words_equal_the_place_of_each(counted):
    known = LanguageModel.load(counted / "model").known
    words = [*WORDS, "ehen", "hana", "nah", "zzz", ""]
    assert known.splits_of(words) == [known.split_of(word) for word in words]
    assert known.splits_of([]) == []


def test_the_cache_of_lines_stays_bounded(monkeypatch):
    monkeypatch.setattr(word_streams, "CACHED_CHARACTERS", 1000)
    cache = word_streams._LineCache(lambda words: [{"word": word} for word in words], lambda row: row["word"] + "\n")
    most = 0
    for block in range(200):
        words = [f"{block * 10 + i:05}" for i in range(10)]
        assert list(cache.lines(words)) == [word + "\n" for word in words]
        most = max(most, len(cache._cached))
    assert most < 150


def test_a_score_that_fails_midway_leaves_the_old_file(run, counted, tmp_path, monkeypatch):
    (tmp_path / "old.csv").write_text("mine")
    (tmp_path / "q.txt").write_text("anna\nhen\nanxa\n")
    monkeypatch.setattr(word_reader, "WORDS_AT_ONCE", 1)
    assert "line 3: the model does not know" in complaint(run("score", counted, "--in", "q.txt", "-o", "old.csv"), 1)
    assert (tmp_path / "old.csv").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.csv", "q.txt"]


def test_a_replaced_file_is_noted(run, counted, tmp_path):
    assert "Replaced" not in run("sample", counted, "-n", "2", "-o", "made.csv").err
    assert "Replaced: made.csv" in run("sample", counted, "-n", "2", "-o", "made.csv").err


def test_a_pipe_is_written_and_stays_a_pipe(run, counted, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert run("score", counted, "anna", "-o", "pipe", "--format", "csv").status == 0
        assert os.read(reader, 1000).startswith(b"word,nats")
    finally:
        os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("form", ["txt", "csv", "tsv", "jsonl"])
def test_words_that_were_sampled_are_left_out_whatever_their_format(run, counted, form):
    run("sample", counted, "-n", "5", "--seed", "1", "-o", f"made.{form}")
    again = run("sample", counted, "-n", "5", "--seed", "1", "--not-in", f"made.{form}").out.split()
    assert not set(again) & set(run("sample", counted, "-n", "5", "--seed", "1").out.split())


def test_an_unknown_character_does_not_end_a_batch_of_guesses_if_it_is_skipped(run, counted, tmp_path):
    (tmp_path / "q.csv").write_text("word\nanna\nh@nna\n@@\nhanna\n")
    ran = run("guess", counted, "--in", "q.csv", "--unknown", "skip", "--samples", "50", "--format", "csv")
    assert [row["word"] for row in csv.DictReader(io.StringIO(ran.out))] == ["anna", "h@nna", "@@", "hanna"]
    assert "does not know the character" in complaint(run("guess", counted, "h@nna", "--samples", "50"), 1)


@pytest.mark.parametrize(
    "command",
    [
        ["measure", "anna"],
        ["top", "-n", "3"],
        ["similar", "anna", "-n", "2", "--by", "edits"],
        ["match", "a.txt", "b.txt", "-n", "1"],
    ],
)
def test_tables_are_written_in_every_format(run, counted, tmp_path, command):
    (tmp_path / "a.txt").write_text("anna\nhenna\n")
    (tmp_path / "b.txt").write_text("hanne\nnena\n")
    name, *rest = command
    tsv, table, rows = (run(name, counted, *rest, "--format", form).out for form in ("tsv", "csv", "jsonl"))
    assert table == tsv.replace("\t", ",")
    assert len(rows.splitlines()) == len(table.splitlines()) - 1
    assert set(table.splitlines()[0].split(",")) <= json.loads(rows.splitlines()[0]).keys()
    run(name, counted, *rest, "-o", "table.csv")
    assert (tmp_path / "table.csv").read_text() == table


def test_words_of_a_slow_pipe_are_scored_as_they_come(counted, tmp_path):
    command = [sys.executable, "-m", "morelike", "score", str(counted), "--in-format", "csv"]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for sent, expected in ((b"word\nanna\n", b"anna\t"), (b'"nan"\n', b"nan\t")):
            process.stdin.write(sent)
            process.stdin.flush()
            line = process.stdout.readline()
            assert (process.stdout.readline() if line.startswith(b"word\t") else line).startswith(expected)
        process.stdin.close()
        assert process.wait(60) == 0


def test_a_word_after_two_hyphens_may_begin_with_one(run, counted, tmp_path):
    (tmp_path / "-list.txt").write_text("anna\nhanna\n")
    assert run("evaluate", "--json", "--", counted, "-list.txt").json["list"] == "-list"
    assert "unknown option: -list.txt" in complaint(run("evaluate", counted, "-list.txt"), 2)
    assert "`-` names no word" in complaint(run("score", counted, "-"), 2)
