"""The words that a model was trained and evaluated on, as 64-bit hashes that are saved with the model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from morelike.display import Summarized, Summary
from morelike.text.splits import SPLIT_NAMES, Split
from morelike.text.stored_words import SplitWords
from morelike.text.words import Words, check_words


@dataclass(frozen=True, repr=False)
class KnownWords(Summarized):
    """Sorted uint64 hashes of the words of train, dev and test.

    Two different words have the same hash with probability 2^-64. For a list of ten million words, a new word is
    taken for a known one with probability below 10^-12.
    """

    train: NDArray[np.uint64]
    dev: NDArray[np.uint64]
    test: NDArray[np.uint64]

    def _summary(self) -> Summary:
        return Summary({name: len(getattr(self, name)) for name in SPLIT_NAMES})

    @classmethod
    def of(cls, split: Split) -> KnownWords:
        """Return the hashes of the words of a split; the hashes of a store stay on disk."""
        return cls(*(_distinct_hashes(words) for words in (split.train, split.dev, split.test)))

    def equals(self, other: KnownWords) -> bool:
        """Return whether train, dev and test have the same words in both."""
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in SPLIT_NAMES)

    def union(self, other: KnownWords) -> KnownWords:
        """Return the union of both train sets, both dev sets and both test sets."""
        return KnownWords(*(np.union1d(getattr(self, name), getattr(other, name)) for name in SPLIT_NAMES))

    def split_of(self, word: str) -> str:
        """Return `"train"`, `"dev"` or `"test"`, the first that contains the word, or `"new"`."""
        return self.splits_of([word])[0]

    def splits_of(self, words: Words) -> list[str]:
        """Return `split_of` each word."""
        wanted = hash_words(check_words(words))
        found = np.full(len(wanted), "new", dtype="<U5")
        for name in reversed(SPLIT_NAMES):
            found[_contains(getattr(self, name), wanted)] = name
        splits: list[str] = found.tolist()
        return splits

    def in_train(self, words: Words) -> NDArray[np.bool_]:
        """Return for each word whether train contains it."""
        return _contains(self.train, hash_words(check_words(words)))


def hash_words(words: Iterable[str]) -> NDArray[np.uint64]:
    """Return the 64-bit hash of each word."""
    digests = b"".join([blake2b(word.encode(errors="surrogatepass"), digest_size=8).digest() for word in words])
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def _distinct_hashes(words: Sequence[str]) -> NDArray[np.uint64]:
    return words.hashes if isinstance(words, SplitWords) else np.unique(hash_words(words))


def _contains(hashes: NDArray[np.uint64], wanted: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return for each wanted hash whether the sorted hashes contain it."""
    if not len(hashes):
        return np.zeros(len(wanted), dtype=bool)
    at = np.minimum(np.searchsorted(hashes, wanted), len(hashes) - 1)
    found: NDArray[np.bool_] = hashes[at] == wanted
    return found
