"""N-grams packed into whole numbers, so that sorting numbers sorts n-grams.

An n-gram is a row of words of up to 64 bits, most often of one: the last symbol in the lowest bits of the last word, as
many symbols in a word as fit. Rows compare as their symbols do, first symbol first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.text.vocabulary import END

__all__ = ["Packing", "Table", "count_packed", "gather", "merge"]

BITS = 64
CACHED = 1 << 15  # tokens packed at a time: what is at hand stays in the processor's cache
Words = tuple[NDArray[Any], ...]


@dataclass(frozen=True)
class Packing:
    """How n-grams of `order` of `symbols` symbols lie in words."""

    order: int
    symbols: int

    @property
    def bits(self) -> int:
        """Bits of a symbol."""
        return max((self.symbols - 1).bit_length(), 1)

    @property
    def in_word(self) -> int:
        """Symbols that a word holds."""
        return BITS // self.bits

    @property
    def words(self) -> int:
        """Words of an n-gram."""
        return -(-self.order // self.in_word)

    @property
    def dtype(self) -> type[np.unsignedinteger[Any]]:
        """The type of a word: half as wide where that is enough, for it sorts in half the time."""
        return np.uint32 if self.order * self.bits <= BITS // 2 else np.uint64

    @property
    def shorter(self) -> Packing:
        """That of n-grams with one symbol less."""
        return Packing(self.order - 1, self.symbols)

    def place(self, back: int) -> tuple[int, int]:
        """Return the word of the symbol `back` before the last, and by how many bits it is shifted there."""
        return self.words - 1 - back // self.in_word, back % self.in_word * self.bits

    def pack(self, tokens: NDArray[Any]) -> Words:
        """Return the n-gram that ends in each token but the first `order - 1`, which come before: `END` closes a line.

        Shapes: tokens [order - 1 + N] -> words [N] each.
        """
        past = self.order - 1
        words = tuple(np.empty(len(tokens) - past, dtype=self.dtype) for _ in range(self.words))
        for first in range(0, len(tokens) - past, CACHED):
            block = tokens[first : first + CACHED + past].astype(self.dtype)
            self._pack_block([word[first : first + CACHED] for word in words], block)
        return words

    def _pack_block(self, words: list[NDArray[Any]], tokens: NDArray[Any]) -> None:
        past, length = self.order - 1, len(words[0])
        inside = np.ones(length, dtype=bool)  # no line has ended between here and `back` tokens ago
        for word in words:
            word[:] = 0
        for back in range(self.order):
            symbols = tokens[past - back : past - back + length]
            if back:
                inside &= symbols != END
                symbols = symbols * inside
            at, shift = self.place(back)
            words[at] |= symbols << self.dtype(shift)

    def last(self, words: Words) -> NDArray[np.int64]:
        """Return the last symbol of each n-gram."""
        last: NDArray[np.int64] = (words[-1] & words[-1].dtype.type((1 << self.bits) - 1)).astype(np.int64)
        return last

    def without_last(self, words: Words) -> Words:
        """Return each n-gram's words without its last symbol."""
        return (*words[:-1], words[-1] >> words[-1].dtype.type(self.bits))

    def without_first(self, words: Words) -> Words:
        """Return each n-gram without its first symbol, as `shorter` packs it."""
        word, shift = self.place(self.order - 1)
        if shift == 0 and self.order > 1:
            return tuple(each.astype(self.shorter.dtype) for each in words[1:])
        kept = words[word] & words[word].dtype.type((1 << shift) - 1)
        return tuple(each.astype(self.shorter.dtype) for each in (kept, *words[1:]))

    def renamed(self, words: Words, other: Packing, ids: Int[NDArray[Any], " symbols"]) -> Words:
        """Return n-grams as `other` packs them, symbol i having become `ids[i]`."""
        result = tuple(np.zeros(len(words[0]), dtype=other.dtype) for _ in range(other.words))
        ids = ids.astype(other.dtype)
        for back in range(self.order):
            word, shift = self.place(back)
            symbols = (words[word] >> words[word].dtype.type(shift)) & words[word].dtype.type((1 << self.bits) - 1)
            word, shift = other.place(back)
            result[word][:] |= ids[symbols] << other.dtype(shift)
        return result


@dataclass(frozen=True)
class Table:
    """Distinct n-grams in their order: `words`, how often each was seen, and how many distinct symbols before it."""

    words: Words
    counts: NDArray[np.int64]
    continuations: NDArray[np.int64]

    @property
    def columns(self) -> tuple[NDArray[Any], ...]:
        """The words, the counts, the continuations."""
        return (*self.words, self.counts, self.continuations)

    @classmethod
    def of(cls, columns: Sequence[NDArray[Any]]) -> Table:
        """Return the table of these columns."""
        return cls(tuple(columns[:-2]), columns[-2], columns[-1])

    def suffixes(self, packing: Packing) -> Table:
        """Return the n-grams without their first symbols; `packing` is that of this table."""
        return gather(Table(packing.without_first(self.words), self.counts, (self.counts > 0).astype(np.int64)))


def count_packed(tokens: NDArray[Any], packing: Packing, weights: NDArray[Any] | None) -> Table:
    """Return how often each n-gram ends in a token, but for the first `order - 1`, which only come before.

    `weights` [N] says how often each token counts, None for once. The tokens' own symbols are numbered anew: a part of
    a list has fewer of them than the whole, so that most often one word is enough.
    """
    present = np.zeros(packing.symbols, dtype=bool)
    present[tokens] = present[END] = True
    ids = np.flatnonzero(present)
    own = Packing(packing.order, len(ids))
    words = own.pack((np.cumsum(present) - 1).astype(np.min_scalar_type(len(ids)))[tokens])
    keys, folds = _folded(words)
    if weights is None:
        keys.sort()
        first = _first_of_runs((keys,))
        distinct, counts = keys[first], np.diff(first, append=len(keys))
    else:
        distinct, places = _ranked(keys)
        counts = np.bincount(places, weights, len(distinct)).astype(np.int64)
    words = own.renamed(_unfolded(distinct, folds), packing, ids)
    return Table(words, counts, np.zeros(len(distinct), dtype=np.int64))


def merge(tables: Sequence[Table]) -> Table:
    """Return one table of all n-grams in tables, their counts added."""
    if len(tables) == 1:
        return tables[0]
    return gather(Table.of([np.concatenate(column) for column in zip(*(t.columns for t in tables), strict=True)]))


def gather(table: Table) -> Table:
    """Return a table in which rows that need not be sorted nor distinct are; quick where long stretches are sorted."""
    keys, _ = _folded(table.words)
    order = np.argsort(keys, kind="stable")
    first = _first_of_runs((keys[order],))
    if not len(first):
        return table
    words = tuple(word[order[first]] for word in table.words)
    return Table(words, *(np.add.reduceat(column[order], first) for column in (table.counts, table.continuations)))


def _first_of_runs(words: Words) -> NDArray[np.int64]:
    """Return where rows differ from the row before."""
    differs = np.ones(len(words[0]), dtype=bool)
    if len(differs):
        differs[1:] = (
            np.any([word[1:] != word[:-1] for word in words], axis=0)
            if len(words) > 1
            else (words[0][1:] != words[0][:-1])
        )
    return np.flatnonzero(differs)


Fold = tuple[np.uint64, "NDArray[Any] | None", "NDArray[Any] | None"]


def _folded(words: Words) -> tuple[NDArray[Any], list[Fold]]:
    """Return one number for each row, which compares as the rows do, and what `_unfolded` needs.

    Where two words do not fit into one, numbers stand for their distinct values: of the wider one's, which most often
    is enough, then of the other's too.
    """
    keys, folds = words[0], []
    for word in words[1:]:
        pair: list[NDArray[Any]] = [keys, word]
        ranks: list[NDArray[Any] | None] = [None, None]
        for i in (0, 1) if _size(keys) > _size(word) else (1, 0):
            if max(_size(pair[0]) * _size(pair[1]), _size(pair[1]) + 1) > 1 << BITS:
                ranks[i], pair[i] = _ranked(pair[i])
        size = np.uint64(_size(pair[1]))
        keys = pair[0].astype(np.uint64) * size + pair[1].astype(np.uint64)
        folds.append((size, ranks[0], ranks[1]))
    return keys, folds


def _unfolded(keys: NDArray[Any], folds: list[Fold]) -> Words:
    words = []
    for size, of_keys, of_word in reversed(folds):
        keys, word = np.divmod(keys, size)
        words.append(word if of_word is None else of_word[word])
        keys = keys if of_keys is None else of_keys[keys]
    return (keys, *reversed(words))


def _ranked(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the distinct values in order, and where each value stands among them."""
    order = np.argsort(values)
    ordered = values[order]
    first = _first_of_runs((ordered,))
    places = np.empty(len(values), dtype=np.int64)
    places[order] = np.repeat(np.arange(len(first)), np.diff(first, append=len(values)))
    return ordered[first], places


def _size(values: NDArray[Any]) -> int:
    """Return how many numbers there are up to the greatest."""
    return int(values.max(initial=0)) + 1
