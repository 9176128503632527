"""Packed rows hold each piece of each line exactly once, and padding only at their ends."""

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from morelike.text.examples.packed_rows import IGNORED, packed_rows
from morelike.text.reading import read_lines
from morelike.text.vocabulary import END, TokenLines, Vocabulary

WORDS = st.lists(st.text("abc", max_size=12), max_size=12)
LONG_WORDS = st.lists(st.text("abc", max_size=40), max_size=8)
LENGTHS = st.lists(st.integers(1, 40), max_size=20)
WIDTHS = st.integers(1, 16)


def encoded(words):
    return Vocabulary(("a", "b", "c")).encode_lines(words)


def numbered(lengths):
    """Return lines of these lengths whose characters are all different."""
    offsets = np.cumsum([0, *lengths])
    tokens = np.arange(1, offsets[-1] + 1, dtype=np.int32)
    tokens[offsets[1:] - 1] = END
    return TokenLines(tokens, offsets)


def pieces_by_hand(lines, width):
    """Return the pieces of lines by hand: the pairs (input, target) of each line, cut at the width of a row."""
    pieces = []
    for begin, end in pairwise(lines.offsets.tolist()):
        targets = lines.tokens[begin:end].tolist()
        pairs = list(zip([END, *targets], targets, strict=False))
        pieces += [tuple(pairs[cut : cut + width]) for cut in range(0, len(pairs), width)]
    return pieces


def pieces_of_a_row(pairs, pieces):
    """Return the pieces of a row, from its left, and its remaining pairs."""
    by_first = {piece[0]: piece for piece in pieces}
    found = []
    while pairs and pairs[0][1] != IGNORED:
        piece = by_first[pairs[0]]
        assert tuple(pairs[: len(piece)]) == piece
        found.append(piece)
        pairs = pairs[len(piece) :]
    return found, pairs


@given(lengths=LENGTHS, width=WIDTHS)
def test_packed_rows_hold_every_piece_of_every_line_exactly_once_and_whole(lengths, width):
    lines = numbered(lengths)
    rows, pieces = packed_rows(lines, width), pieces_by_hand(lines, width)
    found = []
    for inputs, targets in zip(rows.inputs.tolist(), rows.targets.tolist(), strict=True):
        some, rest = pieces_of_a_row(list(zip(inputs, targets, strict=True)), pieces)
        assert set(rest) <= {(END, IGNORED)}
        found += some
    assert Counter(found) == Counter(pieces)
    assert rows.inputs.shape == rows.targets.shape == (len(rows), width)
    assert rows.inputs.dtype == rows.targets.dtype == np.int32


@given(lengths=LENGTHS, width=WIDTHS)
def test_every_character_is_a_target_exactly_once(lengths, width):
    lines = numbered(lengths)
    targets = packed_rows(lines, width).targets
    assert sorted(targets[targets != IGNORED].tolist()) == sorted(lines.tokens.tolist())


@given(lengths=LENGTHS, width=WIDTHS)
def test_no_two_rows_could_have_been_one(lengths, width):
    filled = np.sort((packed_rows(numbered(lengths), width).targets != IGNORED).sum(axis=1))
    assert filled[:2].sum() > width or len(filled) < 2


@given(words=LONG_WORDS, width=WIDTHS)
def test_padding_stands_at_the_ends_of_rows_alone(words, width):
    rows = packed_rows(encoded(words), width)
    padding = rows.targets == IGNORED
    assert (padding == np.sort(padding, axis=1)).all()
    assert not padding[:, :1].any()
    assert (rows.inputs[padding] == END).all()


@given(words=WORDS)
def test_a_line_that_fits_a_row_is_never_cut(words):
    rows = packed_rows(encoded(words), 13)
    assert (rows.inputs[:, 0] == END).all()


def test_a_word_longer_than_a_row_is_cut_and_counted_once():
    rows = packed_rows(encoded(["abcab", "c"]), 4)
    assert rows.inputs.tolist() == [[0, 1, 2, 3], [1, 2, 0, 3]]
    assert rows.targets.tolist() == [[1, 2, 3, 1], [2, 0, 3, 0]]


def test_one_very_long_line_does_not_set_the_width_of_the_others():
    rows = packed_rows(encoded(["a" * 10_000, *["ab"] * 10]), 32)
    assert rows.inputs.shape == (-(-10_001 // 32) + 1, 32)


def test_names_fill_rows_of_32_to_95_per_cent(data):
    words = read_lines(data("names_32033.txt"))
    assert packed_rows(Vocabulary.of(words).encode_lines(words), 32).fill > 0.95


def test_fill_is_the_share_that_is_not_padding():
    rows = packed_rows(encoded(["ab", "a"]), 4)
    assert (len(rows), rows.fill) == (2, 5 / 8)
