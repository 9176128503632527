"""The training curves of a run, read from its metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, Int

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
    lengths: list[int] = []
    losses: list[float] = []
    rates: list[float] = []
    previous = 0
    for line in metrics:
        means = line.get("losses") or [line["loss"]]  # the first versions wrote only one mean
        steps = range(previous, line["step"])
        lengths += line.get("blocks") or [len(block) for block in np.array_split(steps, len(means))]
        losses += means
        rates += line.get("rates", [])
        previous = line["step"]
    evaluations = [line for line in metrics if "dev" in line]
    per_block = len(rates) == len(losses)  # earlier versions wrote only the rate of the last step of a chunk
    curves = Curves(
        steps=(at := np.cumsum(lengths) - (np.array(lengths) - 1) / 2),
        losses=np.array(losses, dtype=float),
        rate_steps=at if per_block else _values(metrics, "step"),
        rates=np.array(rates, dtype=float) if per_block else _values(metrics, "learning_rate"),
        dev_steps=_values(evaluations, "step"),
        dev=_values(evaluations, "dev"),
    )
    return _thinned(curves, np.array(lengths)) if per_block else curves


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
