"""Log-linear interpolation: the weighted geometric mean of distributions, normalised (Klakow 1998).

p(w | c) = prod of p_m(w | c)^lambda_m(c) / Z(c)      lambda_m(c) = sum of exponents_mf feature_f(c)

The negative logarithm of the likelihood is convex in the exponents, which are fitted in `exponents.py`. A feature of a
context is a number between 0 and 1 and no exponent is negative, so every lambda is positive or 0 and no member is ever
reversed.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import Literal, TypeAlias

from morelike.arrays import Array, Float, Int, log_softmax, namespace, one_hot

Feature: TypeAlias = Literal["position", "entropy"]
"""What the weights of the members may depend on: the position in the line, the entropy of each member's prediction."""

POSITIONS = 8
"""Positions in a line with a feature of their own; the last one stands for all later positions too."""
LEAST_LOG_PROBABILITY = -69.0
"""ln p of a symbol to which a member gives less, 1e-30: no member can forbid a symbol alone."""


def feature_count(features: Sequence[Feature], members: int) -> int:
    """Return the number of features of a context.

    >>> feature_count((), 2), feature_count(("position", "entropy"), 2)
    (1, 12)
    """
    return ("position" in features) * POSITIONS + ("entropy" in features) * 2 * members + (not features)


def member_log_probabilities(logits: Float[Array, "B V"]) -> Float[Array, "B V"]:
    """Return a member's log-probabilities as the mixture reads them, bounded below."""
    return namespace(logits).maximum(log_softmax(logits), LEAST_LOG_PROBABILITY)


def context_features(
    features: Sequence[Feature], log_p: Sequence[Float[Array, "B V"]], position: Int[Array, " B"]
) -> Float[Array, "B F"]:
    """Return the features of contexts, numbers between 0 and 1, from the members' log-probabilities.

    Without `features` there is one feature, which is always 1. An entropy is relative to ln V, and the rest to 1 is a
    feature too, so that a weight may rise or fall with it.
    """
    xp = namespace(log_p[0])
    columns = []
    if "position" in features:
        columns.append(one_hot(xp.minimum(position, POSITIONS - 1), POSITIONS))
    if "entropy" in features:
        for each in log_p:
            entropy = -xp.sum(xp.exp(each) * each, axis=-1, keepdims=True)
            relative = xp.clip(entropy / log(max(each.shape[-1], 2)), 0.0, 1.0)
            columns += [relative, 1 - relative]
    return xp.concatenate(columns, axis=-1) if columns else xp.ones((len(log_p[0]), 1), dtype=xp.float32)


def log_linear_mean(weights: Float[Array, "B M"], log_p: Sequence[Float[Array, "B V"]]) -> Float[Array, "B V"]:
    """Return the logarithm of the normalised geometric mean, with a weight for each context and member."""
    return log_softmax(sum(weights[:, m, None] * each for m, each in enumerate(log_p)))
