"""A running text: one stream in which line ends are characters, and of which no end is ever to be predicted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.errors import ListError, SettingError, VocabularyError
from morelike.text.examples.packed_rows import IGNORED, text_rows
from morelike.text.reading import read_corpus, read_text
from morelike.text.splits import split_text
from morelike.text.vocabulary import END, TokenLines, Vocabulary

TEXTS = st.text("ab\n ", max_size=400)


@given(text=TEXTS)
def test_a_contiguous_split_cuts_at_80_and_90_per_cent_and_loses_nothing(text):
    splits = split_text(text)
    assert "".join([*splits.train, *splits.dev, *splits.test]) == text
    if splits.dev:
        assert splits.note == ""
        lengths = [len(text) for (text,) in (splits.train, splits.dev, splits.test)]
        assert lengths[0] == int(0.8 * len(text))
        assert sum(lengths[:2]) == int(0.9 * len(text))
        assert min(lengths) >= 2


@pytest.mark.parametrize("length", [2, 5, 10, 15])
def test_a_text_too_short_to_split_is_kept_whole_and_the_note_says_so(length):
    splits = split_text("ab" * length)
    if length >= 10:
        assert (len(splits.dev), len(splits.test), splits.note) == (1, 1, "")
        return
    assert (splits.train, splits.dev, splits.test) == (["ab" * length], [], [])
    assert splits.note == (
        f"{2 * length} characters are too few to hold any out: all are used for training, so there is no score on "
        "words the model has not seen"
    )


def test_the_split_none_holds_nothing_out_and_says_nothing():
    splits = split_text("ab\n" * 100, "none")
    assert (splits.train, splits.dev, splits.test, splits.note) == (["ab\n" * 100], [], [], "")


@pytest.mark.parametrize("name", ["shuffle-42", "hash", "makemore", "first-5", "", "contigous"])
def test_a_text_is_not_split_by_the_rules_of_lists(name):
    with pytest.raises(SettingError) as caught:
        split_text("ab\n" * 100, name)
    assert str(caught.value) == f"a running text is not split by '{name}': choose among contiguous, none"


@given(text=st.text("xyzé🙂\n \t", min_size=1, max_size=60))
def test_line_ends_are_characters_like_any_other(text):
    vocabulary = Vocabulary.of([text])
    lines = vocabulary.encode_text(text)
    assert lines.offsets.tolist() == [0, len(text) + 1]
    assert lines.tokens.dtype == np.int32
    assert lines.tokens.tolist() == [*vocabulary.encode(text), END]
    assert END not in lines.tokens[:-1]
    assert vocabulary.decode(lines.tokens.tolist()) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ab\nxa", "'x' (U+0078) at position 4 of 'ab\\nxa'"),
        ("🙂a", "'🙂' (U+1F642) at position 1"),
        ("ba\ud800", "(U+D800) at position 3"),
        ("ab" * 60 + "x", "'x' (U+0078) at position 121"),
    ],
)
def test_an_unknown_character_of_a_text_is_named_with_its_position(text, says):
    with pytest.raises(VocabularyError) as caught:
        Vocabulary.of(["a\nb"]).encode_text(text)
    assert says in str(caught.value)


def test_a_line_end_is_unknown_to_a_model_whose_text_had_none():
    with pytest.raises(VocabularyError, match=r"'\\n' \(U\+000A\) at position 2"):
        Vocabulary.of(["ab"]).encode_text("a\nb")


def numbered(length):
    """Return a text of different characters: the id of a character is its position."""
    return TokenLines(np.append(np.arange(1, length + 1), END).astype(np.int32), np.array([0, length + 1]))


LIMITS = st.one_of(
    st.tuples(st.none(), st.integers(1, 150)),
    st.tuples(st.one_of(st.none(), st.integers(1, 90)), st.none()),
)


@given(length=st.integers(1, 700), limits=LIMITS)
def test_each_character_of_a_text_but_the_first_is_predicted_exactly_once_behind_its_true_past(length, limits):
    reach, block = limits[0], limits[1]
    rows = text_rows(numbered(length), reach, block)
    predicted = []
    for inputs, targets in zip(rows.inputs.tolist(), rows.targets.tolist(), strict=True):
        for column, target in enumerate(targets):
            if target == IGNORED:
                continue
            predicted.append(target)
            past = inputs[: column + 1]
            assert past == list(range(target - len(past), target))
            sees = reach or 64 if block is None else max(block // 2, 1)
            assert len(past) >= min(target - 1, sees)
    assert predicted == list(range(2, length + 1))
    assert block is None or rows.inputs.shape[1] == block


@given(length=st.integers(1, 700), limits=LIMITS)
def test_the_end_of_a_text_is_fed_only_behind_all_that_is_predicted(length, limits):
    rows = text_rows(numbered(length), *limits)
    assert END not in rows.targets
    for inputs, targets in zip(rows.inputs, rows.targets, strict=True):
        last = np.flatnonzero(targets != IGNORED).max(initial=-1)
        assert END not in inputs[: last + 1]


@pytest.fixture
def written(tmp_path):
    def write(data):
        path = tmp_path / "prose.txt"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"ab\ncd\n", "ab\ncd\n"),
        (b"ab\r\ncd\r\n\r\n", "ab\ncd\n\n"),
        (b"\xef\xbb\xbfab\r\ncd", "ab\ncd"),
        (b"  ab\t3\n\n cd  \n", "  ab\t3\n\n cd  \n"),
        (b"a\rb\n", "a\nb\n"),
        ("e\u0301a".encode(), "éa"),
        (b"\xef\xbb\xbf\xef\xbb\xbfab", "ab"),
        (b"a" * 200_000, "a" * 200_000),
    ],
)
def test_a_text_is_read_as_it_stands_but_for_line_ends_the_mark_and_the_normal_form(written, data, text):
    corpus = read_corpus(written(data), form="text")
    assert (corpus.words, corpus.form, corpus.counts, corpus.blank) == ([text], "text", None, 0)
    assert corpus.name == "prose"
    assert read_text(written(data)) == text


@pytest.mark.parametrize(
    ("data", "is_"),
    [
        (b"", "empty"),
        (b"\n \r\n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"x", "a single character"),
        (b"\xef\xbb\xbf x\r\n", "a single character"),
    ],
)
def test_a_file_with_nothing_that_follows_anything_is_no_text(written, data, is_):
    path = written(data)
    for read in (read_text, lambda path: read_corpus(path, form="text")):
        with pytest.raises(ListError) as caught:
            read(path)
        assert str(caught.value) == f"'{path}' is {is_}: give it some text, so that one character follows another"


def test_a_text_that_is_not_utf8_is_refused_with_its_line(written):
    with pytest.raises(ListError, match=r"prose\.txt', line 2: byte 0xfc is not valid UTF-8"):
        read_text(written(b"ab\nz\xfc\n"))


@pytest.mark.parametrize(("form", "words"), [("lines", ["ab", "cd"]), ("text", ["ab \n\ncd\n"])])
def test_the_same_file_is_a_list_or_a_text_as_it_is_asked_for(written, form, words):
    assert read_corpus(written(b"ab \n\ncd\n"), form).words == words
