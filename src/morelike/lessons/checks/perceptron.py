"""Checks of lesson 6."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import softmax
from morelike.lessons.checks import register, same


@register("6.1")
def weights_and_counts(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return tables of weights, each with a table of counts."""
    return [(rng.normal(size=(n, n)), rng.integers(0, 9, size=(n, n)) + np.eye(n)) for n in (2, 3, 5)]


def gives_the_shares(got: Any, _: Any, counts: NDArray[Any]) -> bool:
    """Return whether the softmax of weights equals the shares of the counts in each row."""
    return same(softmax(np.asarray(got, dtype=float)), counts / counts.sum(axis=1, keepdims=True))


@register("6.2", agrees=gives_the_shares, shows_expected=False)
def full_tables(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return tables of counts above 0."""
    return [(rng.integers(1, 30, size=(n, n)) + 0.0,) for n in (3, 4)]
