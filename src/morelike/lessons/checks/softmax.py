"""Checks of lesson 3."""

from __future__ import annotations

from typing import Any

import numpy as np

from morelike.lessons.checks import register


@register("3.1")
def logits(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return arrays of logits of several shapes; the rows of the second are far from one another."""
    levels = np.array([[-1000.0], [0.0], [950.0], [400.0]])
    return [
        (rng.normal(size=(5,)) * 3,),
        (rng.normal(size=(4, 4)) * 5 + rng.permutation(levels),),
        (rng.normal(size=(2, 3, 3)) * 100,),
    ]


@register("3.2")
def logits_with_targets(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return logits with targets; in the second case the target has a very small probability."""
    ordinary, extreme = rng.normal(size=(6, 5)), rng.normal(size=(4, 3))
    extreme[:, 0] -= 900
    extreme[:, 1] += 800
    return [(ordinary, rng.integers(5, size=6)), (extreme, np.array([0, 1, 2, 1]))]
