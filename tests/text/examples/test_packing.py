"""Rows of a stored list are laid out when they are asked for, and are those of the list in memory."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from morelike.text.examples import packing
from morelike.text.examples.contexts import packed_rows
from morelike.text.examples.packing import IGNORED, best_fit, count_rows, fullest_width, index_rows, pieces
from morelike.text.vocabulary import TokenLines

WORDS = st.lists(st.lists(st.integers(1, 5), max_size=9), min_size=1, max_size=30)


@settings(max_examples=30)
@given(words=WORDS, width=st.integers(2, 12), together=st.sampled_from([1, 3, 1 << 16]), weighed=st.booleans())
def test_indexed_rows_are_the_packed_rows(words, width, together, weighed):
    rng = np.random.default_rng(len(words))
    lines = TokenLines.of(words)
    lines = replace(lines, weights=rng.integers(1, 9, len(lines))) if weighed else lines
    order = rng.permutation(len(lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packing, "TOGETHER", together)
        expected = packed_rows(lines.take(order), width)
        index = index_rows(lines, order, width)
        assert count_rows(lines, width) == len(packed_rows(lines, width))
    wanted = rng.integers(0, len(expected), (2, 3))
    inputs, targets, weights = index.rows(wanted)
    assert len(index) == len(expected)
    np.testing.assert_array_equal(inputs, expected.inputs[wanted])
    np.testing.assert_array_equal(targets, expected.targets[wanted])
    np.testing.assert_array_equal(weights, expected.weights[wanted] if weighed else None)


@settings(max_examples=40)
@given(lengths=st.lists(st.integers(1, 9), max_size=40), width=st.integers(9, 20))
def test_each_piece_the_longest_first_goes_where_it_leaves_the_least_room(lengths, width):
    rows, columns, count = best_fit(np.array(lengths, dtype=np.int64), width)
    full = []
    for row, column, length in sorted(
        zip(rows.tolist(), columns.tolist(), lengths, strict=True), key=lambda piece: -piece[2]
    ):
        rooms = [width - used for used in full if width - used >= length]
        if rooms:
            assert width - full[row] == min(rooms)
        else:
            assert row == len(full)
            full.append(0)
        assert column == full[row]
        full[row] += length
    assert len(full) == count


def test_a_longer_list_is_packed_block_by_block(monkeypatch):
    monkeypatch.setattr(packing, "TOGETHER", 2)
    rows, _, count = best_fit(np.array([3, 3, 1, 1]), 4)
    assert (rows.tolist(), count) == ([0, 1, 2, 2], 3)


def test_short_pieces_fill_what_long_ones_leave_wherever_they_stand():
    rows, columns, count = best_fit(np.array([1, 3, 2, 4, 2]), 4)
    assert (rows.tolist(), columns.tolist(), count) == ([1, 1, 2, 0, 2], [3, 0, 0, 0, 2], 3)


def test_the_width_of_rows_is_the_least_that_the_lines_fill_well():
    names = np.array([7, 8, 6, 7, 9, 5, 7, 7, 6, 8] * 20)
    assert fullest_width(names, range(11, 27)) == 14
    assert fullest_width(np.array([5, 5]), range(5, 21)) == 5  # 10 would be as full
    assert fullest_width(np.full(100, 9), range(9, 12)) == 9
    assert fullest_width(np.array([], dtype=np.int64), range(16, 32)) == 16


def test_a_long_list_is_tried_by_lines_drawn_evenly(monkeypatch):
    lengths = np.random.default_rng(0).choice([6, 7, 8], 10_000, p=[0.25, 0.5, 0.25])
    tried = []
    monkeypatch.setattr(packing, "best_fit", lambda lengths, width: tried.append(lengths) or best_fit(lengths, width))
    few = fullest_width(lengths, range(11, 27))
    assert {len(lengths) for lengths in tried} == {packing.TRIED}
    monkeypatch.setattr(packing, "TRIED", 10_000)
    assert few == fullest_width(lengths, range(11, 27)) == 14


def test_pieces_of_lines_cover_them_in_their_order():
    line, begin, lengths = pieces(np.array([1, 7, 4]), 4)
    assert list(zip(line.tolist(), begin.tolist(), lengths.tolist(), strict=True)) == [
        (0, 0, 1),
        (1, 0, 4),
        (1, 4, 3),
        (2, 0, 4),
    ]


def test_padding_is_ignored():
    index = index_rows(TokenLines.of([[1]]), np.array([0]), 4)
    assert index.rows(np.array([0]))[1].tolist() == [[1, 0, IGNORED, IGNORED]]
