"""Log-linear interpolation: the weighted geometric mean of distributions, normalised (Klakow 1998).

p(w | c) = prod of p_m(w | c)^lambda_m(c) / Z(c)      lambda_m(c) = sum of exponents_mf feature_f(c)

The negative logarithm of the likelihood is convex in the exponents. A feature of a context is a number between 0 and 1
and no exponent is negative, so every lambda is positive or 0 and no member is ever reversed.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Array, Float, Int, log_softmax, namespace, one_hot

Feature: TypeAlias = Literal["position", "entropy"]
"""What the weights of the members may depend on: the position in the line, the entropy of each member's prediction."""

POSITIONS = 8
"""Positions in a line with a feature of their own; the last one stands for all later positions too."""
LEAST_LOG_PROBABILITY = -69.0
"""ln p of a symbol to which a member gives less, 1e-30: no member can forbid a symbol alone."""
RIDGE = 1.0
"""How many characters the pull towards equal weights is worth: it matters on short lists only."""
ENOUGH = 1e-6
"""Nats per character gained by a step of Newton's method, below which it stops."""
ROUNDS, HALVINGS = 50, 30
"""Steps of Newton's method at most, and halvings of one step."""


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


def fit_exponents(
    log_p: Sequence[Float[NDArray[Any], "N V"]],
    targets: Int[NDArray[Any], " N"],
    values: Float[NDArray[Any], "N F"],
    times: Int[NDArray[Any], " N"],
    start: Float[NDArray[Any], "M F"] | None = None,
) -> Float[NDArray[Any], "M F"]:
    """Return the exponents, none of them negative, that make held-out characters most probable.

    Newton's method: the quadratic model of the loss at each point is minimised under the bounds by non-negative least
    squares (Lawson and Hanson 1974), and the step is halved until the loss falls.

    Args:
        log_p: each member's log-probabilities of all symbols at each character.
        targets: the characters.
        values: the features of their contexts.
        times: how many equal characters each character stands for.
        start: exponents near the solution; default: equal weights.
    """
    from scipy.optimize import nnls

    equal = np.full((len(log_p), values.shape[1]), 1 / (len(log_p) * max(values[0].sum(), 1.0)))
    current = equal if start is None else start
    loss, gradient, hessian = derivatives(current, log_p, targets, values, times, equal)
    for _ in range(ROUNDS):
        root = np.linalg.cholesky(hessian)
        at_zero = hessian @ current.ravel() - gradient  # minus the quadratic model's gradient at 0
        wanted = nnls(root.T, np.linalg.solve(root, at_zero))[0].reshape(equal.shape)
        for halvings in range(HALVINGS):
            tried = current + 0.5**halvings * (wanted - current)
            found = derivatives(tried, log_p, targets, values, times, equal)
            if found[0] <= loss:
                break
        else:
            break
        gained = loss - found[0]
        current, (loss, gradient, hessian) = tried, found
        if gained < ENOUGH:
            break
    return current


def derivatives(
    exponents: Float[NDArray[Any], "M F"],
    log_p: Sequence[Float[NDArray[Any], "N V"]],
    targets: Int[NDArray[Any], " N"],
    values: Float[NDArray[Any], "N F"],
    times: Int[NDArray[Any], " N"],
    equal: Float[NDArray[Any], "M F"],
) -> tuple[float, Float[NDArray[Any], " MF"], Float[NDArray[Any], "MF MF"]]:
    """Return the mean -ln p of characters (nats) with the pull towards equal weights, its gradient and its Hessian."""
    at, share = np.arange(len(targets)), times / times.sum()
    ridge = RIDGE / len(targets)
    mixed = log_linear_mean((values @ exponents.T).astype(log_p[0].dtype), log_p)
    away = exponents - equal
    loss = -float(share @ mixed[at, targets]) + ridge / 2 * float(np.sum(away * away))
    p = np.exp(mixed, out=mixed)
    weighted = [p * each for each in log_p]
    expected = np.stack([each.sum(axis=1, dtype=np.float64) for each in weighted])  # [M, N]
    reached = np.stack([each[at, targets] for each in log_p])
    gradient = ((expected - reached) * share) @ values + ridge * away
    members, features = exponents.shape
    hessian = np.empty((members, features, members, features))
    for m in range(members):
        for n in range(m + 1):
            second = np.einsum("nv,nv->n", weighted[m], log_p[n])
            covariance = (second - expected[m] * expected[n]) * share
            hessian[m, :, n] = hessian[n, :, m] = (values * covariance[:, None]).T @ values
    size = members * features
    return loss, gradient.ravel(), hessian.reshape(size, size) + ridge * np.eye(size)
