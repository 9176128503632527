"""Which words a model was trained and judged on, kept as 64-bit hashes: a moved model still knows what is new."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from morelike.text.splits import Split
from morelike.text.stored_words import PartWords
from morelike.text.words import clean

__all__ = ["KnownWords", "hashes_of"]

PARTS = ("train", "dev", "test")


@dataclass(frozen=True)
class KnownWords:
    """Sorted uint64 hashes of the words of train, dev and test.

    Two different words share a hash once in 2^64: a new word is called known by mistake less than once in 10^12 for a
    list of ten million.
    """

    train: NDArray[np.uint64]
    dev: NDArray[np.uint64]
    test: NDArray[np.uint64]

    @classmethod
    def of(cls, parts: Split) -> KnownWords:
        """Return the hashes of a split's words; those of a store stay on disk."""
        return cls(*(_distinct(words) for words in (parts.train, parts.dev, parts.test)))

    def equals(self, other: KnownWords) -> bool:
        """Return whether these are the same words in the same parts."""
        return all(np.array_equal(getattr(self, part), getattr(other, part)) for part in PARTS)

    def joined(self, other: KnownWords) -> KnownWords:
        """Return the words that either knows, part by part."""
        return KnownWords(*(np.union1d(getattr(self, part), getattr(other, part)) for part in PARTS))

    def split_of(self, word: str) -> str:
        """Return `"train"`, `"dev"` or `"test"`, the first that contains the word, or `"new"`."""
        wanted = np.uint64(_hash(clean(word)))
        for split in PARTS:
            hashes = getattr(self, split)
            at = int(np.searchsorted(hashes, wanted))
            if at < len(hashes) and hashes[at] == wanted:
                return split
        return "new"

    def splits_of(self, words: Sequence[str]) -> list[str]:
        """Return `split_of` of each word; faster for many words."""
        wanted = hashes_of(map(clean, words))
        found = np.full(len(words), "new", dtype="<U5")
        for split in reversed(PARTS):
            found[_among(getattr(self, split), wanted)] = split
        splits: list[str] = found.tolist()
        return splits

    def in_train(self, words: Sequence[str]) -> NDArray[np.bool_]:
        """Return for each word whether it is in train."""
        return _among(self.train, hashes_of(map(clean, words)))


def hashes_of(words: Iterable[str]) -> NDArray[np.uint64]:
    """Return the 64-bit hash of each word."""
    digests = bytearray()
    for word in words:
        digests += _digest(word)
    return np.frombuffer(bytes(digests), dtype="<u8").astype(np.uint64)


def _distinct(words: Sequence[str]) -> NDArray[np.uint64]:
    return words.known if isinstance(words, PartWords) else np.unique(hashes_of(words))


def _among(hashes: NDArray[np.uint64], wanted: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return for each wanted hash whether it is among the sorted ones."""
    if not len(hashes):
        return np.zeros(len(wanted), dtype=bool)
    at = np.minimum(np.searchsorted(hashes, wanted), len(hashes) - 1)
    found: NDArray[np.bool_] = hashes[at] == wanted
    return found


def _hash(word: str) -> int:
    return int.from_bytes(_digest(word), "little")


def _digest(word: str) -> bytes:
    return blake2b(word.encode(), digest_size=8).digest()
