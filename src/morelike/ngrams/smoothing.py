"""Probabilities from n-gram counts: smoothings that interpolate each order with the one below (`models.ngram`)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.ngrams.disk_columns import Numbers

__all__ = ["chains", "counts_of_counts", "discounts", "estimate", "expectation_maximisation", "top_of"]

Floats = NDArray[np.float64]
BLOCK = 1 << 20  # counts looked at at once
EM_ROUNDS = 200
LEAST = 1e-300
EM_ENOUGH = 1e-7  # nats per character gained by a round, below which EM stops


def top_of(name: str) -> str:
    """Return the name of the estimate by which a smoothing ends, at its own order.

    >>> top_of("kneser-ney"), top_of("own.kneser-ney"), top_of("add")
    ('top', 'own.top', 'add')
    """
    return f"{name.removesuffix('kneser-ney')}top" if name.endswith("kneser-ney") else name


def chains(name: str, k: int, order: int) -> list[str]:
    """Return the names of a smoothing's estimates at level k."""
    top = top_of(name)
    return [top] if k == order or top == name else [top, name]


def estimate(
    name: str, counts: Any, parents: Any, contexts: int, *, added: float, discounts: NDArray[np.float64]
) -> tuple[Any, Any]:
    """Return a (for each n-gram) and b (for each context) of a smoothing.

    Args:
        name: of the smoothing.
        counts: of each n-gram.
        parents: each n-gram's context, a number below `contexts`.
        contexts: how many there are.
        added: alpha times V, of `add`.
        discounts: of the counts 0, 1, 2 and 3 or more, of `kneser-ney`.
    """
    total = np.bincount(parents, weights=counts, minlength=contexts)
    if name == "add":
        return counts / (total + added)[parents], added / (total + added)
    if name == "witten-bell":
        types = np.bincount(parents, weights=counts > 0, minlength=contexts)
        denominator = np.where(types > 0, total + types, 1)
        return counts / denominator[parents], np.where(types > 0, types / denominator, 1.0)
    discount = discounts[np.minimum(counts, 3)]
    denominator = np.where(total > 0, total, 1)
    kept = np.bincount(parents, weights=discount, minlength=contexts)
    return (counts - discount) / denominator[parents], np.where(total > 0, kept / denominator, 1.0)


def counts_of_counts(counts: Numbers) -> list[int]:
    """Return how many counts are 1, 2, 3 and 4."""
    found = np.zeros(4, dtype=np.int64)
    for first in range(0, len(counts), BLOCK):
        block = counts[first : first + BLOCK]
        found += [np.count_nonzero(block == count) for count in (1, 2, 3, 4)]
    return [int(each) for each in found]


def discounts(of_counts: list[int]) -> Floats:
    """Return the discounts of counts 0, 1, 2 and 3 or more, from the counts of the counts 1 to 4.

    They are fixed ones where the list is too small to estimate them.
    """
    n1, n2, n3, n4 = map(float, of_counts)
    if min(n1, n2, n3) > 0:
        y = n1 / (n1 + 2 * n2)
        estimated = np.array([0, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3])
        if np.all(estimated[1:] > 0) and np.all(estimated <= [0, 1, 2, 3]):
            return estimated
    return np.array([0, 0.5, 1.0, 1.5])


def expectation_maximisation(p: Floats, weights: Any = None, prior: Any = None) -> Floats:
    """Return the mixture weights that make held-out characters most probable; p is [N, components].

    `weights` [N] says for how many equal characters each stands, None for itself. `prior` [components] says of how many
    characters before these each component is known to be the source, None that nothing is known.
    """
    by_component = np.ascontiguousarray(p.T)  # a product along rows of memory takes half the time
    times = np.ones(len(p)) if weights is None else np.asarray(weights, dtype=np.float64)
    count = times.sum()
    shares = np.full(p.shape[1], 1 / p.shape[1]) if prior is None else prior / np.sum(prior)
    last = -np.inf
    for _ in range(EM_ROUNDS):
        mixed = shares @ by_component
        likelihood = float(np.sum(times * np.log(mixed)) / count)
        if prior is not None:
            likelihood += float(prior @ np.log(np.maximum(shares, LEAST))) / count
        if likelihood - last < EM_ENOUGH:
            break
        last = likelihood
        shares = shares * (by_component @ (times / mixed) / count)
        if prior is not None:
            shares = (count * shares + prior) / (count + np.sum(prior))
    return shares
