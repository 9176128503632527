import statistics
import time
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.text.examples.contexts import IGNORED, contexts, contexts_of, count_list, packed_rows, show_contexts
from morelike.text.reading import read_lines
from morelike.text.vocabulary import END, TokenLines, Vocabulary

WORDS = st.lists(st.text("abc", max_size=12), max_size=12)
LONG_WORDS = st.lists(st.text("abc", max_size=40), max_size=8)
LENGTHS = st.lists(st.integers(1, 40), max_size=20)
WIDTHS = st.integers(1, 16)


def encoded(words):
    return Vocabulary(("a", "b", "c")).encode_lines(words)


def contexts_in_a_double_loop(words, length):
    index = {".": 0, "a": 1, "b": 2, "c": 3}
    x, y = [], []
    for word in words:
        context = [0] * length
        for character in word + ".":
            x.append(context)
            y.append(index[character])
            context = [*context[1:], index[character]]
    return x, y


def numbered(lengths):
    """Return lines of these lengths in which every character is another one, so that each can be told apart."""
    offsets = np.cumsum([0, *lengths])
    tokens = np.arange(1, offsets[-1] + 1, dtype=np.int32)
    tokens[offsets[1:] - 1] = END
    return TokenLines(tokens, offsets)


def pieces_by_hand(lines, width):
    """Return what must stand side by side in a row: (input, target) along each line, cut where it outgrows a row."""
    pieces = []
    for begin, end in pairwise(lines.offsets.tolist()):
        targets = lines.tokens[begin:end].tolist()
        pairs = list(zip([END, *targets], targets, strict=False))
        pieces += [tuple(pairs[cut : cut + width]) for cut in range(0, len(pairs), width)]
    return pieces


def pieces_of_a_row(pairs, pieces):
    """Return the pieces that a row is made of, read from its left, and what is left over."""
    by_first = {piece[0]: piece for piece in pieces}
    found = []
    while pairs and pairs[0][1] != IGNORED:
        piece = by_first[pairs[0]]
        assert tuple(pairs[: len(piece)]) == piece
        found.append(piece)
        pairs = pairs[len(piece) :]
    return found, pairs


@given(words=WORDS, length=st.integers(1, 8))
def test_contexts_equal_the_plain_double_loop(words, length):
    x, y = contexts(encoded(words), length)
    expected_x, expected_y = contexts_in_a_double_loop(words, length)
    assert x.shape == (len(expected_x), length)
    assert (x.tolist(), y.tolist()) == (expected_x, expected_y)
    assert x.dtype == y.dtype == np.int32


@given(words=WORDS, length=st.integers(1, 8))
def test_a_shorter_context_is_the_end_of_a_longer_one(words, length):
    tokens = encoded(words).tokens
    assert contexts_of(tokens, length).tolist() == contexts_of(tokens, 10)[:, 10 - length :].tolist()


def test_a_context_longer_than_the_whole_list_is_filled_with_ends():
    x, _ = contexts(encoded(["a"]), 8)
    assert x.tolist() == [[0] * 8, [0] * 7 + [1]]


@pytest.mark.parametrize(
    ("file", "words", "symbols", "examples"),
    [
        ("civil_mots.txt", 7_223, 40, 67_652),
        ("names_32033.txt", 32_033, 26, 228_146),
    ],
)
def test_a_published_list_gives_its_published_number_of_examples(data, file, words, symbols, examples):
    read = read_lines(data(file))
    counts = count_list(read)
    assert (counts.words, counts.symbols, counts.examples) == (words, symbols, examples)
    x, y = contexts(Vocabulary.of(read).encode_lines(read), 3)
    assert (x.shape, y.shape) == ((examples, 3), (examples,))


def test_the_counts_of_a_list_tell_repeated_words_apart():
    counts = count_list(["ava", "ava", "bo"])
    assert (counts.words, counts.distinct_words, counts.characters, counts.examples, counts.symbols) == (3, 2, 8, 11, 4)


def test_the_verbose_view_is_what_the_lecture_shows():
    view = "\n".join(f"{context} ---> {following}" for context, following in show_contexts(["emma", "o.k"], 3))
    assert view == (
        "... ---> e\n..e ---> m\n.em ---> m\nemm ---> a\nmma ---> .\n... ---> o\n..o ---> .\n.o. ---> k\no.k ---> ."
    )


@given(words=WORDS, length=st.integers(1, 8))
def test_the_verbose_view_agrees_with_the_contexts(words, length):
    symbols = ".abc"
    x, y = contexts(encoded(words), length)
    shown = [("".join(symbols[i] for i in row), symbols[j]) for row, j in zip(x, y, strict=True)]
    assert list(show_contexts(words, length)) == shown


def test_the_contexts_of_32_033_names_are_built_in_under_a_tenth_of_a_second(data):
    words = read_lines(data("names_32033.txt"))
    lines = Vocabulary.of(words).encode_lines(words)
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        contexts(lines, 3)
        seconds.append(time.perf_counter() - began)
    assert statistics.median(seconds) < 0.1


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
