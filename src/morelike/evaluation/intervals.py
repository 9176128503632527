"""Intervals of losses by the bootstrap over words (Efron 1979), for one model and for the difference of two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, Int, random_generator

NORMAL_95 = 1.959964
"""A 95 % interval of a normal distribution extends by this many standard errors on each side."""

REPLICATES = 1000
MAX_UNITS = 10_000


@dataclass(frozen=True)
class Comparison:
    """The difference of two models on the same lines, in nats per character: the first minus the second.

    If it is below zero, the first model is better. If `interval` (95 %) excludes zero, the difference is significant.
    """

    difference: float
    interval: tuple[float, float]
    standard_error: float
    lines: int

    @property
    def decided(self) -> bool:
        """Whether the interval excludes zero."""
        return not self.interval[0] <= 0 <= self.interval[1]


def binomial_interval(found: int, trials: int) -> tuple[float, float]:
    """Return the 95 % interval of a proportion, from the number of successes and of trials (Wilson 1927).

    >>> [round(end, 3) for end in binomial_interval(0, 100)]
    [0.0, 0.037]
    """
    z2 = NORMAL_95**2
    centre = (found + z2 / 2) / (trials + z2)
    reach = NORMAL_95 / (trials + z2) * (found * (trials - found) / trials + z2 / 4) ** 0.5
    return max(centre - reach, 0.0), min(centre + reach, 1.0)


def ratio_interval(
    losses: Float[NDArray[Any], " lines"], lengths: Int[NDArray[Any], " lines"], *, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % interval of sum(losses) / sum(lengths), in nats per character."""
    low, high = np.percentile(_replicates(losses, lengths, seed), [2.5, 97.5])
    return float(low), float(high)


def compare(
    first: Float[NDArray[Any], " lines"],
    second: Float[NDArray[Any], " lines"],
    lengths: Int[NDArray[Any], " lines"],
    weights: Int[NDArray[Any], " lines"] | None = None,
    *,
    seed: int = 0,
) -> Comparison:
    """Return the paired difference of two models' losses on the same lines, each line counted by its weight.

    Pairing removes the difficulty that a word has for both models: the standard error is several times smaller than
    that of either loss alone.
    """
    difference = first - second
    if weights is not None:
        difference, lengths = difference * weights, lengths * weights
    replicates = _replicates(difference, lengths, seed)
    low, high = np.percentile(replicates, [2.5, 97.5])
    return Comparison(
        difference=float(difference.sum() / lengths.sum()),
        interval=(float(low), float(high)),
        standard_error=float(replicates.std(ddof=1)),
        lines=len(lengths),
    )


def _replicates(
    losses: Float[NDArray[Any], " lines"], lengths: Int[NDArray[Any], " lines"], seed: int
) -> Float[NDArray[Any], " replicates"]:
    """Return the ratio for `REPLICATES` draws of the lines with replacement.

    More than `MAX_UNITS` lines are first gathered at random into that many groups of equal size. The sums of the groups
    have the same relative variance, and the time stays bounded for lists of any length.
    """
    rng = random_generator(seed)
    if len(losses) > MAX_UNITS:
        group = rng.permutation(len(losses)) % MAX_UNITS
        losses = np.bincount(group, weights=losses, minlength=MAX_UNITS)
        lengths = np.bincount(group, weights=lengths, minlength=MAX_UNITS)
    ratios = np.empty(REPLICATES)
    for i in range(REPLICATES):
        drawn = rng.integers(0, len(losses), len(losses))
        ratios[i] = losses[drawn].sum() / lengths[drawn].sum()
    return ratios
