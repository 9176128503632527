"""Binary classification by a score: the ROC area with an interval, a threshold, and the performance on held-out words.

The positive class is "good" and has the higher scores; a false positive is a bad word that is classified as good.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import log
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, random_generator, sigmoid
from morelike.evaluation.intervals import NORMAL_95, binomial_interval

BINS = 10
REPLICATES = 500
Scores: TypeAlias = Float[NDArray[Any], " words"]
Good: TypeAlias = Float[NDArray[Any], " good"]
Bad: TypeAlias = Float[NDArray[Any], " bad"]


def area(good: Good, bad: Bad) -> float:
    """Return the area under the ROC curve: how often a good word scores above a bad one, ties counted half.

    It is the statistic of Mann and Whitney (1947), from ranks.

    >>> area(np.array([3.0, 2.0]), np.array([1.0, 2.0]))
    0.875
    """
    ranks = _ranks(np.concatenate([good, bad]))[: len(good)]
    return float((ranks.mean() - (len(good) + 1) / 2) / len(bad))


def area_interval(good: Good, bad: Bad) -> tuple[float, float]:
    """Return the 95 % interval of `area`, by DeLong, DeLong and Clarke-Pearson (1988) on the logit scale.

    The variances come from ranks (Sun and Xu 2014). If the area is 0 or 1, the variance is 0 and useless: the interval
    is then Wilson's, with as many trials as there are pairs without a common word.

    >>> low, high = area_interval(np.array([3.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0]))
    >>> 0 < low < area(np.array([3.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0])) < high < 1
    True
    """
    m, n = len(good), len(bad)
    a = area(good, bad)
    ranks = _ranks(np.concatenate([good, bad]))
    of_good = (ranks[:m] - _ranks(good)) / n  # for each good word, the share of bad words below it
    of_bad = 1 - (ranks[m:] - _ranks(bad)) / m
    pairs = min(m, n)
    if pairs < 2 or not 0 < a < 1:
        return binomial_interval(round(a * pairs), pairs)
    error = (of_good.var(ddof=1) / m + of_bad.var(ddof=1) / n) ** 0.5
    middle, reach = log(a / (1 - a)), NORMAL_95 * error / (a * (1 - a))
    return float(sigmoid(np.array(middle - reach))), float(sigmoid(np.array(middle + reach)))


def threshold_at(bad: Bad, fpr: float) -> float:
    """Return the least threshold with at most this false positive rate; a word above the threshold counts as good.

    >>> threshold_at(np.arange(100.0), 0.05)
    94.0
    """
    allowed = min(int(fpr * len(bad) + 1e-9), len(bad) - 1)  # 0.29 * 100 is a little below 29
    return float(np.sort(bad)[::-1][allowed])


@dataclass(frozen=True)
class Judgement:
    """The performance of a classifier on held-out words; intervals are 95 %.

    `calibration_error` is the expected calibration error (Naeini et al. 2015): the mean distance between predicted and
    observed frequency, over ten bins of probability. A perfect calibration also has an error, by chance: at most
    `calibration_chance` in 95 of 100 samples (Bröcker and Smith 2007).
    """

    auc: float
    auc_interval: tuple[float, float]
    true_positive_rate: float
    true_positive_interval: tuple[float, float]
    false_positive_rate: float
    false_positive_interval: tuple[float, float]
    calibration_error: float
    calibration_chance: float
    good: int
    bad: int

    def as_dict(self) -> dict[str, Any]:
        """Return the figures under their names."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def of(cls, figures: Mapping[str, Any]) -> Judgement:
        """Return the judgement with these figures.

        Raises:
            TypeError, ValueError: a figure is missing, unknown, or not a number.
        """
        numbers: dict[str, Any] = {
            name: tuple(map(float, value)) if isinstance(value, list) else value + 0 for name, value in figures.items()
        }
        return cls(**numbers)


def judge(good: Good, bad: Bad, threshold: float, probabilities: Scores, *, seed: int = 0) -> Judgement:
    """Return the performance of scores and probabilities; `probabilities` holds the good words, then the bad ones."""
    true_positives, false_positives = int((good > threshold).sum()), int((bad > threshold).sum())
    labels = np.arange(len(good) + len(bad)) < len(good)
    rng = random_generator(seed)
    by_chance = [_error(probabilities, rng.random(len(labels)) < probabilities) for _ in range(REPLICATES)]
    return Judgement(
        auc=area(good, bad),
        auc_interval=area_interval(good, bad),
        true_positive_rate=true_positives / len(good),
        true_positive_interval=binomial_interval(true_positives, len(good)),
        false_positive_rate=false_positives / len(bad),
        false_positive_interval=binomial_interval(false_positives, len(bad)),
        calibration_error=_error(probabilities, labels),
        calibration_chance=float(np.percentile(by_chance, 95)),
        good=len(good),
        bad=len(bad),
    )


def _error(probabilities: Scores, labels: NDArray[np.bool_]) -> float:
    """Return the expected calibration error over bins of equal width, weighted by their numbers of words."""
    bins = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    predicted = np.bincount(bins, weights=probabilities, minlength=BINS)
    observed = np.bincount(bins, weights=labels, minlength=BINS)
    return float(np.abs(predicted - observed).sum() / len(labels))


def _ranks(scores: Scores) -> Scores:
    """Return the rank of each score, from 1; equal scores share their mean rank."""
    _, group, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Scores = (last - (counts - 1) / 2)[group]
    return ranks
