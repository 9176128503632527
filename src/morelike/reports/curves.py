"""The curves of a run, read from its metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float

__all__ = ["Curves", "curves_of"]


@dataclass(frozen=True)
class Curves:
    """The loss in training and the learning rate along the steps, and the looks at dev (nats per character)."""

    steps: Float[NDArray[Any], " N"]
    losses: Float[NDArray[Any], " N"]
    rate_steps: Float[NDArray[Any], " M"]
    rates: Float[NDArray[Any], " M"]
    dev_steps: Float[NDArray[Any], " D"]
    dev: Float[NDArray[Any], " D"]


def curves_of(metrics: Sequence[Mapping[str, Any]]) -> Curves | None:
    """Return the curves that lines of metrics.jsonl hold, None if there are none.

    A line holds the mean loss of a chunk of steps, and the means of the blocks that it was cut in (see `block_means`);
    each block stands at the middle of its steps.

    >>> curves = curves_of([{"step": 4, "loss": 2.0, "losses": [3.0, 1.0], "learning_rate": 0.1}])
    >>> curves.steps.tolist(), curves.losses.tolist()
    ([1.5, 3.5], [3.0, 1.0])
    """
    if not metrics:
        return None
    steps: list[float] = []
    losses: list[float] = []
    before = 0
    for line in metrics:
        means = line.get("losses") or [line["loss"]]  # runs of the first versions have the one mean alone
        blocks = np.array_split(np.arange(before + 1, line["step"] + 1), len(means))
        steps += [float(block.mean()) for block in blocks]
        losses += means
        before = line["step"]
    looks = [line for line in metrics if "dev" in line]
    return Curves(
        steps=np.array(steps),
        losses=np.array(losses, dtype=float),
        rate_steps=_column(metrics, "step"),
        rates=_column(metrics, "learning_rate"),
        dev_steps=_column(looks, "step"),
        dev=_column(looks, "dev"),
    )


def _column(lines: Sequence[Mapping[str, Any]], name: str) -> Float[NDArray[Any], " L"]:
    return np.array([line.get(name, np.nan) for line in lines], dtype=float)
