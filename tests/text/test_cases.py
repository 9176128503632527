"""Small lists that were once read wrongly, in every format: each has one right reading."""

import subprocess
import sys
from pathlib import Path

import pytest

from morelike.errors import ListError, SettingError
from morelike.text.formats.options import ReadingOptions
from morelike.text.reading import read_corpus
from morelike.text.store.build import build_store

CASES = Path(__file__).parents[1] / "cases"
FIRST = ReadingOptions(counts="first")
RIGHT = {
    "cr_only.txt": (["anna", "zoe", "hannah"], None),
    "two_boms.txt": (["anna", "zoe", "hannah", "mia"], None),
    "utf16.txt": (["anna", "zoe", "hannah"], None),
    "with_header.csv": (["smith, jr", "anna", 'o"neil', "zoë"], [31, 13, 7, 2]),
    "without_header.csv": (["abc", "name", "anna"], None),
    "words.jsonl": (["anna", "zoë"], [3, 1]),
    "unknown_in_batch.csv": (["hello", "P@ss", "world"], None),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_list_of_any_format_has_its_words_and_its_counts(name, tmp_path):
    words, counts = RIGHT[name]
    corpus = read_corpus(CASES / name)
    assert (corpus.words, corpus.counts) == (words, counts)
    store = build_store(CASES / name, tmp_path / "store")
    assert sorted(store.corpus.words) == sorted(words)
    assert (store.corpus.counts is None) == (counts is None)


def test_the_counts_of_uniq_are_read_if_asked_and_otherwise_the_message_tells_how():
    corpus = read_corpus(CASES / "uniq_c.txt", options=FIRST)
    assert (corpus.words, corpus.counts) == (["anna", "zoe", "hannah"], [3, 1, 12])
    with pytest.raises(ListError, match="--counts first"):
        read_corpus(CASES / "uniq_c.txt")
    assert read_corpus(CASES / "uniq_c.txt", options=ReadingOptions(counts="none")).words[0] == "3 anna"


def test_an_unexpected_tab_is_reported_on_its_own_line():
    with pytest.raises(ListError, match=r"line 700: expected a word without a tab, as on line 1, got"):
        read_corpus(CASES / "stray_tab_line_700.txt")


@pytest.mark.parametrize("blank", ["", "\n  \n"])
def test_json_lines_without_a_format_are_refused_and_the_message_tells_how(blank, tmp_path):
    (tmp_path / "list.txt").write_text(blank + (CASES / "words.jsonl").read_text("utf-8"), "utf-8")
    with pytest.raises(ListError, match=r"line [13]: .* --in-format jsonl, .* --in-format lines"):
        read_corpus(tmp_path / "list.txt")
    assert read_corpus(tmp_path / "list.txt", options=ReadingOptions("jsonl")).words[0] == "anna"
    assert read_corpus(tmp_path / "list.txt", options=ReadingOptions("lines")).words[0].startswith("{")


@pytest.mark.parametrize("first", ["{anna}", "{}", "[1]", '"anna"', "{" * 5000])
def test_a_first_word_that_is_no_json_object_is_a_word(first, tmp_path):
    (tmp_path / "list.txt").write_text(first + "\nzoe\n")
    assert read_corpus(tmp_path / "list.txt").words == [first, "zoe"]


def test_words_in_place_of_a_path_are_refused_in_one_sentence(tmp_path):
    code = """
import morelike, numpy
from morelike.errors import ListError
for read in (morelike.read_lines, morelike.read_text, lambda words: morelike.build_store(words, "words.store")):
    for words in (numpy.array(["anna", "zoe"]), ["anna"], (word for word in ["anna"])):
        try:
            read(words)
        except ListError as error:
            print(error)
"""
    command = [sys.executable, "-c", code]  # signatures are not checked in another process
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    messages = ran.stdout.splitlines()
    assert len(messages) == 9
    assert all("expected a path, " in each and "write words to a file first" in each for each in messages)
    assert not [*tmp_path.iterdir()]


def test_a_count_of_zero_has_its_line():
    corpus = read_corpus(CASES / "counts_zero.tsv")
    assert corpus.zero_count.endswith("counts_zero.tsv', line 2")


ZERO_COUNTS = {
    "list.tsv": ("anna\t3\nzoe\t0\n", ReadingOptions()),
    "list.txt": ("anna\t3\nzoe\t0\n", ReadingOptions()),
    "list.csv": ("word,count\nanna,3\nzoe,0\n", ReadingOptions()),
    "list.jsonl": ('{"word": "anna", "count": 3}\n{"word": "zoe", "count": 0}\n', ReadingOptions()),
    "uniq.txt": ("3 anna\n0 zoe\n", FIRST),
}


@pytest.mark.parametrize("name", ZERO_COUNTS)
def test_no_store_is_built_of_a_count_of_zero_whose_line_is_named(name, tmp_path):
    text, options = ZERO_COUNTS[name]
    (tmp_path / name).write_text(text)
    line = 3 if name == "list.csv" else 2
    with pytest.raises(ListError, match=rf"{name}', line {line}: a word has the count 0"):
        build_store(tmp_path / name, tmp_path / "z.store", options=options)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("read", [read_corpus, lambda path: build_store(path, "unused.store")])
def test_a_list_of_nothing_but_a_byte_order_mark_is_empty(read, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ListError, match="is empty"):
        read(CASES / "bom_only.txt")
    assert not (tmp_path / "unused.store").exists()


HEADERS = {
    "a column that is asked for": ("id,name\n1,anna\n", "name", ["anna"]),
    "semicolons": ("id;word;freq\n1;anna;3\n", None, ["anna"]),
    "upper case": ("Word\nanna\n", None, ["anna"]),
    "no header but counts": ("anna,3\nzoe,1\n", None, ["anna", "zoe"]),
    "no header but labels": ("anna,,girl\nbob,,boy\n", None, ["anna", "bob"]),
    "the word word with a count": ("word,3\nanna,1\n", None, ["word", "anna"]),
    "a quoted line end": ('id,word\n1,"an\nna"\n', None, None),
    "two columns without a name": ("anna,blue\nzoe,red\n", None, SettingError),
    "a likely name": ("name\nanna\n", None, SettingError),
    "a likely name that is asked for": ("name\nanna\n", "name", ["anna"]),
    "a count that is no number": ("word,freq\nanna,3\nzoe,x\n", None, ListError),
    "a missing count": ("word,freq\nanna,3\nzoe,\n", None, ListError),
}


@pytest.mark.parametrize("case", HEADERS)
def test_the_first_line_of_csv_is_a_header_if_it_names_the_column_of_words(case, tmp_path):
    text, column, expected = HEADERS[case]
    (tmp_path / "list.csv").write_text(text, "utf-8")
    options = ReadingOptions(column=column)
    if isinstance(expected, list):
        assert read_corpus(tmp_path / "list.csv", options=options).words == expected
    else:
        with pytest.raises(expected or ListError):
            read_corpus(tmp_path / "list.csv", options=options)


def test_plain_lines_with_a_header_and_tabs_are_a_table(tmp_path):
    (tmp_path / "scores.txt").write_text("word\tnats\tin\nanna\t3.5\tnew\n\nzoe\t4.5\ttrain\n")
    assert read_corpus(tmp_path / "scores.txt").words == ["anna", "zoe"]


@pytest.mark.parametrize("name", ["list.json", "list.xls", "list.docx", "list.gz"])
def test_a_file_of_another_format_is_refused_by_its_ending(name, tmp_path):
    (tmp_path / name).write_text("anna\n")
    with pytest.raises(SettingError, match="its ending names no format"):
        read_corpus(tmp_path / name)
    assert read_corpus(tmp_path / name, options=ReadingOptions("lines")).words == ["anna"]


def test_a_workbook_is_read_by_its_columns(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["id", "word", "freq"], [1, "anna", 3], [None, None, None], [2, "zoë", 1.0], [3, 17, 2]):
        book.active.append(row)
    book.save(tmp_path / "list.xlsx")
    corpus = read_corpus(tmp_path / "list.xlsx")
    assert (corpus.words, corpus.counts, corpus.blank) == (["anna", "zoë", "17"], [3, 1, 2], 1)


def test_a_file_that_is_no_workbook_is_refused(tmp_path):
    (tmp_path / "list.xlsx").write_text("anna\n")
    with pytest.raises(ListError, match="is not a workbook"):
        read_corpus(tmp_path / "list.xlsx")


def test_the_error_without_openpyxl_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    (tmp_path / "list.xlsx").write_bytes(b"")
    with pytest.raises(ListError, match=r"pip install 'morelike\[xlsx\]'"):
        read_corpus(tmp_path / "list.xlsx")


def test_words_that_lost_white_space_at_their_ends_are_counted(tmp_path):
    (tmp_path / "list.txt").write_text(" secret\n\n   \nother\npass \n")
    corpus = read_corpus(tmp_path / "list.txt")
    assert (corpus.words, corpus.trimmed, corpus.blank) == (["secret", "other", "pass"], 2, 2)


@pytest.mark.parametrize("name", ["list.txt", "list.tsv", "list.csv", "list.jsonl"])
def test_combining_marks_without_end_are_refused_at_once_with_their_line(name, tmp_path):
    word = "a" + "\u0301" * 25_000 + "\u0316" * 25_000  # ordering these marks takes ten seconds
    start = {".tsv": "emma\t3\n", ".jsonl": '"emma"\n'}.get(name[-4:] if name != "list.jsonl" else ".jsonl", "word\n")
    line = {"list.tsv": f"{word}\t3\n", "list.jsonl": f'"{word}"\n'}.get(name, word + "\n")
    (tmp_path / name).write_text(start + line, "utf-8")
    with pytest.raises(ListError, match="line 2: more than 100 combining marks in a row"):
        read_corpus(tmp_path / name)


def test_a_line_that_is_too_long_only_in_normal_form_is_refused_with_its_line(tmp_path):
    (tmp_path / "list.txt").write_text("emma\n" + "\u0958" * 60_000 + "\n", "utf-8")  # each becomes two
    with pytest.raises(ListError, match=r"line 2: 120,000 characters; a line may have at most 100,000"):
        read_corpus(tmp_path / "list.txt")
