"""The training curves of a run, read from its metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, Int
from morelike.runs.metrics import read_blocks

MOST_POINTS = 1000
"""Points of a curve after the first ones: more than a picture is wide."""
FIRST_POINTS = 100
"""Points at the beginning of a run that are kept as they are: a loss falls steeply there."""


@dataclass(frozen=True)
class Curves:
    """The training loss, the learning rate and the dev loss, each with its steps. Losses are in nats per character."""

    steps: Float[NDArray[Any], " N"]
    losses: Float[NDArray[Any], " N"]
    rate_steps: Float[NDArray[Any], " M"]
    rates: Float[NDArray[Any], " M"]
    dev_steps: Float[NDArray[Any], " D"]
    dev: Float[NDArray[Any], " D"]


def read_curves(metrics: Sequence[Mapping[str, Any]]) -> Curves | None:
    """Return the curves of the lines of metrics.jsonl, None if there are no lines.

    A line covers a chunk of steps. It holds the mean loss of the chunk, and the mean losses and learning rates of its
    blocks (see `block_lengths`). The point of a block is at the middle of its steps. Neighbouring points of a long run
    are averaged, except in the first steps.

    >>> curves = read_curves([{"step": 4, "losses": [3.0, 1.0], "blocks": [1, 3], "rates": [0.1, 0.2]}])
    >>> curves.steps.tolist(), curves.losses.tolist(), curves.rates.tolist()
    ([1.0, 3.0], [3.0, 1.0], [0.1, 0.2])
    """
    if not metrics:
        return None
    lengths, losses, rates = read_blocks(metrics)
    at = np.cumsum(lengths) - (lengths - 1) / 2
    evaluations = [line for line in metrics if "dev" in line]
    curves = Curves(
        steps=at,
        losses=losses,
        rate_steps=_values(metrics, "step") if rates is None else at,
        rates=_values(metrics, "learning_rate") if rates is None else rates,  # of the last step of each chunk
        dev_steps=_values(evaluations, "step"),
        dev=_values(evaluations, "dev"),
    )
    return curves if rates is None else _thinned(curves, lengths)


def _thinned(curves: Curves, lengths: Int[NDArray[Any], " N"]) -> Curves:
    """Average the points that fall into the same thousandth of the run; the first points stay."""
    part = (curves.steps * (MOST_POINTS / lengths.sum())).astype(np.int64) + FIRST_POINTS
    part[:FIRST_POINTS] = np.arange(min(len(part), FIRST_POINTS))
    starts = np.unique(part, return_index=True)[1]
    if len(starts) == len(lengths):
        return curves

    def averaged(values: Float[NDArray[Any], " N"]) -> Float[NDArray[Any], " P"]:
        means: Float[NDArray[Any], " P"] = np.add.reduceat(values * lengths, starts) / np.add.reduceat(lengths, starts)
        return means

    steps = averaged(curves.steps)
    return replace(curves, steps=steps, losses=averaged(curves.losses), rate_steps=steps, rates=averaged(curves.rates))


def _values(lines: Sequence[Mapping[str, Any]], name: str) -> Float[NDArray[Any], " L"]:
    return np.array([line.get(name, np.nan) for line in lines], dtype=float)
