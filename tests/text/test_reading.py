import hashlib
import io
import sys
import time
import unicodedata
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.errors import ListError
from morelike.text.lists.catalogue import shipped_lists
from morelike.text.reading import read_corpus, read_lines, read_text
from morelike.text.words import MAX_LINE_LENGTH, clean, fingerprint

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.fixture
def listed(tmp_path):
    def write(data, name="words.txt"):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"emma\nava\n", ["emma", "ava"]),
        (b"emma\nava", ["emma", "ava"]),
        (b"emma\r\nava\r\n", ["emma", "ava"]),
        (b"emma\r\nava", ["emma", "ava"]),
        (b"\xef\xbb\xbfemma\nava\n", ["emma", "ava"]),
        (b"\xef\xbb\xbfemma\r\nava\r\n", ["emma", "ava"]),
        (b"emma\rava\r", ["emma", "ava"]),
        (b"emma\rava\nmia\r\nzoe", ["emma", "ava", "mia", "zoe"]),
        (b"a\x0bb\x0cc\x1cd\x1de\x1ef\n", ["a\x0bb\x0cc\x1cd\x1de\x1ef"]),
        ("a\x85b\u2028c\u2029d\n", ["a\x85b\u2028c\u2029d"]),
        (b"  emma \n\tava\t\n".replace(b"\t", b" "), ["emma", "ava"]),
        (b"mary jane\n", ["mary jane"]),
        (b"ava\nava\n", ["ava", "ava"]),
        (b"a.b\n.\n", ["a.b", "."]),
        (b"x", ["x"]),
    ],
)
def test_only_newlines_end_a_line_and_white_space_around_a_word_is_dropped(listed, data, words):
    assert read_lines(listed(data)) == words


@pytest.mark.parametrize(
    ("data", "blank"),
    [
        (b"a\nb\n", 0),
        (b"a\nb", 0),
        (b"a\n\nb\n", 1),
        (b"\n\na\n \nb\r\n\r\n", 4),
        (b"a\n\n", 1),
        (b"\na", 1),
        (b"a\t1\n\nb\t2\n", 1),
    ],
)
def test_blank_lines_are_dropped_and_counted(listed, data, blank):
    corpus = read_corpus(listed(data))
    assert (corpus.words, corpus.blank) == (["a", "b"][: len(corpus.words)], blank)


@pytest.mark.parametrize("data", [b"", b"\n", b"\n\n\n", b" \r\n\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
@pytest.mark.parametrize("read", [read_lines, read_text])
def test_a_file_without_a_word_is_refused(listed, read, data):
    with pytest.raises(ListError, match=r"words\.txt' is empty: give it"):
        read(listed(data))


@pytest.mark.parametrize("read", [read_lines, read_text])
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a\nb\0c\n", "line 2: a NUL byte, so this is not a text file"),
        (b"\0", "line 1: a NUL byte"),
        (b"\xef\xbb\xbfa\r\n\r\n\0", "line 3: a NUL byte"),
        ("emma\n".encode("utf-16-le"), "line 1: a NUL byte"),
        ("emma\nava\n".encode("utf-16")[:-1], "line 2: byte 0xff is not valid UTF-8"),
        (b"a\nb\nc\xff\n", "line 3: byte 0xff is not valid UTF-8"),
        (b"\xef\xbb\xbfa\nb\xe9\n", "line 2: byte 0xe9 is not valid UTF-8"),
        (b"\xef\xbb\xbf\xe9", "line 1: byte 0xe9 is not valid UTF-8"),
        (b"a\r\n\xed\xa0\x80\n", "line 2: byte 0xed is not valid UTF-8"),
        (b"a\nb\n\xe2\x82", "line 3: byte 0xe2 is not valid UTF-8"),
    ],
)
def test_what_is_not_utf8_text_is_refused_with_its_line(listed, read, data, message):
    with pytest.raises(ListError, match=f"words.txt', {message}"):
        read(listed(data))


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(ListError, match="is a folder: name the file with the list in it"):
        read_lines(tmp_path)


def test_a_missing_file_is_refused_with_the_shipped_lists_and_the_nearest_name(listed):
    path = listed(b"emma\n", "surnames.txt")
    with pytest.raises(ListError) as caught:
        read_lines(path.with_name("surnmaes.txt"))
    message = str(caught.value)
    assert "there is no such file" in message
    assert "mots, names" in message or "names, mots" in message
    assert message.endswith(f"did you mean '{path}'?")


def test_a_misspelled_shipped_list_is_suggested(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ListError, match="did you mean 'names'"):
        read_lines("nmaes")


def test_a_missing_folder_is_refused_too(tmp_path):
    with pytest.raises(ListError, match="there is no such file"):
        read_lines(tmp_path / "nowhere" / "words.txt")


def test_a_name_too_long_for_the_system_is_refused(tmp_path):
    with pytest.raises(ListError, match="cannot be read: "):
        read_lines(tmp_path / ("x" * 5000))


def test_a_second_column_is_read_as_counts(listed):
    corpus = read_corpus(listed(b"\xef\xbb\xbfemma\t12\r\n\r\n ava \t 3 \r\nmary jane\t0007\r\n"))
    assert corpus.words == ["emma", "ava", "mary jane"]
    assert corpus.counts == [12, 3, 7]


def test_a_list_without_a_second_column_has_no_counts(listed):
    assert read_corpus(listed(b"emma\n")).counts is None


@pytest.mark.parametrize(
    "line",
    [
        "ava",
        "ava\t",
        "ava\tmany",
        "\t3",
        " \t3",
        "ava\t-1",
        "ava\t1.5",
        "ava\t1e3",
        "ava\t²",
        "ava\t1_000",
    ],
)
def test_a_bad_count_is_refused_with_its_line(listed, line):
    with pytest.raises(ListError, match=r"words\.txt', line 3: expected word<TAB>count with a whole number, got '"):
        read_corpus(listed(f"emma\t12\n\n{line}\n"))


def test_a_long_bad_line_is_shown_shortened(listed):
    with pytest.raises(ListError) as caught:
        read_corpus(listed("emma\t1\n" + "x" * 5000))
    assert len(str(caught.value)) < 500


def test_a_count_of_thousands_of_digits_is_refused_not_a_crash(listed):
    with pytest.raises(ListError, match="line 2"):
        read_corpus(listed("emma\t1\nava\t" + "9" * 5000))


def test_a_line_too_long_is_refused_quickly_with_its_number(listed):
    path = listed("emma\n" + "x" * 200_000 + "\nava\n")
    began = time.perf_counter()
    with pytest.raises(ListError, match=r"line 2: 200,000 characters; a line may have at most 100,000"):
        read_lines(path)
    assert time.perf_counter() - began < 0.5


def test_the_longest_line_allowed_is_read(listed):
    assert read_lines(listed("x" * MAX_LINE_LENGTH + "\r\n")) == ["x" * MAX_LINE_LENGTH]


def test_words_are_put_in_normal_form_c(listed):
    assert read_lines(listed("Zoe\u0308\nA\u030angstro\u0308m\n\u212b\n")) == ["Zoë", "Ångström", "Å"]


def test_a_word_with_a_column_is_put_in_normal_form_c(listed):
    assert read_corpus(listed("Zoe\u0308\t2\n")).words == ["Zoë"]


@given(ANY_TEXT)
def test_clean_words_are_in_normal_form_c_and_stay_as_they_are(word):
    cleaned = clean(word)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == cleaned.strip() == clean(cleaned)


@given(st.binary(max_size=60) | st.binary(max_size=8).map(lambda noise: b"emma\t1\n" + noise))
def test_any_bytes_are_read_or_refused(data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        try:
            corpus = read_corpus("-")
        except ListError:
            return
    assert all(corpus.words)
    assert all(word == clean(word) and "\n" not in word for word in corpus.words)
    assert corpus.counts is None or len(corpus.counts) == len(corpus.words)


def test_a_dash_reads_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"emma\r\n\r\nava")))
    corpus = read_corpus("-")
    assert (corpus.name, corpus.words, corpus.blank) == ("stdin", ["emma", "ava"], 1)


def test_an_error_in_standard_input_says_so(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"emma\n\xff")))
    with pytest.raises(ListError, match=r"^standard input, line 2: byte 0xff"):
        read_lines("-")


def test_a_list_is_named_after_its_file(listed):
    assert read_corpus(listed(b"emma\n", "my.list.txt")).name == "my.list"


def test_a_file_comes_before_a_shipped_list_of_the_same_name(listed, monkeypatch):
    path = listed(b"only me\n", "names")
    monkeypatch.chdir(path.parent)
    assert read_lines("names") == ["only me"]


def test_a_running_text_keeps_everything_but_the_kind_of_line_end(listed):
    assert read_text(listed("\ufeff one\r\n\r\ntwo\tZoe\u0308 \rthree\n")) == " one\n\ntwo\tZoë \nthree\n"


def test_a_fingerprint_is_the_sha256_of_the_words_one_a_line(listed):
    assert fingerprint(["é", "b"]) == hashlib.sha256("é\nb\n".encode()).hexdigest()
    assert read_corpus(listed("\ufeffé\r\n\r\nb")).fingerprint == fingerprint(["é", "b"])


@pytest.mark.parametrize("name", sorted(shipped_lists()))
def test_a_shipped_list_is_what_the_catalogue_says(name):
    facts = shipped_lists()[name]
    corpus = read_corpus(name)
    assert (corpus.name, len(corpus.words), corpus.blank, corpus.counts) == (name, facts.lines, 0, None)
    assert all([facts.title, facts.source, facts.licence, facts.date])


def test_the_shipped_names_are_lower_case_latin_commonest_first_and_many_stand_twice():
    words = read_lines("names")
    assert words[:3] == ["emma", "olivia", "ava"]
    assert set().union(*words) == set("abcdefghijklmnopqrstuvwxyz")
    assert len(set(words)) == 29_619
    assert sum(map(len, words)) + len(words) == 229_201


def test_the_shipped_mots_are_distinct_and_sorted():
    words = read_lines("mots")
    assert len(set(words)) == len(words)
    assert words == sorted(words)
    assert len(set().union(*words)) == 46
    assert sum(map(len, words)) + len(words) == 134_071
