"""Words of a store as sequences. They are read from disk on access; iteration reads them in blocks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, cast, final, overload

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.text.vocabulary import TokenLines, Vocabulary

BLOCK_WORDS = 1 << 16
"""Words that iteration decodes at a time."""


def evenly_spaced(count: int, most: int) -> Int[NDArray[Any], " some"]:
    """Return up to `most` evenly spaced indices below `count`.

    >>> evenly_spaced(10, 4).tolist(), evenly_spaced(3, 4).tolist()
    ([0, 2, 5, 7], [0, 1, 2])
    """
    some = min(count, most)
    return np.arange(some) * count // max(some, 1)


class StoredWords(Sequence[str]):
    """A sequence of words that are decoded on access."""

    @abstractmethod
    def between(self, first: int, end: int) -> list[str]:
        """Return the words from index `first` up to, but not including, `end`."""

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    @final
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            wanted = range(len(self))[index]
            if wanted.step == 1:
                return self.between(wanted.start, wanted.stop) if wanted else []
            return [self[i] for i in wanted]
        at = range(len(self))[index]
        return self.between(at, at + 1)[0]

    @final
    def __iter__(self) -> Iterator[str]:
        for first in range(0, len(self), BLOCK_WORDS):
            yield from self.between(first, min(first + BLOCK_WORDS, len(self)))


@final
class SplitWords(StoredWords):
    """The words of one split of a store; `lines` are their tokens, `hashes` the sorted hashes of the distinct words."""

    def __init__(self, vocabulary: Vocabulary, lines: TokenLines, hashes: NDArray[np.uint64]) -> None:
        self.lines = lines
        self.hashes = hashes
        self._code_points = vocabulary.code_points

    def __len__(self) -> int:
        return len(self.lines)

    def between(self, first: int, end: int) -> list[str]:
        """Return the words from index `first` up to, but not including, `end`."""
        tokens = self.lines.tokens[self.lines.offsets[first] : self.lines.offsets[end]]
        text: str = self._code_points[tokens].tobytes().decode("utf-32-le")
        return text.split("\n")[:-1]


@final
class ListWords(StoredWords):
    """All words of a store in the order of its list, given the split of each line and the words of each split."""

    def __init__(self, split_of_line: NDArray[np.uint8], words: Sequence[Sequence[str]]) -> None:
        self._split_of_line = split_of_line
        self._words = words

    def __len__(self) -> int:
        return len(self._split_of_line)

    def between(self, first: int, end: int) -> list[str]:
        """Return the words from index `first` up to, but not including, `end`."""
        wanted = self._split_of_line[first:end]
        result = np.empty(end - first, dtype=object)
        for split, words in enumerate(self._words):
            positions = np.flatnonzero(wanted == split)
            start = int(np.count_nonzero(self._split_of_line[:first] == split))
            result[positions] = words[start : start + len(positions)]
        return cast(list[str], result.tolist())
