"""Checks of lessons 11 and 12: BatchNorm in use, the loss of many batches, and a hierarchy."""

from __future__ import annotations

from typing import Any

import numpy as np

from morelike.lessons.checks import register


@register("11.1")
def normalized_layers(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return the inputs of BatchNorm in use mode; the variance of one unit is almost 0."""
    layers = []
    for _ in range(4):
        examples, units = rng.integers(2, 7, size=2)
        x = rng.normal(rng.uniform(-3, 3), rng.uniform(1, 4), (examples, units))
        variance = rng.uniform(0.3, 6, units)
        variance[rng.integers(units)] = rng.uniform(1e-6, 1e-5)
        layers.append((x, rng.uniform(0.5, 2, units), rng.normal(0, 1, units), rng.normal(0, 2, units), variance))
    return layers


@register("11.2")
def batch_losses(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return the losses of the characters of some batches of 32 and of a shorter last one."""
    cases = []
    for _ in range(5):
        sizes = [32] * int(rng.integers(3, 8)) + [int(rng.integers(1, 20))]
        cases.append(([rng.gamma(2, 1.2, size).tolist() for size in sizes],))
    return cases


@register("12.1")
def trees(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return the widths of trees: context, embedding, hidden, vocabulary."""
    return [
        (2**levels, int(rng.integers(3, 40)), int(rng.integers(10, 200)), int(rng.integers(15, 60)))
        for levels in (3, int(rng.integers(2, 6)), 4)
    ]


@register("12.2")
def rows_to_fuse(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return arrays with an even number of characters."""
    shapes = [(int(n), 2 * int(half), int(width)) for n, half, width in rng.integers(2, 6, size=(3, 3))]
    return [(rng.normal(size=shape),) for shape in shapes]
