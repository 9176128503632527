"""Checks of lesson 8."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from morelike.lessons.checks import register


@register("8.1")
def weights_with_gradients(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return weights, their gradients and a rate; no slope is near 0 or 1."""
    cases = []
    for rate in (0.1, 0.5):
        shapes = {"C": (3, 2), "W": (2, 4), "b": (4,)}
        weights = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        gradients = {name: rng.uniform(1.5, 4, size=shape) for name, shape in shapes.items()}
        cases.append((weights, gradients, rate))
    return cases


@dataclass(frozen=True)
class ParabolaSlope:
    """The slope of steepness * (x - lowest) ** 2; it shows itself as its formula."""

    steepness: float
    lowest: float

    def __call__(self, x: float) -> float:
        """Return the slope at a place."""
        return 2 * self.steepness * (x - self.lowest)

    def __repr__(self) -> str:
        return f"2 * {self.steepness} * (x - {self.lowest})"


@register("8.2")
def valleys(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return slopes of parabolas, each with a start beside its valley, a rate and a number of steps."""
    return [
        (ParabolaSlope(round(rng.uniform(0.5, 2), 2), round(rng.uniform(-1, 1), 2)), start, rate, steps)
        for start, rate, steps in ((3.0, 0.1, 4), (-4.0, 0.05, 6), (2.5, 0.2, 3))
    ]
