"""Matching: sets of words, one from each of several lists, that are as similar as possible in some measures."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, Int
from morelike.errors import SettingError

MAX_PAIRS = 25_000_000
"""Pairs of words that are compared: 200 MB of distances."""


@dataclass(frozen=True)
class Matched:
    """Sets of words, the closest first: `sets[s, l]` is the index, in list l, of the word of set s.

    `distances` [sets] holds the largest distance between two words of each set: the root mean square of their
    differences in standard deviations, over the columns that vary.
    """

    sets: Int[NDArray[Any], "sets lists"]
    distances: Float[NDArray[Any], " sets"]


@dataclass(frozen=True)
class Balance:
    """Mean and standard deviation (n - 1) of one measure in one list.

    `d` is Cohen's d against the first list: the difference of the means in pooled standard deviations. It is 0 for
    equal means, and infinite if the means differ and nothing varies. `p` is the two-sided p-value of a t-test against
    the first list: the paired test for the words of sets, Welch's test for whole lists. A small d can be significant in
    a paired test: if nearly every set differs in the same direction. `sd`, `d` and `p` are nan if there are too few
    words; `p` is 1 for the first list.
    """

    mean: float
    sd: float
    d: float
    p: float


def spread(values: Float[NDArray[Any], "words columns"]) -> Float[NDArray[Any], " columns"]:
    """Return the standard deviation of each column; infinity if it does not vary, so that it has no weight."""
    varies = np.ptp(values, axis=0) > 0
    return np.where(varies, values.std(axis=0), np.inf)


def distances(
    first: Float[NDArray[Any], "*n columns"],
    second: Float[NDArray[Any], "*m columns"],
    scale: Float[NDArray[Any], " columns"],
) -> Float[NDArray[Any], "*n_or_m"]:
    """Return the root mean square of the differences in standard deviations, over the columns that vary.

    >>> distances(np.array([1.0, 5.0, 7.0]), np.array([3.0, 5.0, 9.0]), np.array([2.0, 1.0, np.inf])).round(4).item()
    0.7071
    """
    columns = max(1, np.isfinite(scale).sum())
    squares = sum((((first[..., c] - second[..., c]) / scale[c]) ** 2 for c in range(len(scale))), np.zeros(()))
    return np.asarray(np.sqrt(squares / columns))


def match_sets(lists: Sequence[Float[NDArray[Any], "_ columns"]], count: int) -> Matched:
    """Return `count` sets of one word from each list; no word is in two sets.

    For two lists the sum of the squared distances is minimal. Each further list is matched to the means of the sets so
    far: this is optimal for the given sets, but not always for all lists together.

    Raises:
        SettingError: fewer than two lists, more sets than a list has words, or too many pairs.
    """
    if len(lists) < 2:
        raise SettingError("matching takes two lists or more")
    sizes = [len(values) for values in lists]
    if not 1 <= count <= min(sizes):
        raise SettingError(
            f"count = {count}: the lists have {' and '.join(f'{size:,}' for size in sizes)} words; ask for 1 to "
            f"{min(sizes):,} sets"
        )
    scale = spread(np.concatenate(lists))
    chosen: list[NDArray[np.int64]] = []
    centre = lists[0]
    for values in lists[1:]:
        if len(centre) * len(values) > MAX_PAIRS:
            raise SettingError(
                f"{len(centre):,} and {len(values):,} words are {len(centre) * len(values):,} pairs, more than the "
                f"{MAX_PAIRS:,} that can be compared: give shorter lists"
            )
        rows, columns = assign(distances(centre[:, None], values[None, :], scale) ** 2, count)
        chosen = [each[rows] for each in chosen or [np.arange(len(lists[0]))]] + [columns]
        centre = np.mean([lists[i][which] for i, which in enumerate(chosen)], axis=0)
    members = [values[which] for values, which in zip(lists, chosen, strict=False)]
    widest = np.max([distances(one, other, scale) for one in members for other in members], axis=0)
    order = np.argsort(widest, kind="stable")
    return Matched(np.stack(chosen, axis=1)[order], widest[order])


def balance(lists: Sequence[Float[NDArray[Any], "_ columns"]], *, paired: bool = False) -> list[list[Balance]]:
    """Return for each list the balance of each column; `paired` lists hold the words of the same sets, in order."""
    return [[_balance(lists[0][:, c], values[:, c], paired) for c in range(values.shape[1])] for values in lists]


def assign(cost: Float[NDArray[Any], "n m"], count: int) -> tuple[Int[NDArray[Any], " N"], Int[NDArray[Any], " N"]]:
    """Return the rows and the columns of `count` pairs of the least total cost; each row and column is in one at most.

    The shorter side (n) gets n - count dummy partners, and the assignment of all n is solved (Crouse 2016). A dummy
    costs less than pair count + 1 would add. That pair adds at least the dearest of count + 1 pairs, which is at least
    the count + 1-th of the least costs of the rows in order, and of the columns; so all dummies are taken.

    >>> [each.tolist() for each in assign(np.array([[1.0, 2.0], [2.0, 9.0]]), 2)]  # 2 + 2 is less than 1 + 9
    [[0, 1], [1, 0]]
    """
    from scipy.optimize import linear_sum_assignment  # takes 0.4 s to import, for one command

    if cost.shape[0] > cost.shape[1]:
        columns, rows = assign(cost.T, count)
        order = np.argsort(rows)
        return rows[order], columns[order]
    n, m = cost.shape
    if count < n:
        bound = max(np.partition(cost.min(axis=axis), count)[count] for axis in (0, 1))
        dummies = np.full((n, n - count), bound - 1e-6 * (1 + abs(bound)))
        cost = np.concatenate([cost, dummies], axis=1)
    rows, columns = linear_sum_assignment(cost)
    return rows[columns < m], columns[columns < m]


def _balance(first: Float[NDArray[Any], " n"], values: Float[NDArray[Any], " m"], paired: bool) -> Balance:
    sd = float(values.std(ddof=1)) if len(values) > 1 else float("nan")
    return Balance(float(values.mean()), sd, _cohens_d(first, values), _p_value(first, values, paired))


def _cohens_d(first: Float[NDArray[Any], " n"], values: Float[NDArray[Any], " m"]) -> float:
    difference, freedom = float(values.mean() - first.mean()), len(first) + len(values) - 2
    if not difference:
        return 0.0
    if not freedom:
        return float("nan")
    pooled = np.sqrt((len(first) * first.var() + len(values) * values.var()) / freedom)
    with np.errstate(divide="ignore"):
        return float(np.float64(difference) / pooled)


def _p_value(first: Float[NDArray[Any], " n"], values: Float[NDArray[Any], " m"], paired: bool) -> float:
    """Return the p-value of Student's paired t-test, or of Welch's t-test (1947); 1 for equal numbers."""
    from scipy.stats import ttest_ind, ttest_rel

    if np.array_equal(first, values):
        return 1.0
    if min(len(first), len(values)) < 2:
        return float("nan")
    with np.errstate(invalid="ignore", divide="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numbers that do not vary: p is 0 or 1, without a remark on precision
        test = ttest_rel(first, values) if paired else ttest_ind(first, values, equal_var=False)
    return 1.0 if np.isnan(test.pvalue) else float(test.pvalue)  # nan: neither list varies, and the means are equal
