"""N-grams packed into integers, so that sorting integers sorts n-grams.

An n-gram is a row of words of 64 bits (or 32), most often one word. The last symbol is in the lowest bits of the last
word, and each word holds as many symbols as fit. Rows compare as their symbols do, first symbol first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.text.vocabulary import END

BITS = 64
CACHED = 1 << 15  # tokens packed at once: they stay in the processor's cache
Words = tuple[NDArray[Any], ...]


@dataclass(frozen=True)
class Packing:
    """The layout of n-grams of `order` symbols in words, for a vocabulary of `symbols` symbols."""

    order: int
    symbols: int

    @property
    def bits(self) -> int:
        """Bits per symbol."""
        return max((self.symbols - 1).bit_length(), 1)

    @property
    def in_word(self) -> int:
        """Symbols per word."""
        return BITS // self.bits

    @property
    def words(self) -> int:
        """Words per n-gram."""
        return -(-self.order // self.in_word)

    @property
    def dtype(self) -> type[np.unsignedinteger[Any]]:
        """The type of a word: 32 bits if an n-gram fits, because they sort in half the time."""
        return np.uint32 if self.order * self.bits <= BITS // 2 else np.uint64

    @property
    def shorter(self) -> Packing:
        """The packing of n-grams that are one symbol shorter."""
        return Packing(self.order - 1, self.symbols)

    def place(self, back: int) -> tuple[int, int]:
        """Return the word that holds the symbol `back` places before the last one, and its shift in bits."""
        return self.words - 1 - back // self.in_word, back % self.in_word * self.bits

    def pack(self, tokens: NDArray[Any]) -> Words:
        """Return the n-gram that ends in each token after the first `order - 1`; `END` closes a line.

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
        inside = np.ones(length, dtype=bool)  # whether no line ends within the last `back` tokens
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
        """Return the n-grams in another packing, with symbol i renamed to `ids[i]`."""
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
    """Distinct n-grams, sorted: `words`, how often each was seen, and how many distinct symbols before it."""

    words: Words
    counts: NDArray[np.int64]
    continuations: NDArray[np.int64]

    @property
    def columns(self) -> tuple[NDArray[Any], ...]:
        """The words, the counts, the continuations."""
        return (*self.words, self.counts, self.continuations)

    @classmethod
    def of(cls, columns: Sequence[NDArray[Any]]) -> Table:
        """Return the table with these columns."""
        return cls(tuple(columns[:-2]), columns[-2], columns[-1])

    def suffixes(self, packing: Packing) -> Table:
        """Return the table of the n-grams without their first symbols; `packing` is the packing of this table."""
        return gather(Table(packing.without_first(self.words), self.counts, (self.counts > 0).astype(np.int64)))


def count_packed(tokens: NDArray[Any], packing: Packing, weights: NDArray[Any] | None) -> Table:
    """Return how often each n-gram ends in a token after the first `order - 1`.

    `weights` [N] says how often each token counts, None for once. The symbols of these tokens are renumbered while they
    are sorted: there are fewer of them than in the whole list, so one word is enough most often.
    """
    present = np.zeros(packing.symbols, dtype=bool)
    present[tokens] = present[END] = True
    ids = np.flatnonzero(present)
    renumbered = Packing(packing.order, len(ids))
    words = renumbered.pack((np.cumsum(present) - 1).astype(np.min_scalar_type(len(ids)))[tokens])
    keys, folds = _folded(words)
    if weights is None:
        keys.sort()
        first = _first_of_runs(keys)
        distinct, counts = keys[first], np.diff(first, append=len(keys))
    else:
        distinct, ranks = _ranked(keys)
        counts = np.bincount(ranks, weights, len(distinct)).astype(np.int64)
    words = renumbered.renamed(_unfolded(distinct, folds), packing, ids)
    return Table(words, counts, np.zeros(len(distinct), dtype=np.int64))


def merge(tables: Sequence[Table]) -> Table:
    """Return one table of the n-grams of all tables, with their counts added."""
    if len(tables) == 1:
        return tables[0]
    return gather(Table.of([np.concatenate(column) for column in zip(*(t.columns for t in tables), strict=True)]))


def gather(table: Table) -> Table:
    """Return a table with its rows sorted and equal rows added; fast if long stretches of rows are sorted already."""
    keys, _ = _folded(table.words)
    order = np.argsort(keys, kind="stable")
    first = _first_of_runs(keys[order])
    if not len(first):
        return table
    words = tuple(word[order[first]] for word in table.words)
    return Table(words, *(np.add.reduceat(column[order], first) for column in (table.counts, table.continuations)))


def _first_of_runs(values: NDArray[Any]) -> NDArray[np.int64]:
    """Return the indices of the values that differ from the value before."""
    differs = np.ones(len(values), dtype=bool)
    differs[1:] = values[1:] != values[:-1]
    return np.flatnonzero(differs)


Fold = tuple[np.uint64, "NDArray[Any] | None", "NDArray[Any] | None"]


def _folded(words: Words) -> tuple[NDArray[Any], list[Fold]]:
    """Return one number for each row, and how to unfold it; the numbers compare as the rows do.

    If two words do not fit into one number, the values of the wider word are replaced by their ranks. If that is not
    enough, the values of the other word are too.
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
    """Return the distinct values, sorted, and the rank of each value among them."""
    order = np.argsort(values)
    ordered = values[order]
    first = _first_of_runs(ordered)
    ranks = np.empty(len(values), dtype=np.int64)
    ranks[order] = np.repeat(np.arange(len(first)), np.diff(first, append=len(values)))
    return ordered[first], ranks


def _size(values: NDArray[Any]) -> int:
    """Return the greatest value plus 1."""
    return int(values.max(initial=0)) + 1
