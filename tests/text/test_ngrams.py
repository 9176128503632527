from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from morelike.text.ngrams import ABSENT, count_ngrams, find_nodes
from morelike.text.vocabulary import END, Vocabulary

WORDS = st.lists(st.text("abc", max_size=8), min_size=1, max_size=10)
ORDERS = st.integers(1, 6)
SYMBOLS = 4


def counted(words, order):
    return count_ngrams(Vocabulary(("a", "b", "c")).encode_lines(words), order, SYMBOLS)


def padded(word, order):
    return (END,) * (order - 1) + tuple("abc".index(character) + 1 for character in word) + (END,)


def counts_by_hand(words, order):
    """Return, for each length, how often each n-gram ends in a character of a line; 0 if it only stands before it."""
    counts = [Counter() for _ in range(order)]
    for word in words:
        symbols = padded(word, order)
        for end in range(1, len(symbols) + 1):
            for k in range(1, min(end, order) + 1):
                counts[k - 1][symbols[end - k : end]] += end >= order
    return counts


def spelled(levels):
    """Return the n-grams of each level as tuples of symbols, in the order of their nodes."""
    below, result = [()], []
    for level in levels:
        below = [below[key // SYMBOLS] + (key % SYMBOLS,) for key in level.keys.tolist()]
        result.append(below)
    return result


@given(words=WORDS, order=ORDERS)
def test_counts_equal_a_counter_of_tuples(words, order):
    levels = counted(words, order)
    found = [
        dict(zip(ngrams, x.counts.tolist(), strict=True)) for ngrams, x in zip(spelled(levels), levels, strict=True)
    ]
    assert found == [dict(counts) for counts in counts_by_hand(words, order)]


@given(words=WORDS, order=ORDERS)
def test_every_level_counts_every_character_once(words, order):
    characters = sum(len(word) + 1 for word in words)
    assert [level.counts.sum() for level in counted(words, order)] == [characters] * order


@given(words=WORDS, order=ORDERS)
def test_keys_are_sorted_and_distinct(words, order):
    for level in counted(words, order):
        assert (np.diff(level.keys) > 0).all()


@given(words=WORDS, order=ORDERS)
def test_a_suffix_is_the_ngram_without_its_first_symbol(words, order):
    levels = counted(words, order)
    ngrams = spelled(levels)
    for k in range(1, order):
        assert [ngrams[k - 1][node] for node in levels[k].suffixes] == [ngram[1:] for ngram in ngrams[k]]


@given(st.sets(st.integers(0, 30), min_size=1), st.lists(st.integers(-3, 33)))
def test_nodes_are_found_where_they_stand_and_absent_where_they_do_not(keys, wanted):
    keys = sorted(keys)
    expected = [keys.index(key) if key in keys else ABSENT for key in wanted]
    assert find_nodes(np.array(keys), np.array(wanted, dtype=np.int64)).tolist() == expected
