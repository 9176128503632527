"""Calibrated probabilities of two classes: a logistic regression on dev, with an isotonic curve if it is better."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, Int, random_generator, sigmoid
from morelike.errors import SettingError

Features: TypeAlias = Literal["ratio", "length", "ngrams"]
"""The features of a calibration: the log ratio alone; also the log ratio per character, and the length; or the log
ratio and the log odds of an n-gram regression."""

FOLDS = 5
MIN_WORDS = 50
"""Words of each class from which an isotonic curve is tried."""
MAX_STEPS = 50
RIDGE = 1e-9  # keeps the Hessian regular where a feature is constant
Scores: TypeAlias = Float[NDArray[Any], " words"]
Labels: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Curve:
    """An isotonic regression (Zadrozny and Elkan 2002): p(good) by log odds, linear between points, constant outside.

    A point stands for words with pooled frequencies: their mean log odds, and (good + 1/2) / (words + 1).
    """

    log_odds: tuple[float, ...]
    p: tuple[float, ...]

    @classmethod
    def fit(cls, log_odds: Scores, good: Labels) -> Curve:
        """Return the curve by pool adjacent violators; the points rise."""
        from scipy.optimize import isotonic_regression

        order = np.argsort(log_odds, kind="stable")
        pooled = isotonic_regression(good[order].astype(np.float64))
        first, sizes = pooled.blocks[:-1].astype(int), np.diff(pooled.blocks)
        means = np.add.reduceat(log_odds[order], first) / sizes
        p = (np.add.reduceat(good[order].astype(np.float64), first) + 0.5) / (sizes + 1)
        return cls(tuple(means.tolist()), tuple(np.maximum.accumulate(p).tolist()))

    def probability(self, log_odds: Scores) -> Scores:
        """Return p(good) at these log odds of a logistic regression."""
        p: Scores = np.interp(log_odds, self.log_odds, self.p)
        return p


@dataclass(frozen=True)
class LabelCalibration:
    """p(good) = sigmoid(weights . features): a logistic regression (Platt 1999), corrected by a curve if there is one.

    `weights` [1 + features]: the constant first. Features: the log ratio in nats; with "length" also the log ratio per
    character, the word's end included, and the number of these characters; with "ngrams" also the log odds of an n-gram
    regression. `share` is the share of good words in the data of the fit.
    """

    features: Features
    weights: tuple[float, ...]
    share: float
    curve: Curve | None = None

    @classmethod
    def none(cls) -> LabelCalibration:
        """Return sigmoid(log ratio): it is correct if the models are, and if both classes are equally frequent."""
        return cls("ratio", (0.0, 1.0), 0.5)

    @classmethod
    def fit(
        cls,
        ratios: Scores,
        lengths: Int[NDArray[Any], " words"],
        good: Labels,
        features: Features = "ratio",
        regression: Scores | None = None,
    ) -> LabelCalibration:
        """Return the regression of `good` on the features, by Newton's method.

        The targets are Platt's: (g + 1) / (g + 2) for the g good and 1 / (b + 2) for the b bad words. So the slope
        stays finite for classes that a threshold separates perfectly. The curve is added if it lowers the cross-entropy
        of words left out of its fit, in five folds, by more than the standard error of the difference.
        """
        x = _columns(ratios, lengths, features, regression)
        weights = _logistic(x, good)
        curve = Curve.fit(_log_odds(x, weights), good) if _curve_is_better(x, good) else None
        return cls(features, tuple(weights.tolist()), float(good.mean()), curve)

    def log_odds(
        self, ratios: Scores, lengths: Int[NDArray[Any], " words"], regression: Scores | None = None
    ) -> Scores:
        """Return the log odds of the logistic regression, at the share of good words in the data of the fit."""
        return _log_odds(_columns(ratios, lengths, self.features, regression), np.array(self.weights))

    def probability(
        self,
        ratios: Scores,
        lengths: Int[NDArray[Any], " words"],
        prior: float | None = None,
        regression: Scores | None = None,
    ) -> Scores:
        """Return p(good) of each word; `prior` is the share of good words, by default that of the fit.

        Raises:
            SettingError: `prior` is not between 0 and 1.
        """
        prior = self.share if prior is None else prior
        if not 0 < prior < 1:
            raise SettingError(f"prior = {prior:g}: the share of good words lies between 0 and 1")
        shift = log(prior / (1 - prior)) - log(self.share / (1 - self.share))  # by Bayes' rule the odds are scaled
        logits = self.log_odds(ratios, lengths, regression)
        if self.curve:
            p = self.curve.probability(logits)
            logits = np.log(p) - np.log1p(-p)
        calibrated: Scores = sigmoid(logits + shift)
        return calibrated


def _curve_is_better(x: NDArray[np.float64], good: Labels) -> bool:
    """Return whether a curve lowers the cross-entropy in cross-validation by more than its standard error."""
    if min(good.sum(), (~good).sum()) < MIN_WORDS:
        return False
    fold = random_generator(0).permutation(len(good)) % FOLDS
    gains = np.empty(len(good))
    for left_out in range(FOLDS):
        test, train = fold == left_out, fold != left_out
        weights = _logistic(x[train], good[train])
        curve = Curve.fit(_log_odds(x[train], weights), good[train])
        logits = _log_odds(x[test], weights)
        p = curve.probability(logits)
        gains[test] = _cross_entropies(logits, good[test]) - _cross_entropies(np.log(p) - np.log1p(-p), good[test])
    return bool(gains.mean() > gains.std() / len(gains) ** 0.5)


def _columns(
    ratios: Scores, lengths: Int[NDArray[Any], " words"], features: Features, regression: Scores | None
) -> NDArray[np.float64]:
    if features == "ratio":
        return ratios[:, None]
    if features == "length":
        return np.column_stack([ratios, ratios / lengths, lengths])
    assert regression is not None
    return np.column_stack([ratios, regression])


def _log_odds(x: NDArray[np.float64], weights: NDArray[np.float64]) -> Scores:
    logits: Scores = weights[0] + x @ weights[1:]
    return logits


def _logistic(x: NDArray[np.float64], good: Labels) -> NDArray[np.float64]:
    """Return the weights [1 + features] of the logistic regression with Platt's targets."""
    mean, spread = x.mean(axis=0), x.std(axis=0)
    spread[spread == 0] = 1
    z = np.column_stack([np.ones(len(x)), (x - mean) / spread])
    positives, negatives = int(good.sum()), int((~good).sum())
    w = _newton(z, np.where(good, (positives + 1) / (positives + 2), 1 / (negatives + 2)))
    slopes = w[1:] / spread
    return np.concatenate([[w[0] - slopes @ mean], slopes])


def _newton(z: NDArray[np.float64], targets: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weights of least cross-entropy; a step that does not lower the cross-entropy is halved."""
    w = np.zeros(z.shape[1])
    loss = _cross_entropies(z @ w, targets).sum()
    for _ in range(MAX_STEPS):
        p = sigmoid(z @ w)
        hessian = (z * (p * (1 - p))[:, None]).T @ z + RIDGE * len(z) * np.eye(len(w))
        step = np.linalg.solve(hessian, z.T @ (p - targets))
        while (lower := _cross_entropies(z @ (w - step), targets).sum()) > loss and np.abs(step).max() > RIDGE:
            step = step / 2
        if not loss - lower > 1e-12 * len(z):
            break
        w, loss = w - step, lower
    return w


def _cross_entropies(logits: Scores, targets: NDArray[Any]) -> Scores:
    entropies: Scores = np.logaddexp(0, logits) - targets * logits
    return entropies
