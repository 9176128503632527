"""Best-fit packing by hand, the choice of the width, and pieces that cover their lines."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from morelike.text.examples import packing
from morelike.text.examples.packing import best_fit_decreasing, choose_row_width, cut_lines, pieces_with_context


@settings(max_examples=40)
@given(lengths=st.lists(st.integers(1, 9), max_size=40), width=st.integers(9, 20))
def test_each_piece_the_longest_first_goes_where_it_leaves_the_least_room(lengths, width):
    rows, columns, count = best_fit_decreasing(np.array(lengths, dtype=np.int64), width)
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
    monkeypatch.setattr(packing, "BLOCK_PIECES", 2)
    rows, _, count = best_fit_decreasing(np.array([3, 3, 1, 1]), 4)
    assert (rows.tolist(), count) == ([0, 1, 2, 2], 3)


def test_short_pieces_fill_what_long_ones_leave_wherever_they_stand():
    rows, columns, count = best_fit_decreasing(np.array([1, 3, 2, 4, 2]), 4)
    assert (rows.tolist(), columns.tolist(), count) == ([1, 1, 2, 0, 2], [3, 0, 0, 0, 2], 3)


def test_the_width_of_rows_is_the_least_that_the_lines_fill_well():
    names = np.array([7, 8, 6, 7, 9, 5, 7, 7, 6, 8] * 20)
    assert choose_row_width(names, range(11, 27)) == 14
    assert choose_row_width(np.array([5, 5]), range(5, 21)) == 5  # 10 would be as full
    assert choose_row_width(np.full(100, 9), range(9, 12)) == 9
    assert choose_row_width(np.array([], dtype=np.int64), range(16, 32)) == 16


def test_a_long_list_is_tried_by_lines_drawn_evenly(monkeypatch):
    lengths = np.random.default_rng(0).choice([6, 7, 8], 10_000, p=[0.25, 0.5, 0.25])
    tried = []
    pack = best_fit_decreasing
    monkeypatch.setattr(packing, "best_fit_decreasing", lambda *given: tried.append(given[0]) or pack(*given))
    few = choose_row_width(lengths, range(11, 27))
    assert {len(lengths) for lengths in tried} == {packing.SAMPLED_LINES}
    monkeypatch.setattr(packing, "SAMPLED_LINES", 10_000)
    assert few == choose_row_width(lengths, range(11, 27)) == 14


def test_pieces_of_lines_cover_them_in_their_order():
    line, begin, lengths = cut_lines(np.array([1, 7, 4]), 4)
    assert list(zip(line.tolist(), begin.tolist(), lengths.tolist(), strict=True)) == [
        (0, 0, 1),
        (1, 0, 4),
        (1, 4, 3),
        (2, 0, 4),
    ]


@given(lengths=st.lists(st.integers(1, 30), max_size=8), width=st.integers(1, 12), past=st.integers(0, 40))
def test_pieces_of_long_lines_cover_each_character_once_behind_the_past_of_their_own_line(lengths, width, past):
    offsets = np.cumsum([0, *lengths])
    read, end, own = pieces_with_context(offsets, width, past)
    covered = [at for first, last in zip(own, end, strict=True) for at in range(first, last)]
    assert covered == list(range(offsets[-1]))
    for first, last, begin in zip(read, end, own, strict=True):
        line = max(offset for offset in offsets.tolist() if offset <= begin)
        assert last - begin <= width
        assert first == max(begin - past, line)
