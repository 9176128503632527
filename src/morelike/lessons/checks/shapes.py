"""Checks of lesson 7."""

from __future__ import annotations

from typing import Any

import numpy as np

from morelike.lessons.checks import register, register_value

register_value("7.1")


@register("7.2")
def sizes(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return the sizes of the lesson's network and of others."""
    return [(3, 2, 100, 27), *(tuple(map(int, rng.integers(2, 60, size=4))) for _ in range(4))]


@register("7.3")
def networks(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return the weights of networks of several sizes, each with a batch of ids."""
    cases = []
    for examples, context, embedding, hidden, symbols in ((4, 3, 2, 5, 6), (7, 2, 3, 4, 5)):
        shapes = {
            "C": (symbols, embedding),
            "W1": (context * embedding, hidden),
            "b1": (hidden,),
            "W2": (hidden, symbols),
            "b2": (symbols,),
        }
        weights = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        cases.append((weights, rng.integers(symbols, size=(examples, context))))
    return cases
