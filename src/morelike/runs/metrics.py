"""The losses of a run by blocks of steps, read from the lines of metrics.jsonl."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, Int

SETTLED = 0.02
"""A loss has settled if its second half brought less than this share of its whole fall."""
FALLEN = 0.1
"""The least share of the first loss that a run must have lost: one that learned nothing has not settled."""
FEWEST_STEPS = 100
"""Steps from which on a curve says whether it has settled."""


class LossBlocks(NamedTuple):
    """The number of steps of each block, and their mean loss (nats per character) and mean learning rate.

    Earlier versions wrote no rates of blocks: `rates` is then None.
    """

    lengths: Int[NDArray[Any], " N"]
    losses: Float[NDArray[Any], " N"]
    rates: Float[NDArray[Any], " N"] | None


def read_blocks(metrics: Sequence[Mapping[str, Any]]) -> LossBlocks:
    """Return the blocks of the lines of metrics.jsonl, in order.

    >>> read_blocks([{"step": 4, "losses": [3.0, 1.0], "blocks": [1, 3], "rates": [0.1, 0.2]}]).lengths.tolist()
    [1, 3]
    """
    lengths: list[int] = []
    losses: list[float] = []
    rates: list[float] = []
    previous = 0
    for line in metrics:
        means = line.get("losses") or [line["loss"]]  # the first versions wrote only one mean
        steps = np.array_split(np.arange(previous, line["step"]), len(means))
        lengths += line.get("blocks") or [len(block) for block in steps]
        losses += means
        rates += line.get("rates", [])
        previous = line["step"]
    return LossBlocks(
        np.array(lengths, dtype=np.int64),
        np.array(losses, dtype=float),
        np.array(rates, dtype=float) if len(rates) == len(losses) else None,
    )


def has_settled(metrics: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether the training loss fell early and hardly fell in the second half of the run.

    A loss that falls slowly, since the learning rate is too low, falls in the second half as much as in the first.
    """
    blocks = read_blocks(metrics)
    steps = int(blocks.lengths.sum())
    if steps < FEWEST_STEPS:
        return False
    at = np.cumsum(blocks.lengths) / steps
    middle = _mean(blocks, (at > 0.4) & (at <= 0.6))
    last = _mean(blocks, at > 0.8)
    fall = float(blocks.losses[0]) - last
    return bool(fall > FALLEN * blocks.losses[0] and middle - last < SETTLED * fall)


def _mean(blocks: LossBlocks, chosen: NDArray[np.bool_]) -> float:
    """Return the mean loss of the steps of some blocks; nan if there are none."""
    if not chosen.any():
        return float("nan")
    return float(np.average(blocks.losses[chosen], weights=blocks.lengths[chosen]))
