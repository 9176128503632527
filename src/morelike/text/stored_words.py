"""Words on disk as sequences: each is read when it is asked for, and many at once are read in blocks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, cast, final, overload

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.text.vocabulary import TokenLines, Vocabulary

__all__ = ["ListWords", "PartWords", "StoredWords", "evenly_spaced"]

AT_ONCE = 1 << 16
"""Words that are decoded at once."""
NEWLINE = ord("\n")


def evenly_spaced(count: int, most: int) -> Int[NDArray[Any], " some"]:
    """Return up to `most` of the numbers below `count`, at even distances: the same ones for the same two.

    >>> evenly_spaced(10, 4).tolist(), evenly_spaced(3, 4).tolist()
    ([0, 2, 5, 7], [0, 1, 2])
    """
    some = min(count, most)
    return np.arange(some) * count // max(some, 1)


class StoredWords(Sequence[str]):
    """Words that are decoded as they are asked for."""

    @abstractmethod
    def between(self, first: int, end: int) -> list[str]:
        """Return the words from `first` to before `end`."""

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
        for first in range(0, len(self), AT_ONCE):
            yield from self.between(first, min(first + AT_ONCE, len(self)))


@final
class PartWords(StoredWords):
    """The words of one part of a store, with their tokens and the sorted hashes of the distinct ones."""

    def __init__(self, vocabulary: Vocabulary, lines: TokenLines, known: NDArray[np.uint64]) -> None:
        self.lines = lines
        self.known = known
        self._code_points = np.array([NEWLINE, *map(ord, vocabulary.characters)], dtype="<u4")

    def __len__(self) -> int:
        return len(self.lines)

    def between(self, first: int, end: int) -> list[str]:
        """Return the words from `first` to before `end`."""
        tokens = self.lines.tokens[self.lines.offsets[first] : self.lines.offsets[end]]
        text: str = self._code_points[tokens].tobytes().decode("utf-32-le")
        return text.split("\n")[:-1]


@final
class ListWords(StoredWords):
    """The words of a whole store, in the order of its list."""

    def __init__(self, parts: NDArray[np.uint8], words: Sequence[Sequence[str]]) -> None:
        self._parts = parts
        self._words = words

    def __len__(self) -> int:
        return len(self._parts)

    def between(self, first: int, end: int) -> list[str]:
        """Return the words from `first` to before `end`."""
        of = self._parts[first:end]
        result = np.empty(end - first, dtype=object)
        for part, words in enumerate(self._words):
            places = np.flatnonzero(of == part)
            before = int(np.count_nonzero(self._parts[:first] == part))
            result[places] = words[before : before + len(places)]
        return cast(list[str], result.tolist())
