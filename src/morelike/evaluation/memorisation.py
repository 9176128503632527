"""What a model knows by heart: how often it makes the words of each part of its list, beside what it expects itself.

A model gives every word a probability, so how often it should make the words that it learned from, and how many that it
never saw, is known exactly. That the samples agree is a test of the sampler; what the figures say is the audit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float
from morelike.evaluation.intervals import NORMAL_95, binomial_interval
from morelike.text.splits import Split

__all__ = ["Audit", "Coverage", "Duplicates", "Gap", "Share", "audit"]

LogProbability: TypeAlias = Callable[[Sequence[str]], Float[NDArray[Any], " words"]]
"""From words to ln p of each (nats)."""

LEAST = 1e-300  # what no probability is below, so that one may divide by it

LITTLE, SOME, MUCH = 1.2, 3.0, 20.0
"""From how many times as probable on a model favours what it has seen, remembers some of it, knows it by heart."""


@dataclass(frozen=True)
class Share:
    """The share of the samples that are words of one part; `expected` is the sum of p over its distinct words.

    `words` are those that are in no part before it, so that the shares of all parts and of new words make 1.
    `interval` (95 %, Wilson) is that of `found`.
    """

    part: str
    words: int
    found: float
    interval: tuple[float, float]
    expected: float

    @property
    def agrees(self) -> bool:
        """Whether the interval holds what is expected: by chance alone it does not once in twenty times."""
        return self.interval[0] <= self.expected <= self.interval[1]


@dataclass(frozen=True)
class Coverage:
    """The share of a part's distinct words, none of them in train, that occur among the samples.

    `expected` is the mean of 1 - (1 - p)^N over them; `interval` (95 %) is that of `found`, from the variance of the
    same sum.
    """

    part: str
    words: int
    found: float
    interval: tuple[float, float]
    expected: float


@dataclass(frozen=True)
class Duplicates:
    """How many samples repeat one before them, and how many were to be expected.

    The expected number is N less the sum of 1 - (1 - p)^N over all words there are. No one can list these, but the sum
    is also the mean of (1 - (1 - p)^N) / p over words drawn with their probability, which the samples are. `interval`
    (95 %) is that of `found`, and holds the error of the estimate.
    """

    found: int
    interval: tuple[float, float]
    expected: float


@dataclass(frozen=True)
class Gap:
    """How much more probable words of train are than words of test, of those that stand once in the whole list.

    A random split draws these from one pool, so without memory both ratios are 1. `typical` is the ratio of the
    geometric means of p, exp of the difference of the mean ln p: of a usual word. `often` is that of the arithmetic
    means: how many times as often the model makes train words as it makes equally many unseen test words; the few
    most probable words weigh most in it. Each has its 95 % interval.
    """

    train_words: int
    test_words: int
    typical: float
    typical_interval: tuple[float, float]
    often: float
    often_interval: tuple[float, float]


@dataclass(frozen=True)
class Audit:
    """What N samples and the exact probabilities say about a model's memory; `gap` is None if nothing is held out."""

    samples: int
    shares: list[Share]
    new: float
    coverage: list[Coverage]
    duplicates: Duplicates
    gap: Gap | None

    @property
    def reading(self) -> str:
        """What it comes to, in one or two sentences."""
        if self.gap is None:
            return "Nothing is held out of the list, so memory cannot be told from skill."
        gap = self.gap
        low, high = gap.typical_interval
        if low <= 1 <= high or gap.typical < LITTLE:
            says = "it knows the words that it learned from hardly better than others like them"
        elif gap.typical < SOME:
            says = "it favours the words that it learned from"
        elif gap.typical < MUCH:
            says = "it remembers some of the words that it learned from"
        else:
            says = "it knows many of the words that it learned from by heart"
        return (
            f"A word of train is typically {gap.typical:.3g} times as probable as an unseen word of test (95 % interval"
            f" {low:.3g} to {high:.3g}): {says}. It makes words of train {gap.often:.3g} times as often as it makes"
            " equally many unseen words of test."
        )

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as plain values that JSON can hold."""
        shares = [asdict(share) | {"agrees": share.agrees} for share in self.shares]
        return asdict(self) | {"shares": shares, "reading": self.reading}


def audit(samples: Sequence[str], splits: Split, log_probability: LogProbability) -> Audit:
    """Return the audit of a model from samples of it, unfiltered, and its probability of being asked for each word.

    Args:
        samples: one or more words as the model makes them, those of the list and repeated ones among them.
        splits: the list that it learned from, as it was cut.
        log_probability: ln p of words, over all that a sample can be.

    >>> splits = Split("", ["a"], [], ["b"])
    >>> found = audit(["a", "b", "c", "a"], splits, lambda words: np.log(np.full(len(words), 0.25)))
    >>> [(share.part, share.found, share.expected) for share in found.shares]
    [('train', 0.5, 0.25), ('test', 0.25, 0.25)]
    """
    made = Counter(samples)
    distinct = _apart(splits)
    words = list(dict.fromkeys([*(word for part in distinct.values() for word in part), *made]))
    log_p = dict(zip(words, np.asarray(log_probability(words), dtype=np.float64).tolist(), strict=True))
    count = len(samples)
    shares = []
    for part, own in distinct.items():
        found = sum(made[word] for word in own)
        expected = float(np.exp([log_p[word] for word in own]).sum())
        shares.append(Share(part, len(own), found / count, binomial_interval(found, count), expected))
    return Audit(
        samples=count,
        shares=shares,
        new=1 - sum(share.found for share in shares),
        coverage=[_coverage(part, own, made, log_p, count) for part, own in distinct.items() if part != "train"],
        duplicates=_duplicates(samples, log_p),
        gap=_gap(splits, log_p),
    )


def _apart(splits: Split) -> dict[str, list[str]]:
    """Return the distinct words of each part that are in no part before it; parts without any are left out."""
    seen: set[str] = set()
    apart: dict[str, list[str]] = {}
    for part, words in splits.parts.items():
        own = [word for word in dict.fromkeys(words) if word not in seen]
        seen.update(own)
        if own:
            apart[part] = own
    return apart


def _coverage(part: str, words: list[str], made: Counter[str], log_p: dict[str, float], count: int) -> Coverage:
    p = _at_least_once(np.exp([log_p[word] for word in words]), count)
    found = sum(word in made for word in words) / len(words)
    reach = NORMAL_95 * float(np.sqrt(np.sum(p * (1 - p)))) / len(words)
    return Coverage(part, len(words), found, (max(found - reach, 0.0), min(found + reach, 1.0)), float(p.mean()))


def _duplicates(samples: Sequence[str], log_p: dict[str, float]) -> Duplicates:
    count, found = len(samples), len(samples) - len(set(samples))
    p = np.maximum(np.exp([log_p[word] for word in samples]), LEAST)
    kinds = _at_least_once(p, count) / p
    expected = max(count - float(kinds.mean()), 0.0)
    of_estimate = float(kinds.var()) / count
    reach = NORMAL_95 * float(np.sqrt(of_estimate + expected))  # collisions are rare events, all but independent
    return Duplicates(found, (max(found - reach, 0.0), found + reach), expected)


def _gap(splits: Split, log_p: dict[str, float]) -> Gap | None:
    once = {word for word, count in Counter([*splits.train, *splits.dev, *splits.test]).items() if count == 1}
    train, test = (
        np.array([log_p[word] for word in words if word in once], dtype=np.float64)
        for words in (splits.train, splits.test)
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
