"""The exponents of a log-linear mixture, fitted to held-out characters by Newton's method.

-ln p of all characters = sum over contexts of n(c) ln Z(c) - sum over m and f of exponents_mf reached_mf

n(c) is how many characters follow a context, and reached_mf sums feature_f(c) ln p_m(w | c) over the characters. So a
pass over the distinct contexts is enough. The derivatives of ln Z(c) by the members' weights are the means and the
covariances of the members' log-probabilities under the mixture (a property of every exponential family). They do not
depend on n(c), so the first step of a fit to other characters after the same contexts needs no pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, Int

RIDGE = 1.0
"""How many characters the pull towards equal weights is worth: it matters on short lists only."""
ENOUGH = 1e-7
"""Nats per character that a step of Newton's method must gain."""
ROUNDING = 1e-10
"""A slope that counts as zero, in nats per character and unit of an exponent."""
ROUNDS, HALVINGS = 50, 30
"""Steps of Newton's method at most, and halvings of one step."""
NUMBERS_AT_ONCE = 1 << 15
"""Log-probabilities of a member in a block of a pass: a block fits into the processor's cache."""


class Contexts(NamedTuple):
    """The contexts of held-out characters, and all that a fit needs to know of the characters.

    `log_p` holds each member's log-probabilities, symbols first, which makes sums over symbols fast. `times` is how
    often a character follows each context; `characters` counts equal characters once.
    """

    log_p: Sequence[Float[NDArray[Any], "V C"]]
    values: Float[NDArray[Any], "C F"]
    times: Float[NDArray[Any], " C"]
    reached: Float[NDArray[Any], "M F"]
    characters: int

    def followed_by(
        self,
        contexts: Int[NDArray[Any], " N"],
        target_log_p: Float[NDArray[Any], "M N"],
        times: Int[NDArray[Any], " N"],
    ) -> Contexts:
        """Return these contexts with other characters.

        Args:
            contexts: the context of each character.
            target_log_p: each member's log-probability of each character.
            times: how many equal characters each character stands for.
        """
        by_context = [np.bincount(contexts, each * times, len(self.times)) for each in target_log_p]
        followed = np.bincount(contexts, times, len(self.times))
        return self._replace(times=followed, reached=np.stack(by_context) @ self.values, characters=len(contexts))

    @classmethod
    def of(
        cls,
        log_p: Sequence[Float[NDArray[Any], "V C"]],
        values: Float[NDArray[Any], "C F"],
        contexts: Int[NDArray[Any], " N"],
        target_log_p: Float[NDArray[Any], "M N"],
        times: Int[NDArray[Any], " N"],
    ) -> Contexts:
        """Return contexts with the characters that follow them, see `followed_by`."""
        empty = cls(log_p, values, np.zeros(len(values)), np.zeros((len(log_p), values.shape[1])), 0)
        return empty.followed_by(contexts, target_log_p, times)

    @property
    def equal(self) -> Float[NDArray[Any], "M F"]:
        """The exponents with which all members have the same weight, and the weights sum to 1."""
        return np.full(self.reached.shape, 1 / (len(self.log_p) * max(self.values[0].sum(), 1.0)))


class Moments(NamedTuple):
    """ln Z, and the means and covariances of the members' log-probabilities under the mixture, at each context."""

    log_z: Float[NDArray[Any], " C"]
    means: Float[NDArray[Any], "M C"]
    covariances: Float[NDArray[Any], "M M C"]


class FittedExponents(NamedTuple):
    """Exponents, and the moments of the mixture with these exponents."""

    exponents: Float[NDArray[Any], "M F"]
    moments: Moments


class Derivatives(NamedTuple):
    """The mean -ln p of characters (nats) with the pull towards equal weights, its gradient and its Hessian."""

    loss: float
    gradient: Float[NDArray[Any], " MF"]
    hessian: Float[NDArray[Any], "MF MF"]


def fit_exponents(contexts: Contexts, start: FittedExponents | None = None) -> FittedExponents:
    """Return the exponents, none of them negative, that make the characters most probable.

    Newton's method: the quadratic model of the loss at each point is minimised under the bounds, and the step is halved
    until the loss falls. `start` is the fit of other
    characters after the same contexts, or of fewer features; by default all members have equal weights.
    """
    current = start or _at(contexts.equal, contexts)
    here = derivatives(current, contexts)
    for _ in range(ROUNDS):
        step = _newton_step(current.exponents, here)
        if -(here.gradient @ step + step @ here.hessian @ step / 2) < ENOUGH:
            break
        for halvings in range(HALVINGS):
            tried = _at(current.exponents + 0.5**halvings * step.reshape(current.exponents.shape), contexts)
            there = derivatives(tried, contexts)
            if there.loss <= here.loss:
                break
        else:
            break
        current, here = tried, there
    return current


def _newton_step(exponents: Float[NDArray[Any], "M F"], here: Derivatives) -> Float[NDArray[Any], " MF"]:
    start = exponents.ravel()
    wanted = nonnegative_minimum(here.hessian, here.gradient - here.hessian @ start, start)
    step: NDArray[np.float64] = wanted - start
    return step


def nonnegative_minimum(
    hessian: Float[NDArray[Any], "N N"], gradient: Float[NDArray[Any], " N"], start: Float[NDArray[Any], " N"]
) -> Float[NDArray[Any], " N"]:
    """Return the x of which no element is negative that minimises x hessian x / 2 + gradient x.

    The active-set method of Lawson and Hanson (1974), from `start` on. SciPy has it too, but takes 0.36 s to import.

    >>> nonnegative_minimum(np.eye(2), np.array([-3.0, 1.0]), np.zeros(2)).tolist()
    [3.0, 0.0]
    """
    x, free = start.copy(), start > 0
    for _ in range(3 * len(x)):
        while free.any():
            wanted = np.zeros_like(x)
            wanted[free] = np.linalg.solve(hessian[np.ix_(free, free)], -gradient[free])
            negative = free & (wanted < 0)
            if not negative.any():
                x = wanted
                break
            reached = x[negative] / (x[negative] - wanted[negative])
            x += reached.min() * (wanted - x)
            x[np.flatnonzero(negative)[np.argmin(reached)]] = 0.0
            free &= x > 0
        downhill = np.where(free, 0.0, -(hessian @ x + gradient))
        if downhill.max() <= ROUNDING:
            break
        free[np.argmax(downhill)] = True
    return x


def _at(exponents: Float[NDArray[Any], "M F"], contexts: Contexts) -> FittedExponents:
    return FittedExponents(exponents, moments(exponents @ contexts.values.T, contexts.log_p))


def derivatives(fitted: FittedExponents, contexts: Contexts) -> Derivatives:
    """Return the loss of the characters at these exponents, and its derivatives."""
    exponents, (log_z, means, covariances) = fitted
    total, ridge, values = contexts.times.sum(), RIDGE / contexts.characters, contexts.values
    away = exponents - contexts.equal
    loss = (contexts.times @ log_z - np.sum(exponents * contexts.reached)) / total + ridge / 2 * np.sum(away * away)
    gradient = ((means * contexts.times) @ values - contexts.reached) / total + ridge * away
    members, features = exponents.shape
    hessian = np.empty((members, features, members, features))
    for m in range(members):
        for n in range(m + 1):
            weight = covariances[m, n] * (contexts.times / total)
            hessian[m, :, n] = hessian[n, :, m] = (values.T * weight) @ values
    size = members * features
    return Derivatives(float(loss), gradient.ravel(), hessian.reshape(size, size) + ridge * np.eye(size))


def moments(weights: Float[NDArray[Any], "M C"], log_p: Sequence[Float[NDArray[Any], "V C"]]) -> Moments:
    """Return the moments of the log-linear mixture at each context, from the members' weights there."""
    members, (symbols, contexts) = len(log_p), log_p[0].shape
    weights = weights.astype(log_p[0].dtype)
    log_z, means = np.empty(contexts), np.empty((members, contexts))
    covariances = np.empty((members, members, contexts))
    block = max(NUMBERS_AT_ONCE // symbols, 1)
    for i in range(0, contexts, block):
        now = slice(i, i + block)
        parts = [each[:, now] for each in log_p]
        power = sum(weights[m, now] * part for m, part in enumerate(parts))
        highest = power.max(axis=0)
        p = np.exp(np.subtract(power, highest, out=power), out=power)
        z = p.sum(axis=0)
        log_z[now] = np.log(z) + highest
        p /= z
        for m, part in enumerate(parts):
            weighted = p * part
            means[m, now] = weighted.sum(axis=0)
            for n in range(m + 1):
                second = (weighted * parts[n]).sum(axis=0)
                covariances[m, n, now] = covariances[n, m, now] = second - means[m, now] * means[n, now]
    return Moments(log_z, means, covariances)
