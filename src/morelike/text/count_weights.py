"""What the counts of a list weigh: a line that was seen often may stand for as many lines, or for some, or for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.errors import ListError

__all__ = ["CountWeighting", "Counts", "effective_lines", "line_weights", "note_of_weights"]

Counts: TypeAlias = Sequence[int] | NDArray[np.int64]
"""How often each word was seen: of a store an array, on disk."""

CountWeighting: TypeAlias = Literal["counts", "log", "none"]
"""Each line as often as its count says, as often as its logarithm says, or once."""

MOST = 2**50
"""Sum of the weights, so that sums of them in float64 are exact whole numbers."""

FEW = 0.1
"""Of the lines: where fewer equal ones would weigh as much, the note says so."""


def line_weights(counts: Counts | None, weighing: CountWeighting) -> Int[NDArray[Any], " lines"] | None:
    """Return how often each line counts, a whole number from 1; None for once each.

    `log` is ln(1 + count), rounded and at least 1: whole numbers, since Kneser-Ney's discounts come from how many
    n-grams were seen once, twice, thrice.

    Raises:
        ListError: a count below 1, or counts that add up to too much.

    >>> line_weights([1, 4, 1000], "log").tolist(), line_weights([1, 4, 1000], "none")
    ([1, 2, 7], None)
    """
    if counts is None or weighing == "none":
        return None
    least, total = _extent(counts)
    if least < 1:
        raise ListError(
            f"a word has the count {least}: what was never seen cannot weigh anything; take such lines out of the "
            "list, or let each word count once with weights = none"
        )
    if total > MOST:
        raise ListError(f"the counts add up to {total:,}: {MOST:,} is the most; divide them, or use weights = log")
    weights = np.asarray(counts, dtype=np.int64)
    return weights if weighing == "counts" else np.maximum(np.rint(np.log1p(weights)), 1).astype(np.int64)


def _extent(counts: Counts) -> tuple[int, int]:
    """Return the least count and the sum; that of an array is rounded beyond 2^53."""
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


def note_of_weights(counts: Counts, weighing: CountWeighting) -> str:
    """Return how the words weigh and why, and whether a few of them decide all."""
    weights = line_weights(counts, weighing)
    if weights is None:
        return "the counts of the list weigh nothing, as asked: each word counts once"
    if weighing == "log":
        note = "each word counts ln(1 + count) times, rounded"
    else:
        note = "each word counts as often as the list says, as if its line stood there so many times"
    if (effective := effective_lines(weights)) >= FEW * len(counts):
        return note
    return (
        f"{note}; so {len(counts):,} words carry no more than {effective:,.0f} equal ones would: frequent words decide "
        f"the losses, and new words are often known ones. {'log or ' if weighing == 'counts' else ''}none as weights "
        "is for that"
    )
