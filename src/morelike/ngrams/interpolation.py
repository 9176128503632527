"""Probabilities from the tables of a model, level by level from the uniform distribution upwards.

Table `a` holds a number for each n-gram of a level, table `b` one for each context. An unknown n-gram has a = 0, an
unknown context b = 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Array
from morelike.ngrams.counting import ABSENT
from morelike.ngrams.smoothing import Component

Floats = NDArray[np.float64]
Weights = Mapping[str, Any]
Extend = Callable[[Floats, str, int], Floats]
"""Return p at level k, from p at the level below and the name of the estimate at level k."""


def interpolated(components: Sequence[Component], uniform: Floats, extend: Extend) -> Iterator[Floats]:
    """Yield p of each component; components with the same estimates of lower orders share the computation."""
    lower: dict[str, list[Floats]] = {}
    for component in components:
        if component.lower_orders is None:
            yield extend(uniform, component.highest_order, component.order)
            continue
        chain = lower.setdefault(component.lower_orders, [uniform])
        same = component.highest_order == component.lower_orders
        while len(chain) < component.order + same:
            chain.append(extend(chain[-1], component.lower_orders, len(chain)))
        below = chain[component.order - 1]
        yield chain[component.order] if same else extend(below, component.highest_order, component.order)


def to_node(weights: Weights, contexts: Any, nodes: Any, p: Floats, estimate: str, k: int) -> Floats:
    """Return p of the n-gram of length k at each node, from p of the n-grams without their first symbols."""
    a, b, context = weights[f"{estimate}.a.{k}"], weights[f"{estimate}.b.{k}"], contexts[:, k - 1]
    return np.where(context == ABSENT, 1.0, b[context]) * p + np.where(nodes[:, k] == ABSENT, 0.0, a[nodes[:, k]])


def to_all(weights: Weights, contexts: Array, p: Floats, estimate: str, k: int) -> Floats:
    """Return p [B, V] of every symbol after contexts of length k - 1, from p after contexts shorter by one symbol."""
    context = contexts[:, k - 1]
    p = np.where(context == ABSENT, 1.0, weights[f"{estimate}.b.{k}"][context])[:, None] * p
    first, seen = _children(weights, context, k)
    at = np.arange(seen.sum()) + np.repeat(first - (np.cumsum(seen) - seen), seen)
    p[np.repeat(np.arange(len(p)), seen), weights[f"keys.{k}"][at] % p.shape[1]] += weights[f"{estimate}.a.{k}"][at]
    return p


def _children(weights: Weights, context: Array, k: int) -> tuple[Array, Array]:
    """Return the index of the first n-gram of length k after each context, and the number of n-grams after it."""
    if (begins := weights.get(f"first.{k}")) is not None:
        first, end = begins[context], begins[context + 1]
    else:
        first, end = (np.searchsorted(weights[f"keys.{k}"], (context + i) * int(weights["symbols"])) for i in (0, 1))
    return first, np.where(context == ABSENT, 0, end - first)
