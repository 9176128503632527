"""How many words are more probable than a given one, by Monte Carlo (Dell'Amico and Filippone, CCS 2015).

A model gives every word a probability, but it has too many words to sort them. In a sample of n words, each represents
1 / (n p) words of its probability p. The sum of 1 / (n p) over the sampled words that are more probable than a word is
an unbiased estimate of the word's rank.
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

TIE = 1e-5
"""Differences up to this many nats are ties: they are rounding errors of float32."""

UNSEEN = 1
"""Samples just above the word, and as many below it, that are added for the upper end of the interval, as in Wilson's
interval. If no sample is above the word, the upper end is about 3 / (n p), the rule of three."""


@dataclass(frozen=True)
class GuessNumber:
    """How many words a model would guess before a word (the more probable words), with the 95 % interval.

    `bits` is log2(1 + guesses), and `bits_interval` the same for the interval's ends: the first guess has 0 bits. A
    number above 10^308 is infinite, but its bits are finite.
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
    """Sampled words, the most probable first, with the cumulative sums that give the rank of any word.

    `log_p` float64[n], in descending order; `log_sums` and `log_squares` float64[n + 1], the logarithms of the sums of
    1 / p and 1 / p^2 over the first k; `distinct` int64[n + 1], the number of different words among the first k.
    """

    log_p: Float[NDArray[Any], " n"]
    log_sums: Float[NDArray[Any], " n_and_one"]
    log_squares: Float[NDArray[Any], " n_and_one"]
    distinct: Int[NDArray[Any], " n_and_one"]

    @classmethod
    def of(cls, samples: Sequence[str], log_p: Float[NDArray[Any], " n"]) -> Ranking:
        """Return the ranking from unfiltered samples of a model and their log-probabilities as samples (nats).

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
        """Return the guess number of each word, from its log-probability as a sample (nats).

        The interval is that of a mean of n independent terms; its upper end counts one more sample with the probability
        of the word. The sampled different words are a certain lower bound, and 1 / p is an upper bound, as no more
        words can be more probable than p. Both bounds hold for the number and its interval.

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
        extended = n + 2 * UNSEEN
        wider_mean, wider_square = (n * mean + UNSEEN) / extended, (n * square + UNSEEN) / extended
        high = wider_mean + NORMAL_95 * np.sqrt(np.maximum(wider_square - wider_mean**2, 0) / extended)
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
