"""Checks of lesson 16: a fair sampler, by a chi-square test, and the share of copies that a model expects."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from morelike.arrays import Float, Int
from morelike.lessons.checks import register

DRAWS = 20_000
CHANCE = 1e-6
"""The p-value at which a sampler is refused, for counts that fit too badly or too well."""


def p_value(got: Any, probabilities: Float[NDArray[Any], " V"]) -> float:
    """Return the chance of counts that fit worse than those of some draws; 0 if an impossible position was drawn."""
    counts = np.bincount(got, minlength=len(probabilities))
    possible = probabilities > 0
    if counts[~possible].any():
        return 0.0
    expected = len(got) * probabilities[possible]
    statistic = np.sum((counts[possible] - expected) ** 2 / expected)
    return float(chdtrc(possible.sum() - 1, statistic))


def _positions(got: Any) -> Int[NDArray[Any], " draws"]:
    return np.asarray(got).astype(int)


def _is_outside(got: Any, expected: Any, probabilities: Any, *_: Any) -> bool:
    positions = _positions(got)
    return bool(((positions < 0) | (positions >= len(probabilities))).any())


def _is_constant(got: Any, *_: Any) -> bool:
    return len({*_positions(got).tolist()}) == 1


def _is_impossible(got: Any, expected: Any, probabilities: Any, *_: Any) -> bool:
    return bool((np.asarray(probabilities)[_positions(got)] == 0).any())


def _is_uniform(got: Any, expected: Any, probabilities: Any, count: int, *_: Any) -> bool:
    return (
        np.size(got) == count and p_value(_positions(got), np.full(len(probabilities), 1 / len(probabilities))) > CHANCE
    )


def _is_sharpened(got: Any, expected: Any, probabilities: Any, *_: Any) -> bool:
    counts = np.bincount(_positions(got), minlength=len(probabilities))
    return bool(counts[np.argmax(probabilities)] > 1.2 * DRAWS * np.max(probabilities))


def _is_even(got: Any, expected: Any, probabilities: Any, *_: Any) -> bool:
    return p_value(_positions(got), np.asarray(probabilities)) > 1 - CHANCE


def is_fair(got: Any, expected: Any, probabilities: Any, count: int, *_: Any) -> bool:
    """Return whether draws are positions that follow the probabilities, neither too badly nor too well."""
    inside = not _is_outside(got, expected, probabilities)
    right_kind = np.asarray(got).shape == (count,) and bool((np.asarray(got) == _positions(got)).all())
    return right_kind and inside and CHANCE < p_value(_positions(got), np.asarray(probabilities)) < 1 - CHANCE


@register(
    "16.1",
    agrees=is_fair,
    shows_expected=False,
    symptoms={
        "outside": lambda got, expected, p, count, *_: np.size(got) == count and _is_outside(got, expected, p),
        "constant": _is_constant,
        "uniform": _is_uniform,
        "impossible": _is_impossible,
        "sharpened": _is_sharpened,
        "even": _is_even,
    },
)
def distributions(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return probabilities, two of them 0 and one by far the largest, and a generator; the last one is not 0."""
    cases = []
    for symbols in rng.integers(12, 28, size=3):
        weights = rng.uniform(0.2, 1, symbols)
        weights[rng.choice(symbols - 1, 3, replace=False)] = 0, 0, symbols / 3
        cases.append((weights / weights.sum(), DRAWS, np.random.default_rng(rng.integers(2**32))))
    return cases


@register("16.2")
def list_probabilities(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return lists in which words stand twice, and the ln p of each line's word."""
    cases = []
    for _ in range(3):
        words = ["".join(rng.choice(list("abc"), rng.integers(1, 5))) for _ in range(30)]
        words += words[:10]
        different = [*dict.fromkeys(words)]
        shares = rng.dirichlet(np.ones(len(different) + 5))
        log_p = dict(zip(different, np.log(shares).tolist(), strict=False))
        cases.append((words, [log_p[word] for word in words]))
    return cases
