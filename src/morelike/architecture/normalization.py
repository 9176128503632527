"""Normalisation over the batch (BatchNorm) and over the features (LayerNorm), for several architectures."""

from __future__ import annotations

import numpy as np

from morelike.architecture.mode import Mode
from morelike.arrays import EPSILON, Array, Float, Weights, namespace

BATCH_MOMENTUM = 0.1
"""The weight of a batch's statistics in the new running statistics."""


def batch_norm(weights: Weights, name: str, x: Float[Array, "*shape H"], mode: Mode) -> Float[Array, "*shape H"]:
    """Return x with mean 0 and variance 1 in each feature, then scaled and shifted (Ioffe and Szegedy 2015).

    Weights: `name.gain` and `name.bias` [H], learned; `name.mean` and `name.variance` [H], the running statistics,
    which replace the statistics of the batch when the model is in use.
    """
    mean, variance = mode.moments(name, x, weights[f"{name}.mean"], weights[f"{name}.variance"])
    scale = weights[f"{name}.gain"] / namespace(x).sqrt(variance + EPSILON)
    return mode.record(f"{name}.normalized", (x - mean) * scale + weights[f"{name}.bias"], diagnosed=False)


def fresh_batch_norm(name: str, width: int) -> Weights:
    """Return the fresh weights of a `batch_norm`."""
    zeros, ones = np.zeros(width, dtype=np.float32), np.ones(width, dtype=np.float32)
    return {f"{name}.gain": ones, f"{name}.bias": zeros, f"{name}.mean": zeros, f"{name}.variance": ones}


def layer_norm(weights: Weights, name: str, x: Float[Array, "*shape E"], mode: Mode) -> Float[Array, "*shape E"]:
    """Return x with mean 0 and variance 1 at each position, then scaled and shifted (Ba et al. 2016).

    Weights: `name.gain` and `name.bias` [E].
    """
    normalized = mode.standardize(x) * weights[f"{name}.gain"] + weights[f"{name}.bias"]
    return mode.record(f"{name}.normalized", normalized, diagnosed=False)
