"""Checks of lesson 9: the valley of a range test, and rates spread by factors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float
from morelike.lessons.checks import register

DECADES = 0.3
"""How far a rate may lie from the solution's, in powers of ten: about a factor of two."""


def near_in_factor(got: Any, expected: Any, *_: Any) -> bool:
    """Return whether two rates differ by less than a factor of two."""
    got, expected = float(got), float(expected)
    return bool(min(got, expected) > 0 and abs(np.log10(got / expected)) < DECADES)


@register("9.1", agrees=near_in_factor, shows_expected=False)
def valleys(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return the rates and losses of three range tests, each with a lucky batch far from its valley."""
    return [_valley(rng) for _ in range(3)]


def _valley(rng: np.random.Generator) -> tuple[Float[NDArray[Any], " steps"], Float[NDArray[Any], " steps"]]:
    steps = int(rng.integers(400, 900))
    exponent = np.linspace(rng.uniform(-4, -3), rng.uniform(0.5, 1.2), steps)
    bottom, floor = rng.uniform(-1.8, -0.6), rng.uniform(2.2, 3.0)
    beyond = exponent - bottom
    losses = floor + rng.uniform(1.5, 4) / (1 + np.exp(4 * (beyond + 1))) + 2.2 * np.maximum(beyond, 0) ** 2
    losses += 0.15 * np.minimum(beyond, 0) ** 2 + rng.normal(0, rng.uniform(0.1, 0.2), steps)
    losses[int(rng.uniform(0.03, 0.08) * steps)] = floor - rng.uniform(0.7, 1.2)
    losses[min(int(np.searchsorted(beyond, 1.6)), steps - int(rng.integers(3, 9))) :] = np.inf
    return 10.0**exponent, losses


@register("9.2")
def ranges(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return the lowest and the highest rate of range tests, and the number of their steps."""
    lows = 10 ** rng.uniform(-5, -2, 4)
    return [(float(low), float(low * 10 ** rng.uniform(1, 4)), int(rng.integers(5, 40))) for low in lows]
