"""The weights of lines. They come from the counts of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.errors import ListError

Counts: TypeAlias = Sequence[int] | NDArray[np.int64]
"""The count of each word; an array on disk if the list is a store."""

CountWeighting: TypeAlias = Literal["counts", "log", "none"]
"""The weight of a line: its count, ln(1 + count) rounded, or 1."""

MAX_TOTAL_WEIGHT = 2**50
"""Up to this total, sums of weights in float64 are exact whole numbers."""

MIN_EFFECTIVE_SHARE = 0.1
"""Below this ratio of the effective sample size to the number of lines, the note warns."""


def line_weights(
    counts: Counts | None, weighting: CountWeighting, zero_count: str = ""
) -> Int[NDArray[Any], " lines"] | None:
    """Return the weight of each line, a whole number from 1, or None if every line has weight 1.

    The weights `log` are ln(1 + count), rounded and at least 1. They are whole numbers because Kneser-Ney discounts
    depend on how many n-grams were seen once, twice and three times. An error names the place `zero_count` of a count
    that is 0, such as a file and its line.

    Raises:
        ListError: a count is below 1, or the counts add up to too much.

    >>> line_weights([1, 4, 1000], "log").tolist(), line_weights([1, 4, 1000], "none")
    ([1, 2, 7], None)
    """
    if counts is None or weighting == "none":
        return None
    least, total = _least_and_sum(counts)
    if least < 1:
        place = f"{zero_count}: " if zero_count else ""
        raise ListError(
            f"{place}a word has the count {least}: a weight is at least 1; remove the lines that have this count, "
            "or give every word the weight 1 with count_weighting = none"
        )
    if total > MAX_TOTAL_WEIGHT:
        raise ListError(
            f"the counts add up to {total:,}: {MAX_TOTAL_WEIGHT:,} is the most; divide them, or use "
            "count_weighting = log"
        )
    weights = np.asarray(counts, dtype=np.int64)
    return weights if weighting == "counts" else np.maximum(np.rint(np.log1p(weights)), 1).astype(np.int64)


def _least_and_sum(counts: Counts) -> tuple[int, int]:
    """Return the least count and the sum. The sum of an array is a float64, rounded above 2^53."""
    if isinstance(counts, np.ndarray):
        return int(counts.min()), int(counts.sum(dtype=np.float64))
    return min(counts), sum(counts)


def effective_sample_size(weights: Int[NDArray[Any], " lines"]) -> float:
    """Return the number of lines of equal weight with the same information: (sum of w)^2 / sum of w^2 (Kish 1965).

    >>> effective_sample_size(np.array([7, 7, 7])), round(effective_sample_size(np.array([100, 1, 1])), 2)
    (3.0, 1.04)
    """
    floats = weights.astype(np.float64)
    return float(floats.sum() ** 2 / (floats**2).sum())


def weighting_note(counts: Counts, weighting: CountWeighting) -> str:
    """Return a note that says how words are weighted, and warns if a few words have most of the weight."""
    weights = line_weights(counts, weighting)
    if weights is None:
        return "counts are ignored (count_weighting = none): each word has weight 1"
    if weighting == "log":
        note = "the weight of a word is ln(1 + count), rounded"
    else:
        note = "the weight of a word is its count, as if the list repeated the word that many times"
    if (effective := effective_sample_size(weights)) >= MIN_EFFECTIVE_SHARE * len(counts):
        return note
    remedy = "count_weighting = log or none" if weighting == "counts" else "count_weighting = none"
    return (
        f"{note}; {len(counts):,} words then carry as much information as {effective:,.0f} words of equal weight. "
        f"Frequent words dominate the losses, and many sampled words will be known words. To avoid this, use {remedy}"
    )
