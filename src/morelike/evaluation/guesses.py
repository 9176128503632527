"""How many words are more probable than a given one, by Monte Carlo (Dell'Amico and Filippone, CCS 2015).

A model gives every word a probability, but its words are far too many to sort. Of n words that it makes, each stands
for 1 / (n p) words: so many there are like it. The rank of a word is the sum of these over the sampled words that are
more probable than it, an unbiased estimate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, Int
from morelike.errors import SettingError
from morelike.evaluation.intervals import NORMAL_95

__all__ = ["GuessNumber", "Ranking"]

TIE = 1e-5
"""Nats by which one word must be more probable than another: float32 gives the same word that many or fewer."""

UNSEEN = 1
"""Samples just above the word, and as many below it, that are added for the upper end, as Wilson adds two to a share:
what no sample showed may still be there. Where none was above, the end is 3 / (n p), as the rule of three has it."""


@dataclass(frozen=True)
class GuessNumber:
    """How many words a model would guess before a word: those more probable than it, with the 95 % interval.

    `bits` is log2(1 + guesses) and `bits_interval` the same of the interval's ends: a word that is guessed first has
    none. A number beyond 10^308 is infinite; its bits are not.
    """

    word: str
    guesses: float
    interval: tuple[float, float]
    bits: float
    bits_interval: tuple[float, float]

    def as_dict(self) -> dict[str, Any]:
        """Return the figures under the names that the command line's JSON uses."""
        return {
            "word": self.word,
            "guesses": self.guesses,
            "low": self.interval[0],
            "high": self.interval[1],
            "bits": self.bits,
            "low_bits": self.bits_interval[0],
            "high_bits": self.bits_interval[1],
        }


@dataclass(frozen=True)
class Ranking:
    """Sampled words, the most probable first, and their sums: what the rank of any word is read from.

    `log_p` float64[n], falling; `log_sums` and `log_squares` float64[n + 1], the logarithms of the sums of 1 / p and
    1 / p^2 of the first k; `distinct` int64[n + 1], how many different words these are.
    """

    log_p: Float[NDArray[Any], " n"]
    log_sums: Float[NDArray[Any], " n_and_one"]
    log_squares: Float[NDArray[Any], " n_and_one"]
    distinct: Int[NDArray[Any], " n_and_one"]

    @classmethod
    def of(cls, samples: Sequence[str], log_p: Float[NDArray[Any], " n"]) -> Ranking:
        """Return the ranking by plain samples of a model and their log-probabilities, of being made (nats).

        Raises:
            SettingError: fewer than two samples.
        """
        if len(samples) < 2:
            raise SettingError(f"samples = {len(samples)}: a guess number is estimated from two samples or more")
        order = np.argsort(-log_p, kind="stable")
        _, first = np.unique(np.array(samples)[order], return_index=True)
        is_first = np.zeros(len(samples), dtype=np.int64)
        is_first[first] = 1
        rarity = np.concatenate([[-np.inf], -log_p[order]])
        return cls(
            log_p[order],
            np.logaddexp.accumulate(rarity),
            np.logaddexp.accumulate(2 * rarity),
            np.concatenate([[0], np.cumsum(is_first)]),
        )

    def of_words(self, words: Sequence[str], log_p: Float[NDArray[Any], " words"]) -> list[GuessNumber]:
        """Return the guess number of each word, from its log-probability of being made (nats).

        The interval is that of the mean of n independent terms; its upper end counts one sample more than there was
        at the word's own rarity. The different words that were sampled are counted for certain, and no more than 1 / p
        words can be more probable than p: neither the number nor its interval leaves these bounds.

        >>> p = np.log([0.5, 0.5, 0.25, 0.25])
        >>> a, c, rare = Ranking.of(["a", "a", "b", "c"], p).of_words(["a", "c", "rare"], np.log([0.5, 0.25, 0.01]))
        >>> [round(each.guesses, 9) for each in (a, c, rare)]
        [0.0, 1.0, 3.0]
        """
        n = len(self.log_p)
        above = np.searchsorted(-self.log_p, -(log_p + TIE))
        estimate = self.log_sums[above] - np.log(n)
        squares = self.log_squares[above] - np.log(n)
        spread = np.exp(squares - 2 * np.where(above > 0, estimate, 0)) - 1  # the terms' variance by their mean squared
        low = np.maximum(1 - NORMAL_95 * np.sqrt(np.maximum(spread, 0) / n), 0)
        mean, square = np.exp(estimate + log_p), np.exp(squares + 2 * log_p)  # of p(w) / p, between 0 and 1
        more = n + 2 * UNSEEN
        mean_more, square_more = (n * mean + UNSEEN) / more, (n * square + UNSEEN) / more
        high = mean_more + NORMAL_95 * np.sqrt(np.maximum(square_more - mean_more**2, 0) / more)
        with np.errstate(divide="ignore"):
            ends = [estimate + np.log(low), estimate, np.log(high) - log_p]
            certain = np.log(self.distinct[above])
            most = np.log1p(-np.exp(np.minimum(log_p, 0))) - log_p
        logs = np.stack([np.maximum(np.minimum(np.maximum(end, certain), most), certain) for end in ends])
        with np.errstate(over="ignore"):
            guesses = np.exp(logs).T.tolist()
        bits = (np.logaddexp(0, logs) / log(2)).T.tolist()
        return [
            GuessNumber(word, number, (least, greatest), b, (fewest, most_bits))
            for word, (least, number, greatest), (fewest, b, most_bits) in zip(words, guesses, bits, strict=True)
        ]
