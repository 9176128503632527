"""Small data sets to fit."""

from __future__ import annotations

from math import cos, pi, sin
from random import Random

FOUR_EXAMPLES = (
    [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]],
    [1.0, -1.0, -1.0, 1.0],
)
"""Inputs and targets: three numbers in, +1 or -1 out (Karpathy, The spelled-out intro to neural networks, 2022)."""


def two_moons(points: int = 100, noise: float = 0.1, seed: int = 0) -> tuple[list[list[float]], list[int]]:
    """Return points in the plane and their classes: +1 on an arc, -1 on a second one that reaches into it.

    The classes take turns, and `noise` is the standard deviation around the arcs.

    >>> xs, ys = two_moons(4)
    >>> len(xs), ys
    (4, [1, -1, 1, -1])
    """
    if points < 2:
        raise ValueError(f"{points} points are too few for two classes: give 2 or more")
    rng = Random(seed)
    xs, ys = [], []
    for i in range(points):
        angle, upper = rng.uniform(0, pi), i % 2 == 0
        x, y = (cos(angle), sin(angle)) if upper else (1 - cos(angle), 0.5 - sin(angle))
        xs.append([x + rng.gauss(0, noise), y + rng.gauss(0, noise)])
        ys.append(1 if upper else -1)
    return xs, ys
