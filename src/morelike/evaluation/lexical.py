"""Lexical measures of words relative to a list: the columns on which psycholinguists match.

- `length`: characters.
- `old20`: the mean edit distance to the 20 nearest other words of the list (Yarkoni, Balota and Yap 2008,
  https://doi.org/10.3758/PBR.15.5.971): low in dense neighbourhoods.
- `neighbours`: Coltheart's N, the words of the list at one substitution (Coltheart, Davelaar, Jonasson and Besner
  1977).
- `bigrams`, `trigrams`: the mean of log10(1 + frequency in the list) over the word's n-grams. Each end of a word has a
  boundary mark, so the beginning and the end count, and a word of one character has both kinds of n-grams.
- `bits`: the model's surprisal, bits per character, the word's end included.

The list is a set: a word that occurs twice in it counts once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, Int
from morelike.cancellation import check_cancelled
from morelike.errors import ListError
from morelike.evaluation.nearest import rapidfuzz

COLUMNS = ("length", "old20", "neighbours", "bigrams", "trigrams", "bits")
NEAREST = 20
MARK = "\n"  # the boundary mark; no word contains it
DISTANCES_AT_ONCE = 1 << 24


@dataclass(frozen=True)
class Measures:
    """Words with their lexical measures: `values[i, c]` is the measure `COLUMNS[c]` of word i.

    `nearest` is the number of words in the mean of `old20`: 20, or all other words of a shorter list.
    """

    words: list[str]
    values: Float[NDArray[Any], "words 6"]
    nearest: int

    def __len__(self) -> int:
        return len(self.words)

    def take(self, indices: Int[NDArray[Any], " some"]) -> Measures:
        """Return the measures of the words with these indices, in this order."""
        return Measures([self.words[i] for i in indices.tolist()], self.values[indices], self.nearest)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield for each word its columns by name, `word` first, as plain values that JSON can hold."""
        for word, (length, old, neighbours, *rest) in zip(self.words, self.values.tolist(), strict=True):
            yield {"word": word} | dict(zip(COLUMNS, [int(length), old, int(neighbours), *rest], strict=True))


class Lexicon:
    """A list of words against which other words are measured.

    Raises:
        ListError: fewer than two different words; then a word of the list has no neighbour.

    >>> lexicon = Lexicon(["anna", "hanna", "anne", "hannah"])
    >>> lexicon.nearest, lexicon.old(["anna"]).tolist()  # hanna 1, anne 1, hannah 2
    (3, [1.3333333333333333])
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.words = list(dict.fromkeys(words))
        if len(self.words) < 2:
            raise ListError(f"{len(self.words)} different word in the list: words are measured against two or more")

    @property
    def nearest(self) -> int:
        """The number of words in the mean of OLD: the same for words of the list and for others."""
        return min(NEAREST, len(self.words) - 1)

    def measure(self, words: Sequence[str], bits: Float[NDArray[Any], " words"]) -> Measures:
        """Return the measures of words with this surprisal (bits per character)."""
        columns = [
            np.array([len(word) for word in words], dtype=np.float64),
            self.old(words),
            self.neighbours(words).astype(np.float64),
            self.ngrams(words, 2),
            self.ngrams(words, 3),
            np.asarray(bits, dtype=np.float64),
        ]
        return Measures(list(words), np.stack(columns, axis=1), self.nearest)

    def old(self, words: Sequence[str]) -> Float[NDArray[Any], " words"]:
        """Return the mean edit distance (Levenshtein 1966) of each word to the nearest other words of the list."""
        process, levenshtein = rapidfuzz()

        result = np.empty(len(words))
        longest = max(map(len, [*self.words, *words]))
        rows = 1 + DISTANCES_AT_ONCE // len(self.words)
        for first in range(0, len(words), rows):
            check_cancelled()
            distances = process.cdist(
                words[first : first + rows],
                self.words,
                scorer=levenshtein.distance,
                dtype=np.uint8 if longest < 256 else np.uint32,
                workers=1,
            )
            result[first : first + rows] = [_mean_of_least(np.bincount(row), self.nearest) for row in distances]
        return result

    def neighbours(self, words: Sequence[str]) -> Int[NDArray[Any], " words"]:
        """Return Coltheart's N of each word.

        >>> Lexicon(["anna", "anne", "hanna", "ahna"]).neighbours(["anna", "enna"]).tolist()
        [2, 1]
        """
        found = [sum(self._gapped[gap] for gap in _gaps(word)) for word in words]
        itself = [len(word) if word in self._set else 0 for word in words]  # a word matches itself at each gap
        return np.array(found, dtype=np.int64) - np.array(itself, dtype=np.int64)

    def ngrams(self, words: Sequence[str], n: int) -> Float[NDArray[Any], " words"]:
        """Return the mean log10(1 + frequency) of each word's n-grams, n 2 or 3.

        >>> Lexicon(["ab", "ac"]).ngrams(["ab"], 2).tolist() == [(2 * np.log10(2) + np.log10(3)) / 3]
        True
        """
        counts = self._ngrams[n]
        logs = ([counts[ngram] for ngram in _ngrams(word, n)] for word in words)
        return np.array([float(np.log10(1 + np.array(each)).mean()) for each in logs])

    @cached_property
    def _set(self) -> set[str]:
        return set(self.words)

    @cached_property
    def _gapped(self) -> Counter[tuple[str, str]]:
        return Counter(gap for word in self.words for gap in _gaps(word))

    @cached_property
    def _ngrams(self) -> dict[int, Counter[str]]:
        return {n: Counter(ngram for word in self.words for ngram in _ngrams(word, n)) for n in (2, 3)}


def _mean_of_least(counts: Int[NDArray[Any], " distances"], nearest: int) -> float:
    """Return the mean of the `nearest` least distances from the count of each; distance 0 is the word itself."""
    counts[0] = 0
    taken = np.diff(np.minimum(np.cumsum(counts), nearest), prepend=0)
    return float(taken @ np.arange(len(counts)) / nearest)


def _gaps(word: str) -> Iterator[tuple[str, str]]:
    """Yield the parts before and after each character: neighbours by substitution have such a pair in common."""
    return ((word[:i], word[i + 1 :]) for i in range(len(word)))


def _ngrams(word: str, n: int) -> Iterator[str]:
    marked = f"{MARK}{word}{MARK}"
    return (marked[i : i + n] for i in range(len(marked) - n + 1))
