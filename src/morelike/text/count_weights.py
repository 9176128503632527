"""Count weighting: a line that was seen n times weighs as much as n lines, as ln(1 + n) lines, or as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.errors import ListError

__all__ = ["CountWeighting", "Counts", "effective_lines", "line_weights", "note_of_weights"]

Counts: TypeAlias = Sequence[int] | NDArray[np.int64]
"""How often each word was seen; the counts of a store are an array on disk."""

CountWeighting: TypeAlias = Literal["counts", "log", "none"]
"""The weight of a line: its count, the logarithm of its count, or 1."""

MOST = 2**50
"""Largest sum of the weights, so that their sums in float64 are exact whole numbers."""

FEW = 0.1
"""Share of the lines: the note says so if fewer lines of equal weight would carry as much."""


def line_weights(counts: Counts | None, weighting: CountWeighting) -> Int[NDArray[Any], " lines"] | None:
    """Return how often each line counts, a whole number from 1; None if each counts once.

    `log` is ln(1 + count), rounded and at least 1: whole numbers, since Kneser-Ney's discounts come from how many
    n-grams were seen once, twice, thrice.

    Raises:
        ListError: a count below 1, or counts that add up to too much.

    >>> line_weights([1, 4, 1000], "log").tolist(), line_weights([1, 4, 1000], "none")
    ([1, 2, 7], None)
    """
    if counts is None or weighting == "none":
        return None
    least, total = _extent(counts)
    if least < 1:
        raise ListError(
            f"a word has the count {least}: counts begin at 1; remove the line from the list, or count each word once "
            "with count_weighting = none"
        )
    if total > MOST:
        raise ListError(
            f"the counts add up to {total:,}: {MOST:,} is the most; divide them, or use count_weighting = log"
        )
    weights = np.asarray(counts, dtype=np.int64)
    return weights if weighting == "counts" else np.maximum(np.rint(np.log1p(weights)), 1).astype(np.int64)


def _extent(counts: Counts) -> tuple[int, int]:
    """Return the least count and the sum; the sum of an array is rounded beyond 2^53."""
    if isinstance(counts, np.ndarray):
        return int(counts.min()), int(counts.sum(dtype=np.float64))
    return min(counts), sum(counts)


def effective_lines(weights: Int[NDArray[Any], " lines"]) -> float:
    """Return how many lines of equal weight would hold as much as these: (sum of w)^2 / sum of w^2 (Kish 1965).

    >>> effective_lines(np.array([7, 7, 7])), round(effective_lines(np.array([100, 1, 1])), 2)
    (3.0, 1.04)
    """
    floats = weights.astype(np.float64)
    return float(floats.sum() ** 2 / (floats**2).sum())


def note_of_weights(counts: Counts, weighting: CountWeighting) -> str:
    """Return a sentence on how the words are weighed, and whether a few words dominate."""
    weights = line_weights(counts, weighting)
    if weights is None:
        return "counts are ignored (count_weighting = none): each word counts once"
    if weighting == "log":
        note = "each word counts ln(1 + count) times, rounded"
    else:
        note = "each word counts as often as the list says, as if its line were repeated"
    if (effective := effective_lines(weights)) >= FEW * len(counts):
        return note
    return (
        f"{note}; the {len(counts):,} words carry no more than {effective:,.0f} words of equal weight: frequent words "
        f"dominate the losses, and samples are often known words. To avoid that, set count_weighting = "
        f"{'log or ' if weighting == 'counts' else ''}none"
    )
