"""Memorisation: how often a model generates the words of each split of its list, and how often it should.

A model gives every word a probability. So the expected number of samples from train, and of other samples, is known
exactly. The comparison with the samples tests the sampler; the probabilities themselves show the memorisation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float
from morelike.display import Summarized, Summary
from morelike.evaluation.intervals import NORMAL_95, binomial_interval
from morelike.text.splits import Split

LogProbability: TypeAlias = Callable[[Sequence[str]], Float[NDArray[Any], " words"]]
"""From words to ln p of each (nats)."""

MIN_P = 1e-300  # lower bound of a divisor

LITTLE, SOME, MUCH = 1.2, 3.0, 20.0
"""Ratios of probability from which a model favours the words of train, remembers some of them, or many of them."""


@dataclass(frozen=True)
class Share:
    """The share of the samples that are words of one split; `expected` is the sum of p over its distinct words.

    `words` counts the words that are in no earlier split, so the shares of all splits and of new words sum to 1.
    `interval` (95 %, Wilson) is the interval of `found`.
    """

    part: str
    words: int
    found: float
    interval: tuple[float, float]
    expected: float

    @property
    def agrees(self) -> bool:
        """Whether the interval contains the expected share; by chance it does not in one of twenty cases."""
        return self.interval[0] <= self.expected <= self.interval[1]


@dataclass(frozen=True)
class Coverage:
    """The share of the distinct words of a split, none of them in train, that occur in the samples.

    `expected` is the mean of 1 - (1 - p)^N over the words; `interval` (95 %) is the interval of `found`, from the
    variance of the same sum.
    """

    part: str
    words: int
    found: float
    interval: tuple[float, float]
    expected: float


@dataclass(frozen=True)
class Duplicates:
    """How many samples repeat an earlier sample, and the expected number.

    The expected number is N minus the sum of 1 - (1 - p)^N over all possible words. These cannot be listed, but the sum
    is also the mean of (1 - (1 - p)^N) / p over words drawn from the model, and the samples are such words. `interval`
    (95 %) is the interval of `found`; it includes the error of the estimate.
    """

    found: int
    interval: tuple[float, float]
    expected: float


@dataclass(frozen=True)
class Gap:
    """How much more probable words of train are than words of test, for words that occur once in the list.

    A random split draws both from one pool, so without memorisation both ratios are 1. `typical` is the ratio of the
    geometric means of p (exp of the difference of the mean ln p): it describes a typical word. `often` is the ratio of
    the arithmetic means: how many times as often the model generates train words as equally many test words; the most
    probable words dominate it. Each has its 95 % interval.
    """

    train_words: int
    test_words: int
    typical: float
    typical_interval: tuple[float, float]
    often: float
    often_interval: tuple[float, float]


@dataclass(frozen=True, repr=False)
class Audit(Summarized):
    """What N samples and the exact probabilities show about memorisation; `gap` is None if nothing is held out."""

    samples: int
    shares: list[Share]
    new: float
    coverage: list[Coverage]
    duplicates: Duplicates
    gap: Gap | None

    def _summary(self) -> Summary:
        rows = [(each.part, each.words, each.found, each.expected) for each in self.shares]
        return Summary(
            {"samples": self.samples, "new": self.new, "gap": self.gap and self.gap.typical},
            {"reading": self.reading},
            ("split", "words", "share of the samples", "expected share"),
            rows,
        )

    @property
    def reading(self) -> str:
        """The conclusion in one or two sentences."""
        if self.gap is None:
            return "No words of the list are held out, so memorisation cannot be distinguished from good modelling."
        gap = self.gap
        low, high = gap.typical_interval
        if low <= 1 <= high or gap.typical < LITTLE:
            says = "it hardly prefers the words of train to similar unseen words"
        elif gap.typical < SOME:
            says = "it favours the words of train"
        elif gap.typical < MUCH:
            says = "it remembers some of the words of train"
        else:
            says = "it remembers many of the words of train"
        return (
            f"A word of train is typically {gap.typical:.3g} times as probable as an unseen word of test (95 % interval"
            f" {low:.3g} to {high:.3g}): {says}. It generates words of train {gap.often:.3g} times as often as"
            " equally many unseen words of test."
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the audit as plain values for JSON."""
        shares = [asdict(share) | {"agrees": share.agrees} for share in self.shares]
        return asdict(self) | {"shares": shares, "reading": self.reading}


def audit(samples: Sequence[str], split: Split, log_probability: LogProbability) -> Audit:
    """Return the audit of a model from unfiltered samples of it and the probability that a sample is a given word.

    Args:
        samples: one or more samples; words of the list and repeated words are included.
        split: the list from which the model learned, in its splits.
        log_probability: the function from words to the ln p of each as a sample.

    >>> split = Split("", ["a"], [], ["b"])
    >>> found = audit(["a", "b", "c", "a"], split, lambda words: np.log(np.full(len(words), 0.25)))
    >>> [(share.part, share.found, share.expected) for share in found.shares]
    [('train', 0.5, 0.25), ('test', 0.25, 0.25)]
    """
    sampled = Counter(samples)
    distinct = _distinct_words(split)
    words = list(dict.fromkeys([*(word for each in distinct.values() for word in each), *sampled]))
    log_p = dict(zip(words, np.asarray(log_probability(words), dtype=np.float64).tolist(), strict=True))
    count = len(samples)
    shares = []
    for name, listed in distinct.items():
        found = sum(sampled[word] for word in listed)
        expected = float(np.exp([log_p[word] for word in listed]).sum())
        shares.append(Share(name, len(listed), found / count, binomial_interval(found, count), expected))
    return Audit(
        samples=count,
        shares=shares,
        new=1 - sum(share.found for share in shares),
        coverage=[_coverage(name, each, sampled, log_p, count) for name, each in distinct.items() if name != "train"],
        duplicates=_duplicates(samples, log_p),
        gap=_gap(split, log_p),
    )


def _distinct_words(split: Split) -> dict[str, list[str]]:
    """Return the distinct words of each split that are in no earlier split; splits without any are left out."""
    seen: set[str] = set()
    distinct: dict[str, list[str]] = {}
    for name, words in split.parts.items():
        new = [word for word in dict.fromkeys(words) if word not in seen]
        seen.update(new)
        if new:
            distinct[name] = new
    return distinct


def _coverage(name: str, words: list[str], sampled: Counter[str], log_p: dict[str, float], count: int) -> Coverage:
    p = _at_least_once(np.exp([log_p[word] for word in words]), count)
    found = sum(word in sampled for word in words) / len(words)
    reach = NORMAL_95 * float(np.sqrt(np.sum(p * (1 - p)))) / len(words)
    return Coverage(name, len(words), found, (max(found - reach, 0.0), min(found + reach, 1.0)), float(p.mean()))


def _duplicates(samples: Sequence[str], log_p: dict[str, float]) -> Duplicates:
    count, found = len(samples), len(samples) - len(set(samples))
    p = np.maximum(np.exp([log_p[word] for word in samples]), MIN_P)
    terms = _at_least_once(p, count) / p
    expected = max(count - float(terms.mean()), 0.0)
    estimate_variance = float(terms.var()) / count
    reach = NORMAL_95 * float(np.sqrt(estimate_variance + expected))  # collisions are rare and almost independent
    return Duplicates(found, (max(found - reach, 0.0), found + reach), expected)


def _gap(split: Split, log_p: dict[str, float]) -> Gap | None:
    once = {word for word, count in Counter([*split.train, *split.dev, *split.test]).items() if count == 1}
    train, test = (
        np.array([log_p[word] for word in words if word in once], dtype=np.float64)
        for words in (split.train, split.test)
    )
    if min(len(train), len(test)) < 2:
        return None
    difference = float(train.mean() - test.mean())
    error = float(np.sqrt(train.var(ddof=1) / len(train) + test.var(ddof=1) / len(test)))
    (log_train, train_error), (log_test, test_error) = _log_mean(train), _log_mean(test)
    often = _with_interval(log_train - log_test, float(np.hypot(train_error, test_error)))
    return Gap(len(train), len(test), *_with_interval(difference, error), *often)


def _log_mean(log_p: Float[NDArray[Any], " words"]) -> tuple[float, float]:
    """Return the logarithm of the mean of p, and its standard error (delta method)."""
    largest = log_p.max()
    p = np.exp(log_p - largest)
    return float(largest + np.log(p.mean())), float(p.std(ddof=1) / p.mean() / np.sqrt(len(p)))


def _with_interval(logarithm: float, error: float) -> tuple[float, tuple[float, float]]:
    """Return exp of a logarithm and its 95 % interval, from its standard error."""
    with np.errstate(over="ignore"):
        low, middle, high = (float(np.exp(logarithm + side * NORMAL_95 * error)) for side in (-1, 0, 1))
    return middle, (low, high)


def _at_least_once(p: Float[NDArray[Any], " words"], count: int) -> Float[NDArray[Any], " words"]:
    """Return the probability 1 - (1 - p)^N that a word occurs among N samples."""
    occurs: NDArray[Any] = -np.expm1(count * np.log1p(-np.minimum(p, 1 - 1e-12)))
    return occurs
