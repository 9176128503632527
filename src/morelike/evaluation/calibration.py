"""Calibration of scores: a word's bits per character compared with held-out real words.

Bits per character rank words; held-out real words show which values are usual. A threshold is split-conformal
(Papadopoulos et al. 2002; Vovk et al. 2005): for n held-out words and one new real word, all orders of the scores are
equally likely. So the new word exceeds the ceil((n + 1)(1 - fpr))th smallest score with a probability of at most fpr,
for any distribution of the scores. Short words have more bits per character than long ones, so each length has its own
threshold, from held-out words of this length (Mondrian conformal prediction: Vovk et al. 2003).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, Int
from morelike.errors import SettingError

MIN_PEERS = 30
"""Held-out words for a percentile; if fewer have the same length, words of neighbouring lengths are added."""

PEERS_ABOVE = 2
"""Held-out words above the threshold of a length, on average. More of them need more neighbouring lengths."""

ODD_QUANTILE = 0.99
"""Quantile of the surprisal of held-out characters above which a character is odd."""


@dataclass(frozen=True)
class Peers:
    """The held-out words with which words of one length are compared: their lengths, and bits per character, sorted."""

    length: int
    shortest: int
    longest: int
    bits: Float[NDArray[np.float64], " peers"]

    @property
    def pooled(self) -> bool:
        """Whether the peers include words of other lengths."""
        return not self.shortest == self.length == self.longest


@dataclass(frozen=True)
class Calibration:
    """The scores of held-out real words under a model.

    `lengths` int64[words], characters without the end; `bits` float64[words], bits per character, the end included;
    `surprisals` float64[N], the bits of each of their characters, ends included.
    """

    lengths: Int[NDArray[np.int64], " words"]
    bits: Float[NDArray[np.float64], " words"]
    surprisals: Float[NDArray[np.float64], " N"]

    def __post_init__(self) -> None:
        if not len(self.lengths):
            raise SettingError("no held-out words to compare with: give real words that are not in the training list")

    @cached_property
    def odd_above(self) -> float:
        """The bits that 99 % of the held-out characters do not exceed; a character with more bits is odd."""
        return float(np.quantile(self.surprisals, ODD_QUANTILE, method="higher"))

    def peers(self, length: int, at_least: int = MIN_PEERS) -> Peers:
        """Return the held-out words with this number of characters; if they are few, add neighbouring lengths.

        Lengths are added one by one on both sides until there are `at_least` words, or no more.

        >>> few = Calibration(np.arange(1, 41), np.ones(40), np.ones(40))
        >>> few.peers(4).shortest, few.peers(4).longest, len(few.peers(4).bits)
        (1, 30, 30)
        """
        if (length, at_least) not in self._peers:
            distance = np.abs(self.lengths - length)
            near = distance <= np.sort(distance)[min(at_least, len(distance)) - 1]
            lengths = self.lengths[near]
            peers = Peers(length, int(lengths.min()), int(lengths.max()), np.sort(self.bits[near]))
            self._peers[length, at_least] = peers
        return self._peers[length, at_least]

    def percentiles(
        self,
        lengths: Int[NDArray[Any], " some"],
        bits: Float[NDArray[Any], " some"],
        at_least: int = MIN_PEERS,
    ) -> Float[NDArray[np.float64], " some"]:
        """Return for each word, from its length and bits per character, the percentage of words that fit no better.

        The words are its n peers and the word itself. 100: every held-out word of this length has more bits;
        100 / (n + 1): none has. Peers with the same bits count half. The words that `thresholds` rejects for a rate
        have at most this percentage, and no other word has less.

        >>> usual = Calibration(np.full(40, 4), np.arange(40.0), np.ones(40))
        >>> usual.percentiles(np.array([4, 4]), np.array([-1.0, 9.5])).tolist()
        [100.0, 75.60975609756098]
        """
        result = np.empty(len(lengths))
        for length in np.unique(lengths).tolist():
            selected, peers = lengths == length, self.peers(length, at_least).bits
            below = np.searchsorted(peers, bits[selected], "left") + np.searchsorted(peers, bits[selected], "right")
            result[selected] = 100 * (1 - below / 2 / (len(peers) + 1))
        return result

    def threshold(self, fpr: float) -> float:
        """Return the bits per character above which words of any length are rejected, as a share `fpr` of real words.

        Most of the rejected real words are short. `thresholds` has this share for each length.

        Raises:
            SettingError: `fpr` is not between 0 and 1, or too small for the number of held-out words.

        >>> Calibration(np.full(99, 4), np.arange(1.0, 100), np.ones(99)).threshold(0.05)
        95.0
        """
        self._check_rate(fpr)
        return _conformal_threshold(np.sort(self.bits), fpr)

    def thresholds(self, lengths: Int[NDArray[Any], " some"], fpr: float) -> Float[NDArray[np.float64], " some"]:
        """Return, for words of these lengths, the bits per character that at most `fpr` of the peers exceed.

        The peers are those of `peers(length, peers_for(fpr))`.

        Raises:
            SettingError: `fpr` is not between 0 and 1, or too small for the number of held-out words.

        >>> usual = Calibration(np.repeat([3, 8], 99), np.r_[np.arange(101.0, 200), np.arange(1.0, 100)], np.ones(198))
        >>> usual.thresholds(np.array([3, 8]), 0.05).tolist()
        [195.0, 95.0]
        """
        self._check_rate(fpr)
        distinct, which = np.unique(lengths, return_inverse=True)
        at_least = peers_for(fpr)
        found = [_conformal_threshold(self.peers(length, at_least).bits, fpr) for length in distinct.tolist()]
        return np.array(found, np.float64)[which]

    def _check_rate(self, fpr: float) -> None:
        if not 0 < fpr < 1:
            raise SettingError(f"fpr = {fpr:g}: the share of real words that are wrongly rejected lies between 0 and 1")
        words = len(self.bits)
        if _rank(words, fpr) > words:
            raise SettingError(
                f"fpr = {fpr:g} needs {ceil(1 / fpr - 1e-9) - 1:,} held-out words or more, but there are {words:,}: "
                "give a larger share, or more real words"
            )

    @cached_property
    def _peers(self) -> dict[tuple[int, int], Peers]:
        return {}


def peers_for(fpr: float) -> int:
    """Return how many held-out words the threshold of one length needs for this false-positive rate.

    >>> peers_for(0.01), peers_for(0.5)
    (200, 30)
    """
    return max(MIN_PEERS, ceil(PEERS_ABOVE / fpr))


def _conformal_threshold(bits: Float[NDArray[np.float64], " words"], fpr: float) -> float:
    """Return the threshold of sorted scores for which `_rank` exists."""
    return float(bits[_rank(len(bits), fpr) - 1])


def _rank(words: int, fpr: float) -> int:
    return ceil((words + 1) * (1 - fpr) - 1e-9)
