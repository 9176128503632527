"""The training curves of a run, read from its metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float


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

    A line covers a chunk of steps. It holds the mean loss of the chunk and the means of its blocks (see `block_means`).
    The point of a block is at the middle of its steps.

    >>> curves = read_curves([{"step": 4, "loss": 2.0, "losses": [3.0, 1.0], "learning_rate": 0.1}])
    >>> curves.steps.tolist(), curves.losses.tolist()
    ([1.5, 3.5], [3.0, 1.0])
    """
    if not metrics:
        return None
    steps: list[float] = []
    losses: list[float] = []
    previous = 0
    for line in metrics:
        means = line.get("losses") or [line["loss"]]  # the first versions wrote only one mean
        blocks = np.array_split(np.arange(previous + 1, line["step"] + 1), len(means))
        steps += [float(block.mean()) for block in blocks]
        losses += means
        previous = line["step"]
    evaluations = [line for line in metrics if "dev" in line]
    return Curves(
        steps=np.array(steps),
        losses=np.array(losses, dtype=float),
        rate_steps=_values(metrics, "step"),
        rates=_values(metrics, "learning_rate"),
        dev_steps=_values(evaluations, "step"),
        dev=_values(evaluations, "dev"),
    )


def _values(lines: Sequence[Mapping[str, Any]], name: str) -> Float[NDArray[Any], " L"]:
    return np.array([line.get(name, np.nan) for line in lines], dtype=float)
