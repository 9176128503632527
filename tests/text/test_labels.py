"""Labels are read from the third column of a list, follow their words, and become symbols before lines."""

import numpy as np
import pytest

from morelike.errors import ListError, SettingError
from morelike.text.corpus import corpus_of
from morelike.text.examples.packed_rows import packed_rows
from morelike.text.labels import label_ids, label_symbols
from morelike.text.reading import read_corpus
from morelike.text.splits import split
from morelike.text.vocabulary import TokenLines


@pytest.fixture
def listed(tmp_path):
    def listed(text):
        path = tmp_path / "words.tsv"
        path.write_text(text, "utf-8")
        return path

    return listed


READ = {
    "with counts": ("emma\t3\tgirl\nnoah\t2\tboy\n", [3, 2], ["girl", "boy"]),
    "without counts": ("emma\t\tgirl\nnoah\t\tboy\n", None, ["girl", "boy"]),
    "one line without a label": ("emma\t3\tgirl\nnoah\t2\n", [3, 2], ["girl", ""]),
    "one line with a word alone": ("emma\t\tgirl\r\n\nnoah\n", None, ["girl", ""]),
    "composed and stripped": ("emma\t\t Zoe\u0308 \nnoah\t\tboy", None, ["Zoë", "boy"]),
    "an empty third column": ("emma\t3\t\nnoah\t2\t\n", [3, 2], None),
}


@pytest.mark.parametrize("case", READ)
def test_a_third_column_holds_labels_beside_counts_or_without(listed, case):
    text, counts, labels = READ[case]
    corpus = read_corpus(listed(text))
    assert (corpus.words, corpus.counts, corpus.labels) == (["emma", "noah"], counts, labels)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("emma\t3\tgirl\nnoah\t\tboy\n", r"line 2: expected word<TAB>count<TAB>label with a whole number"),
        ("emma\t3\tgirl\nnoah\n", r"line 2: expected word<TAB>count<TAB>label"),
        ("emma\t\tgirl\nnoah\tboy\n", r"line 2: expected word<TAB><TAB>label, since line 1 has no count"),
        ("emma\t3\tgirl\tx\n", r"line 1: expected word<TAB>count<TAB>label"),
        ("emma\tgirl\n", r"line 1: .* and a label belongs in the third column"),
        ("\t3\tgirl\n", r"line 1: expected"),
    ],
)
def test_columns_that_do_not_fit_are_refused_with_their_line(listed, text, says):
    with pytest.raises(ListError, match=says):
        read_corpus(listed(text))


def test_labels_from_a_program_are_cleaned_as_those_of_a_file_and_stay_beside_their_words():
    corpus = corpus_of("words", ["emma ", "", "noah"], "lines", [3, 1, 2], [" girl", "x", None])
    assert (corpus.words, corpus.counts, corpus.labels) == (["emma", "noah"], [3, 2], ["girl", ""])


@pytest.mark.parametrize("labels", [["girl"], ["girl", "a\tb"]])
def test_labels_that_do_not_fit_are_refused(labels):
    with pytest.raises(ListError, match="label"):
        corpus_of("words", ["emma", "noah"], "lines", labels=labels)


@pytest.mark.parametrize("name", ["shuffle-42", "hash", "none", "first-7"])
def test_labels_go_with_their_words_and_decide_nothing(name):
    words = [f"w{i}" for i in range(60)]
    splits = split(words, name, labels=[f"l{i % 7}" for i in range(60)])
    assert splits.parts == split(words, name).parts
    for part, kept in splits.parts.items():
        assert splits.labels[part] == [f"l{int(word[1:]) % 7}" for word in kept]


def test_a_misspelt_label_is_told_the_nearest():
    with pytest.raises(SettingError, match="did you mean 'girl'"):
        label_ids(["gril"], ["boy", "girl"])


def test_the_symbol_of_its_label_stands_before_each_line_and_nothing_else_changes():
    lines = TokenLines.of([[1, 2], [3], [2, 2, 2, 2], [1]])
    labels = np.array([1, 0, 2, 1], dtype=np.int32)
    plain = packed_rows(lines, 4)
    found = packed_rows(TokenLines(lines.tokens, lines.offsets, None, labels, 3), 4)
    np.testing.assert_array_equal(found.targets, plain.targets)
    begins = found.inputs < 0
    assert sorted(found.inputs[begins].tolist()) == sorted(label_symbols(labels).tolist())
    np.testing.assert_array_equal(np.where(begins, 0, found.inputs), plain.inputs)


def test_lines_keep_their_labels_when_some_are_taken():
    lines = TokenLines.of([[1], [2], [3]])
    lines = TokenLines(lines.tokens, lines.offsets, None, np.array([2, 0, 1], dtype=np.int32), 3)
    taken = lines.take(np.array([2, 0]))
    assert (taken.labels.tolist(), taken.label_count) == ([1, 2], 3)
