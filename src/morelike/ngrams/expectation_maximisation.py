"""The weights of a mixture, by expectation maximisation on held-out characters (Jelinek and Mercer 1980)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ROUNDS = 200
ENOUGH = 1e-7  # nats per character gained by a round, below which EM stops
LEAST = 1e-300


def expectation_maximisation(p: Floats, weights: Any = None, prior: Any = None) -> Floats:
    """Return the mixture weights that make held-out characters most probable.

    Args:
        p: [N, components], each component's probability of each character.
        weights: [N], how many equal characters each character stands for; None: one.
        prior: [components], a Dirichlet prior: how many earlier characters each component is known to have produced.
    """
    by_component = np.ascontiguousarray(p.T)  # a product along rows of memory takes half the time
    times = np.ones(len(p)) if weights is None else np.asarray(weights, dtype=np.float64)
    count = times.sum()
    mixture = np.full(p.shape[1], 1 / p.shape[1]) if prior is None else prior / np.sum(prior)
    last = -np.inf
    for _ in range(ROUNDS):
        mixed = mixture @ by_component
        likelihood = float(np.sum(times * np.log(mixed)) / count)
        if prior is not None:
            likelihood += float(prior @ np.log(np.maximum(mixture, LEAST))) / count
        if likelihood - last < ENOUGH:
            break
        last = likelihood
        mixture = mixture * (by_component @ (times / mixed) / count)
        if prior is not None:
            mixture = (count * mixture + prior) / (count + np.sum(prior))
    return mixture
