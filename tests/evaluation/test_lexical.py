"""Lexical measures are what their papers say, checked against the plainest way to compute each."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.errors import ListError
from morelike.evaluation import lexical
from morelike.evaluation.lexical import COLUMNS, Lexicon, Measures
from morelike.text.reading import read_lines

LISTS = st.lists(st.text("abc", min_size=1, max_size=5), min_size=2, max_size=40, unique=True)


def plain_distance(one, other):
    """Levenshtein's recurrence, row by row."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (a != b))
    return row[-1]


def plain_old(word, listed, nearest):
    others = [other for other in listed if other != word]
    return sum(sorted(plain_distance(word, other) for other in others)[:nearest]) / nearest


def plain_neighbours(word, listed):
    return sum(
        len(other) == len(word) and sum(a != b for a, b in zip(word, other, strict=True)) == 1 for other in listed
    )


@given(LISTS, st.text("abcd", min_size=1, max_size=6))
def test_old_is_the_mean_distance_to_the_nearest_others(listed, new):
    lexicon = Lexicon(listed)
    words = [*listed[:3], new]
    wanted = [plain_old(word, listed, lexicon.nearest) for word in words]
    assert lexicon.old(words).tolist() == pytest.approx(wanted)


@given(LISTS, st.text("abcd", min_size=1, max_size=6))
def test_neighbours_are_those_at_one_substitution(listed, new):
    words = [*listed[:3], new]
    assert Lexicon(listed).neighbours(words).tolist() == [plain_neighbours(word, listed) for word in words]


@given(LISTS, st.text("abcd", min_size=1, max_size=6), st.sampled_from([2, 3]))
def test_ngram_frequency_is_the_mean_log_of_counts_with_word_ends(listed, new, n):
    marked = ["#" + word + "#" for word in listed]
    word = f"#{new}#"
    ngrams = [word[i : i + n] for i in range(len(word) - n + 1)]
    counts = [sum(each[i:].startswith(ngram) for each in marked for i in range(len(each))) for ngram in ngrams]
    wanted = sum(math.log10(1 + count) for count in counts) / len(counts)
    assert Lexicon(listed).ngrams([new], n)[0] == pytest.approx(wanted)


def test_a_list_with_a_word_twice_measures_as_with_it_once():
    once = ["anna", "anne", "hanna", "otto"]
    bits = np.zeros(2)
    first, second = (Lexicon(words).measure(["anna", "enna"], bits) for words in (once, [*once, "anna", "anne"]))
    assert first.values.tolist() == second.values.tolist()
    assert first.nearest == second.nearest == 3


def test_old_takes_twenty_and_where_there_are_fewer_all_others():
    assert Lexicon([chr(ord("a") + i) for i in range(26)]).nearest == 20
    assert Lexicon([chr(ord("a") + i) for i in range(21)]).nearest == 20
    assert Lexicon([chr(ord("a") + i) for i in range(20)]).nearest == 19


def test_a_word_with_twenty_neighbours_at_one_edit_has_old20_of_one():
    names = Lexicon(read_lines("names")[:8000])
    words = [word for word in names.words if len(word) == 4]
    old, neighbours = names.old(words), names.neighbours(words)
    assert (neighbours >= 20).sum() > 5
    assert np.all(old[neighbours >= 20] == 1)
    assert np.all(old >= 1)


def test_old20_rises_with_length_and_tells_apart_words_without_neighbours():
    """What it was made for (Yarkoni, Balota and Yap 2008): long words have no N, and OLD20 still differs."""
    names = Lexicon(read_lines("names")[::4])
    words = names.words[::6]
    old, neighbours = names.old(words), names.neighbours(words)
    lengths = np.array([len(word) for word in words])
    assert np.all(np.diff([old[lengths == length].mean() for length in range(4, 11)]) > 0)
    assert np.all(neighbours[lengths > 10] <= 2)
    assert len(set(old[(neighbours == 0) & (lengths > 8)].tolist())) > 20


def test_words_of_hundreds_of_characters_are_measured_exactly():
    long = "ab" * 200
    assert Lexicon(["a", "b", long]).old(["a" * 400]).tolist() == [(200 + 399) / 2]


def test_old_is_the_same_however_few_words_are_measured_at_once(monkeypatch):
    names = Lexicon(read_lines("names")[:500])
    whole = names.old(names.words)
    monkeypatch.setattr(lexical, "DISTANCES_AT_ONCE", 3000)
    assert np.array_equal(names.old(names.words), whole)


@pytest.mark.parametrize("words", [[], ["anna"], ["anna", "anna"]])
def test_a_list_without_two_different_words_is_refused(words):
    with pytest.raises(ListError, match="different word in the list: words are measured against two or more"):
        Lexicon(words)


def test_rows_hold_plain_values_by_name():
    found = Lexicon(["anna", "anne"]).measure(["enna"], np.array([2.5]))
    (row,) = found.rows()
    assert list(row) == ["word", *COLUMNS]
    assert (row["word"], row["length"], row["neighbours"], row["bits"]) == ("enna", 4, 1, 2.5)
    assert isinstance(row["length"], int)


def test_some_of_the_measures_can_be_taken():
    found = Measures(["a", "b"], np.arange(12.0).reshape(2, 6), 20).take(np.array([1, 0, 1]))
    assert found.words == ["b", "a", "b"]
    assert found.values[:, 0].tolist() == [6, 0, 6]
