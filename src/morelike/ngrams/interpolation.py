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
from morelike.ngrams.smoothing import Component, estimates_at

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


def mixed_distribution(weights: Weights, components: Sequence[Component], mixture: Floats, contexts: Array) -> Floats:
    """Return the mixture's distribution [B, V] after `contexts` [B, n].

    The recursion is read from the longest n-grams down: an estimate counts as often as its components weigh, times the
    b of the longer contexts. So the a of all estimates of a level are scaled and added at once.
    """
    symbols, longest = int(weights["symbols"]), max(component.order for component in components)
    p, uniform = np.zeros(len(contexts) * symbols), np.zeros(len(contexts))
    factors: dict[str, Floats] = {}  # of p at the present level, by estimate
    for k in range(longest, 0, -1):
        for component, weight in zip(components, mixture, strict=True):
            if component.order == k:
                factors[component.highest_order] = factors.get(component.highest_order, 0.0) + np.full(
                    len(contexts), weight
                )
        context = contexts[:, k - 1]
        first, seen = _children(weights, context, k)
        row = np.repeat(np.arange(len(contexts)), seen)
        at = np.arange(len(row)) + np.repeat(first - (np.cumsum(seen) - seen), seen)
        scaled, below = np.zeros(len(row)), dict[str, Floats]()
        for name, lower in estimates_at(components, k).items():
            scaled += factors[name][row] * weights[f"{name}.a.{k}"][at]
            b = factors[name] * np.where(context == ABSENT, 1.0, weights[f"{name}.b.{k}"][context])
            if lower is None or k == 1:
                uniform += b
            else:
                below[lower] = below.get(lower, 0.0) + b
        p[row * symbols + weights[f"keys.{k}"][at] % symbols] += scaled
        factors = below
    return p.reshape(len(contexts), symbols) + uniform[:, None] / symbols


def _children(weights: Weights, context: Array, k: int) -> tuple[Array, Array]:
    """Return the index of the first n-gram of length k after each context, and the number of n-grams after it."""
    if (begins := weights.get(f"first.{k}")) is not None:
        first, end = begins[context], begins[context + 1]
    else:
        first, end = (np.searchsorted(weights[f"keys.{k}"], (context + i) * int(weights["symbols"])) for i in (0, 1))
    return first, np.where(context == ABSENT, 0, end - first)
