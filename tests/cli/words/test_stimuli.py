"""The commands about single words: similar, pseudowords, measure, match."""

import pytest

from morelike.evaluation.lexical import COLUMNS
from morelike.sampling.constraints.settings import Constraints

from ..conftest import WORDS
from ..test_bad_input import complaint

FEW = "The list is too small for 20 neighbours: old20 is the mean over 19."


def table(ran):
    assert ran.status == 0, ran.err
    return [line.split("\t") for line in ran.out.splitlines()]


def test_similar_words_are_rows_with_cosine_and_edits(run, trained):
    head, *rows = table(run("similar", trained, "anna", "nnnn", "-n", "3"))
    assert head == ["word", "similar", "cosine", "edits"]
    assert [row[0] for row in rows] == ["anna"] * 3 + ["nnnn"] * 3
    assert {row[1] for row in rows} <= {*WORDS}
    assert all(-1 <= float(row[2]) <= 1 for row in rows)


def test_similar_words_by_edits_need_no_embedding(run, counted):
    head, *rows = table(run("similar", counted, "hana", "--by", "edits", "-n", "2"))
    assert (head, rows) == (["word", "similar", "edits"], [["hana", "hanna", "1"], ["hana", "ana", "1"]])
    assert (
        run("similar", counted, "hana", "-n", "2").out
        == run("similar", counted, "hana", "--by", "edits", "-n", "2").out
    )
    assert run("similar", counted, "hana", "--json").json["by"] == "edits"
    says = "a model of kind ngram has no word embedding"
    assert says in complaint(run("similar", counted, "hana", "--by", "embedding"), 2)


def test_similar_as_json_and_of_another_list(run, trained, tmp_path):
    (tmp_path / "own.txt").write_text("hen\nhehe\n")
    (found,) = run("similar", trained, "hen", "--list", "own.txt", "--json").json["words"]
    assert found["word"] == "hen"
    assert [(each["word"], each["edits"]) for each in found["similar"]] == [("hehe", 2)]


def test_measures_are_a_row_for_each_word_from_a_pipe_too(run, counted):
    ran = run("measure", counted, "anna", "nnaa")
    head, anna, nnaa = table(ran)
    assert head == ["word", *COLUMNS]
    assert (anna[:2], nnaa[:2]) == (["anna", "4"], ["nnaa", "4"])
    assert FEW in ran.err
    assert run("measure", counted, stdin=b"anna\nnnaa\n").out == ran.out


def test_measures_as_json_have_plain_names(run, counted):
    found = run("measure", counted, "anna", "--json").json
    assert found["nearest"] == 19
    assert list(found["words"][0]) == ["word", *COLUMNS]


def test_pseudowords_stand_below_their_word(run, counted):
    ran = run("pseudowords", counted, "hanna", "-n", "3", "--candidates", "20", "--seed", "1")
    head, base, *rows = table(ran)
    assert head == ["base", "word", "distance", *COLUMNS]
    assert base[:4] == ["hanna", "hanna", "0.000", "5"]
    assert [(row[0], len(row[1])) for row in rows] == [("hanna", 5)] * 3
    assert [float(row[2]) for row in rows] == sorted(float(row[2]) for row in rows)
    assert FEW in ran.err


def test_pseudowords_as_json_tell_seed_and_candidates(run, counted):
    found = run("pseudowords", counted, "hanna", "nena", "-n", "2", "--candidates", "20", "--seed", "1", "--json").json
    assert (found["seed"], found["nearest"]) == (1, 19)
    assert [each["base"]["word"] for each in found["words"]] == ["hanna", "nena"]
    assert all(len(each["pseudowords"]) == 2 <= each["candidates"] for each in found["words"])


@pytest.fixture
def two_lists(tmp_path):
    (tmp_path / "a.txt").write_text("anna\nhen\nhannah\nnan\n")
    (tmp_path / "b.txt").write_text("nanna\nehe\nhennah\nnahnah\n")
    (tmp_path / "both.tsv").write_text(
        "anna\ta\nhen\ta\nnanna\tb\n\nhannah\ta\r\nnan\ta\nehe\tb\nhennah\tb\nnahnah\tb\n"
    )


@pytest.mark.usefixtures("two_lists")
def test_matched_sets_are_a_row_for_each_word(run, counted):
    ran = run("match", counted, "a.txt", "b.txt", "-n", "2")
    head, *rows = table(ran)
    assert head == ["set", "list", "word", "distance", *COLUMNS]
    assert [row[:2] for row in rows] == [["1", "a"], ["1", "b"], ["2", "a"], ["2", "b"]]
    assert "d after" in " ".join(ran.err.split())
    assert run("match", counted, "both.tsv", "--groups", "-n", "2").out == ran.out


@pytest.mark.usefixtures("two_lists")
def test_how_well_lists_match_is_a_table_too_and_json_has_all(run, counted):
    head, *rows = table(run("match", counted, "a.txt", "b.txt", "-n", "2", "--summary", "--on", "length, bits"))
    assert head[:2] == ["column", "list"]
    assert head[-1] == "paired p after"
    assert [row[:2] for row in rows] == [[column, name] for column in COLUMNS for name in "ab"]
    found = run("match", counted, "a.txt", "b.txt", "-n", "2", "--on", "length,bits", "--json").json
    assert (found["lists"], found["on"], len(found["sets"])) == (["a", "b"], ["length", "bits"], 2)
    assert found["before"]["b"]["length"].keys() == {"mean", "sd", "d", "p"}
    assert found["sets"][0]["words"].keys() == {"a", "b"}


@pytest.mark.usefixtures("two_lists")
@pytest.mark.parametrize(
    ("arguments", "says", "status"),
    [
        (["a.txt", "b.txt", "-n", "5"], "the lists have 4 and 4 words; ask for 1 to 4 sets", 2),
        (["a.txt", "-n", "1"], "matching takes two lists or more, or one with --groups", 2),
        (["a.txt", "b.txt", "--groups", "-n", "1"], "--groups takes one list with a column of groups, not 2", 2),
        (["a.txt", "--groups", "-n", "1"], "'a.txt', line 1: expected word<TAB>group, got 'anna'", 1),
        (["a.txt", "a.txt", "-n", "1"], "the list 'a.txt' is given twice", 2),
        (["a.txt", "none.txt", "-n", "1"], "no list 'none.txt'", 1),
        (["a.txt", "b.txt", "-n", "1", "--on", "lenght"], "did you mean 'length'?", 2),
        (["a.txt", "b.txt"], "--count", 2),
    ],
)
def test_lists_that_cannot_be_matched(run, counted, arguments, says, status):
    assert says in complaint(run("match", counted, *arguments), status)


@pytest.mark.parametrize("command", ["similar", "pseudowords", "measure"])
def test_the_only_errors_are_a_missing_model_and_unknown_characters(run, trained, command):
    assert "standard input is empty" in complaint(run(command, trained), 1)
    assert "no model 'nothing'" in complaint(run(command, "nothing", "anna"), 1)
    assert "does not know the character 'x'" in complaint(run(command, trained, "anxa"), 1)


def test_a_model_of_running_text_is_refused(run, tmp_path):
    (tmp_path / "text.txt").write_text("anna hen nan " * 40)
    ran = run("train", "text.txt", "--as", "text", "--model", "ngram", "--order", "2", "--no-report")
    assert ran.status == 0
    for command in ("similar", "pseudowords", "measure"):
        assert "a model of words is needed" in complaint(run(command, "latest", "anna"), 2)


def test_pseudowords_take_the_constraints_of_sample(run, counted, tmp_path):
    _, _, *rows = table(run("pseudowords", counted, "hanna", "-n", "2", "--candidates", "20", "--suffix", "e"))
    assert all(word.endswith("e") for _, word, *_ in rows)
    assert "leave out --max-length 3" in complaint(run("pseudowords", counted, "hanna", "--max-length", "3"), 2)
    (tmp_path / "no.txt").write_text("nn\nha\n")
    _, _, *rows = table(run("pseudowords", counted, "hanna", "-n", "2", "--candidates", "20", "--block", "no.txt"))
    assert not any("nn" in word or "ha" in word for _, word, *_ in rows)
    helps = [run(name, "--help").out for name in ("sample", "pseudowords")]
    assert all(f"--{name.replace('_', '-')}" in text for name in Constraints.model_fields for text in helps)


@pytest.mark.usefixtures("two_lists")
@pytest.mark.parametrize(("name", "delimiter"), [("grouped.csv", ","), ("headed.tsv", "\t")])
def test_groups_are_read_from_a_table_too(run, counted, tmp_path, name, delimiter):
    rows = [line.split("\t") for line in (tmp_path / "both.tsv").read_text("utf-8").splitlines() if line.strip()]
    text = "".join(f"{number}{delimiter}{word}{delimiter}{group}\n" for number, (word, group) in enumerate(rows))
    (tmp_path / name).write_text(delimiter.join(["id", "word", "group"]) + "\n" + text, "utf-8")
    expected = run("match", counted, "both.tsv", "--groups", "-n", "2").out
    assert run("match", counted, name, "--groups", "-n", "2").out == expected
