"""How unlike is too unlike: a word's score beside those of held-out real words.

Bits per character say which of two words is the more alike; only real words that the model has not seen say what is
usual. The threshold is split-conformal (Papadopoulos et al. 2002; Vovk et al. 2005): of n held-out words and one real
word more, all orders are equally likely, so that the word exceeds the ceil((n + 1)(1 - fpr))th smallest score with a
probability of at most fpr, whatever the scores' distribution.
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

__all__ = ["Calibration", "Peers"]

FEWEST_PEERS = 30
"""Held-out words of one length that a percentile is taken among; with fewer, neighbouring lengths join them."""

USUAL = 0.99
"""The share of held-out characters below whose surprisal a character is not odd."""


@dataclass(frozen=True)
class Peers:
    """The held-out words that words of one length are compared with: their lengths, and bits per character, rising."""

    length: int
    shortest: int
    longest: int
    bits: Float[NDArray[np.float64], " peers"]

    @property
    def pooled(self) -> bool:
        """Whether words of other lengths are among them."""
        return not self.shortest == self.length == self.longest


@dataclass(frozen=True)
class Calibration:
    """Held-out real words under a model: what is usual.

    `lengths` int64[words], characters without the end; `bits` float64[words], bits per character, the end included;
    `surprisals` float64[N], the bits of each of their characters, ends included.
    """

    lengths: Int[NDArray[np.int64], " words"]
    bits: Float[NDArray[np.float64], " words"]
    surprisals: Float[NDArray[np.float64], " N"]

    def __post_init__(self) -> None:
        if not len(self.lengths):
            raise SettingError("no held-out words to compare with: give real words that the model has not learned from")

    @cached_property
    def odd_above(self) -> float:
        """The bits that 99 % of held-out characters do not exceed: a character with more is odd."""
        return float(np.quantile(self.surprisals, USUAL, method="higher"))

    def peers(self, length: int) -> Peers:
        """Return the held-out words of this many characters; where they are few, neighbouring lengths join them.

        Lengths join one by one from both sides until there are 30 words, or all.

        >>> few = Calibration(np.arange(1, 41), np.ones(40), np.ones(40))
        >>> few.peers(4).shortest, few.peers(4).longest, len(few.peers(4).bits)
        (1, 30, 30)
        """
        if length not in self._peers:
            distance = np.abs(self.lengths - length)
            reach = np.sort(distance)[min(FEWEST_PEERS, len(distance)) - 1]
            reach = 0 if np.sum(distance == 0) >= FEWEST_PEERS else reach
            among = distance <= reach
            lengths = self.lengths[among]
            self._peers[length] = Peers(length, int(lengths.min()), int(lengths.max()), np.sort(self.bits[among]))
        return self._peers[length]

    def percentiles(
        self, lengths: Int[NDArray[Any], " some"], bits: Float[NDArray[Any], " some"]
    ) -> Float[NDArray[np.float64], " some"]:
        """Return for words of these lengths and bits per character the percentage of peers that are less alike.

        100: no held-out word of its length is as unlike; 0: all are more alike. Peers with the same bits count half.

        >>> usual = Calibration(np.full(40, 4), np.arange(40.0), np.ones(40))
        >>> usual.percentiles(np.array([4, 4]), np.array([-1.0, 9.5])).tolist()
        [100.0, 75.0]
        """
        result = np.empty(len(lengths))
        for length in np.unique(lengths).tolist():
            own, peers = lengths == length, self.peers(length).bits
            more_alike = np.searchsorted(peers, bits[own], "left") + np.searchsorted(peers, bits[own], "right")
            result[own] = 100 * (1 - more_alike / 2 / len(peers))
        return result

    def threshold(self, fpr: float) -> float:
        """Return the bits per character above which a word is called unlike, wrongly for a share `fpr` of real words.

        Raises:
            SettingError: no share between 0 and 1, or one too small for so few held-out words.

        >>> Calibration(np.full(99, 4), np.arange(1.0, 100), np.ones(99)).threshold(0.05)
        95.0
        """
        if not 0 < fpr < 1:
            raise SettingError(f"fpr = {fpr:g}: the share of real words wrongly called unlike lies between 0 and 1")
        words = len(self.bits)
        rank = ceil((words + 1) * (1 - fpr) - 1e-9)
        if rank > words:
            raise SettingError(
                f"fpr = {fpr:g} takes {ceil(1 / fpr - 1e-9) - 1:,} held-out words or more, and here are {words:,}: "
                "give a larger share, or more real words"
            )
        return float(np.partition(self.bits, rank - 1)[rank - 1])

    @cached_property
    def _peers(self) -> dict[int, Peers]:
        return {}
