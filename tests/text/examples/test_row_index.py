"""Rows of a stored list are read on access and equal the packed rows of the list in memory."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from morelike.text.examples import packing, row_index
from morelike.text.examples.packed_rows import IGNORED, packed_rows
from morelike.text.examples.row_index import count_rows, index_rows
from morelike.text.vocabulary import TokenLines

WORDS = st.lists(st.lists(st.integers(1, 5), max_size=9), min_size=1, max_size=30)


@settings(max_examples=30)
@given(words=WORDS, width=st.integers(2, 12), block=st.sampled_from([1, 3, 1 << 16]), weighed=st.booleans())
def test_indexed_rows_are_the_packed_rows(words, width, block, weighed):
    rng = np.random.default_rng(len(words))
    lines = TokenLines.of(words)
    lines = replace(lines, weights=rng.integers(1, 9, len(lines))) if weighed else lines
    order = rng.permutation(len(lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packing, "BLOCK_PIECES", block)
        patch.setattr(row_index, "BLOCK_PIECES", block)
        expected = packed_rows(lines.take(order), width)
        index = index_rows(lines, order, width)
        assert count_rows(lines, width) == len(packed_rows(lines, width))
    wanted = rng.integers(0, len(expected), (2, 3))
    inputs, targets, weights = index.rows(wanted)
    assert len(index) == len(expected)
    np.testing.assert_array_equal(inputs, expected.inputs[wanted])
    np.testing.assert_array_equal(targets, expected.targets[wanted])
    np.testing.assert_array_equal(weights, expected.weights[wanted] if weighed else None)


def test_padding_is_ignored():
    index = index_rows(TokenLines.of([[1]]), np.array([0]), 4)
    assert index.rows(np.array([0]))[1].tolist() == [[1, 0, IGNORED, IGNORED]]
