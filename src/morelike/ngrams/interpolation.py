"""Estimates of n-grams put together from their tables, level by level from the uniform distribution on.

`a` holds a number for each n-gram of a level and `b` one for each context; what is not known has a = 0 and b = 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Array
from morelike.ngrams.counting import ABSENT
from morelike.ngrams.smoothing import top_of

__all__ = ["interpolated", "to_all", "to_node"]

Floats = NDArray[np.float64]
Weights = Mapping[str, Any]


def interpolated(components: Sequence[tuple[str, int]], uniform: Floats, extend: Any) -> Iterator[Floats]:
    """Yield p of each component, extended level by level from the uniform distribution; chains are shared."""
    lower: dict[str, list[Floats]] = {}
    for name, order in components:
        if name.endswith("add"):
            yield extend(uniform, name, order)
            continue
        chain = lower.setdefault(name, [uniform])
        ends = top_of(name) != name
        below = order - 1 if ends else order
        while len(chain) <= below:
            chain.append(extend(chain[-1], name, len(chain)))
        yield extend(chain[-1], top_of(name), order) if ends else chain[order]


def to_node(weights: Weights, contexts: Any, nodes: Any, p: Floats, chain: str, k: int) -> Floats:
    """Return p of the n-gram of length k at each node, from p after a context one character shorter."""
    a, b, context = weights[f"{chain}.a.{k}"], weights[f"{chain}.b.{k}"], contexts[:, k - 1]
    return np.where(context == ABSENT, 1.0, b[context]) * p + np.where(nodes[:, k] == ABSENT, 0.0, a[nodes[:, k]])


def to_all(weights: Weights, contexts: Array, p: Floats, chain: str, k: int) -> Floats:
    """Return p [B, V] of every character after contexts of length k - 1, from p after contexts one shorter."""
    context = contexts[:, k - 1]
    p = np.where(context == ABSENT, 1.0, weights[f"{chain}.b.{k}"][context])[:, None] * p
    first, seen = _children(weights, context, k)
    at = np.arange(seen.sum()) + np.repeat(first - (np.cumsum(seen) - seen), seen)
    p[np.repeat(np.arange(len(p)), seen), weights[f"keys.{k}"][at] % p.shape[1]] += weights[f"{chain}.a.{k}"][at]
    return p


def _children(weights: Weights, context: Array, k: int) -> tuple[Array, Array]:
    """Return where the n-grams of length k of each context begin, and how many they are."""
    if (folded := weights.get(f"first.{k}")) is not None:
        first, end = folded[context], folded[context + 1]
    else:
        first, end = (np.searchsorted(weights[f"keys.{k}"], (context + i) * int(weights["symbols"])) for i in (0, 1))
    return first, np.where(context == ABSENT, 0, end - first)
