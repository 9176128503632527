"""Checks of lesson 15: the shares of attention, and what they collect."""

from __future__ import annotations

from typing import Any

import numpy as np

from morelike.lessons.checks import register


@register("15.1")
def queries_and_keys(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return queries and keys of some positions."""
    return [tuple(rng.normal(size=(2, *shape))) for shape in ((4, 3), (3, 6), (6, 2))]


@register("15.2")
def shares_and_values(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return shares of attention, zero for later positions, and values."""
    cases = []
    for positions, width in ((3, 2), (5, 4), (4, 6)):
        shares = np.tril(rng.uniform(0.05, 1, (positions, positions)))
        cases.append((shares / shares.sum(axis=1, keepdims=True), rng.normal(size=(positions, width))))
    return cases
