"""Training examples of models with a fixed context: K characters and the next one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.text.vocabulary import END, TokenLines


@dataclass(frozen=True)
class ListCounts:
    """The size of a list. The end of each word is an example too, since a model predicts it."""

    words: int
    characters: int
    examples: int
    distinct_words: int
    symbols: int


def count_list(words: Sequence[str]) -> ListCounts:
    """Return the counts of a list.

    >>> count_list(["emma", "ava"])
    ListCounts(words=2, characters=7, examples=9, distinct_words=2, symbols=4)
    """
    characters = sum(map(len, words))
    distinct = set(words)
    return ListCounts(len(words), characters, characters + len(words), len(distinct), len(set().union(*distinct)))


def contexts(lines: TokenLines, length: int) -> tuple[Int[NDArray[Any], "N K"], Int[NDArray[Any], " N"]]:
    """Return the context of each character, `length` ids, and the characters themselves.

    `END` fills the positions before the first character of a line.

    >>> from morelike.text.vocabulary import Vocabulary
    >>> lines = Vocabulary.of(["ab"]).encode_lines(["ab"])
    >>> x, y = contexts(lines, 3)
    >>> x.tolist(), y.tolist()
    ([[0, 0, 0], [0, 0, 1], [0, 1, 2]], [1, 2, 0])
    """
    return contexts_of(lines.tokens, length), lines.tokens


def contexts_of(tokens: Int[NDArray[Any], " N"], length: int) -> Int[NDArray[Any], "N K"]:
    """Return the `length` ids before each token. `END` fills the positions before the start of a line.

    The columns are computed one after another, each contiguous in memory. The id that is `back` positions before a
    token is the id that is `back - 1` positions before the previous token, unless a line ends in between.

    Shapes: tokens [N], where each line ends with `END` -> [N, K].
    """
    columns = np.zeros((length, len(tokens)), dtype=np.int32)
    columns[0, 1:] = tokens[:-1]
    inside = columns[0] != END
    for back in range(1, length):
        np.multiply(columns[back - 1, :-1], inside[1:], out=columns[back, 1:])
    return columns[::-1].T


def show_contexts(words: Sequence[str], length: int) -> Iterator[tuple[str, str]]:
    """Yield each example of the words as text: the context and the next character, with `.` for the end symbol.

    >>> list(show_contexts(["ace"], 3))
    [('...', 'a'), ('..a', 'c'), ('.ac', 'e'), ('ace', '.')]
    """
    for word in words:
        symbols = "." * length + word + "."
        for i in range(len(word) + 1):
            yield symbols[i : i + length], symbols[i + length]
