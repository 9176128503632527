"""Words of n-grams are folded into one number that compares as they do, and unfolded again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from morelike.ngrams.packed_keys import _folded, _ranked, _unfolded


@settings(max_examples=60)
@given(bits=st.lists(st.integers(1, 63), min_size=2, max_size=3), rows=st.integers(0, 40), seed=st.integers(0, 99))
def test_words_of_any_width_fold_into_a_number_that_compares_as_they_do(bits, rows, seed):
    rng = np.random.default_rng(seed)
    words = tuple(rng.choice(rng.integers(0, 1 << width, 5, dtype=np.uint64), rows) for width in bits)
    keys, folds = _folded(words)
    np.testing.assert_array_equal(np.argsort(keys, kind="stable"), np.lexsort(words[::-1]))
    for found, word in zip(_unfolded(keys, folds), words, strict=True):
        np.testing.assert_array_equal(found, word)


@pytest.mark.parametrize(("greatest", "ranked"), [((2**12 - 1, 2**52 - 1), False), ((2**12, 2**52 - 1), True)])
def test_words_that_fit_together_are_not_ranked(greatest, ranked):
    words = tuple(np.array([0, top], dtype=np.uint64) for top in greatest)
    keys, folds = _folded(words)
    assert ranked or int(keys[-1]) == 2**64 - 1
    assert [any(rank is not None for rank in fold[1:]) for fold in folds] == [ranked]


def test_a_word_of_64_bits_folds_with_a_word_of_zeros():
    words = np.zeros(3, dtype=np.uint64), np.array([2**64 - 1, 0, 5], dtype=np.uint64)
    keys, folds = _folded(words)
    assert np.argsort(keys).tolist() == [1, 2, 0]
    assert [word.tolist() for word in _unfolded(keys, folds)] == [word.tolist() for word in words]


def test_ranks_are_indices_among_the_distinct_values():
    values = np.array([7, 3, 7, 9, 3], dtype=np.uint64)
    distinct, ranks = _ranked(values)
    assert (distinct.tolist(), ranks.tolist()) == ([3, 7, 9], [1, 0, 1, 2, 0])
    assert [len(each) for each in _ranked(values[:0])] == [0, 0]
