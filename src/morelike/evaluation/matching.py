"""Matching: sets of words, one from each of several lists, that are as alike as they can be in some measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, Int
from morelike.errors import SettingError

__all__ = ["MOST_PAIRS", "Balance", "Matched", "assign", "balance", "distances", "match_sets", "spread"]

MOST_PAIRS = 25_000_000
"""Pairs of words that are weighed against one another: 200 MB of distances."""

NOISE = 1e-9  # a way shorter by less is no shorter: it is the rounding of sums


@dataclass(frozen=True)
class Matched:
    """Sets of words, the closest first: `sets[s, l]` is the index, in list l, of the word of set s.

    `distances` [sets] are the largest between two words of a set: the root mean square, over the columns that vary, of
    their differences in standard deviations.
    """

    sets: Int[NDArray[Any], "sets lists"]
    distances: Float[NDArray[Any], " sets"]


@dataclass(frozen=True)
class Balance:
    """Mean and standard deviation (n - 1) of one measure in one list.

    `d` is Cohen's d against the first list: the difference of the means, in pooled standard deviations; 0 for the first
    itself, and where the means are equal. It is infinite where the means differ and nothing varies, and `sd` and `d`
    are nan where one word is too few to tell.
    """

    mean: float
    sd: float
    d: float


def spread(values: Float[NDArray[Any], "words columns"]) -> Float[NDArray[Any], " columns"]:
    """Return the standard deviation of each column; infinity where it does not vary, so that it weighs nothing."""
    varies = np.ptp(values, axis=0) > 0
    return np.where(varies, values.std(axis=0), np.inf)


def distances(
    first: Float[NDArray[Any], "*n columns"],
    second: Float[NDArray[Any], "*m columns"],
    scale: Float[NDArray[Any], " columns"],
) -> Float[NDArray[Any], "*n_or_m"]:
    """Return the root mean square, over the columns that vary, of differences in standard deviations.

    >>> distances(np.array([1.0, 5.0, 7.0]), np.array([3.0, 5.0, 9.0]), np.array([2.0, 1.0, np.inf])).round(4).item()
    0.7071
    """
    columns = max(1, np.isfinite(scale).sum())
    squares = sum((((first[..., c] - second[..., c]) / scale[c]) ** 2 for c in range(len(scale))), np.zeros(()))
    return np.asarray(np.sqrt(squares / columns))


def match_sets(lists: Sequence[Float[NDArray[Any], "_ columns"]], count: int) -> Matched:
    """Return `count` sets of one word from each list; no word is in two.

    Of two lists the sum of the squared distances is the least there is. Each list beyond the second is matched to the
    means of the sets so far: best for these, though another choice of the first two may suit all three better.

    Raises:
        SettingError: fewer than two lists, more sets than a list has words, or too many pairs to weigh.
    """
    if len(lists) < 2:
        raise SettingError("matching takes two lists or more")
    sizes = [len(values) for values in lists]
    if not 1 <= count <= min(sizes):
        raise SettingError(
            f"count = {count}: of lists of {', '.join(f'{size:,}' for size in sizes)} words 1 to {min(sizes):,} sets "
            "can be matched"
        )
    scale = spread(np.concatenate(lists))
    chosen: list[NDArray[np.int64]] = []
    centre = lists[0]
    for values in lists[1:]:
        if len(centre) * len(values) > MOST_PAIRS:
            raise SettingError(
                f"{len(centre):,} and {len(values):,} words are {len(centre) * len(values):,} pairs, of which at most "
                f"{MOST_PAIRS:,} can be weighed: give shorter lists"
            )
        rows, columns = assign(distances(centre[:, None], values[None, :], scale) ** 2, count)
        chosen = [each[rows] for each in chosen or [np.arange(len(lists[0]))]] + [columns]
        centre = np.mean([lists[i][which] for i, which in enumerate(chosen)], axis=0)
    members = [values[which] for values, which in zip(lists, chosen, strict=False)]
    widest = np.max([distances(one, other, scale) for one in members for other in members], axis=0)
    order = np.argsort(widest, kind="stable")
    return Matched(np.stack(chosen, axis=1)[order], widest[order])


def balance(lists: Sequence[Float[NDArray[Any], "_ columns"]]) -> list[list[Balance]]:
    """Return for each list the balance of each column."""
    return [[_balance(lists[0][:, c], values[:, c]) for c in range(values.shape[1])] for values in lists]


def assign(cost: Float[NDArray[Any], "n m"], count: int) -> tuple[Int[NDArray[Any], " N"], Int[NDArray[Any], " N"]]:
    """Return the rows and the columns of `count` pairs, each row and column in one at most, of the least total cost.

    Pairs are added one at a time along the cheapest chain: a free row takes a column, whose row takes another's, and so
    on to a free column (Busacker and Gowen 1960). What is taken stays taken, and the pairs are the best of
    their number all along.

    >>> [each.tolist() for each in assign(np.array([[1.0, 2.0], [2.0, 9.0]]), 2)]  # 2 + 2 is less than 1 + 9
    [[0, 1], [1, 0]]
    """
    rows, columns = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    nearest_row, nearest_column = cost.argmin(axis=0), cost.argmin(axis=1)
    free_row, free_column = np.ones(cost.shape[0], dtype=bool), np.ones(cost.shape[1], dtype=bool)
    while True:
        chain, total = _cheapest_chain(cost, rows, columns, nearest_row, nearest_column)
        direct = np.where(free_row, cost[np.arange(len(cost)), nearest_column], np.inf)
        if direct.min() <= total:
            chain, row = [], int(direct.argmin())
        else:
            row = int(nearest_row[columns[chain[0]]])
        column = int(nearest_column[rows[chain[-1]] if chain else row])
        taken = [*columns[chain], column]  # the free row takes the first of these, each row of the chain the next
        columns[chain] = taken[1:]
        rows, columns = np.append(rows, row), np.append(columns, taken[0])
        free_row[row] = free_column[column] = False
        if len(rows) == count:
            order = np.argsort(rows)
            return rows[order], columns[order]
        _renew(nearest_row, row, cost.T, free_row)
        _renew(nearest_column, column, cost, free_column)


def _cheapest_chain(
    cost: Float[NDArray[Any], "n m"],
    rows: Int[NDArray[Any], " k"],
    columns: Int[NDArray[Any], " k"],
    nearest_row: Int[NDArray[Any], " m"],
    nearest_column: Int[NDArray[Any], " n"],
) -> tuple[list[int], float]:
    """Return the pairs that the cheapest chain goes through, and its cost (Bellman 1958, Ford 1956)."""
    if not len(rows):
        return [], np.inf
    own = cost[rows, columns]
    # The cost of a chain up to each pair, whose column is taken and whose row is now without one.
    reach = cost[nearest_row[columns], columns] - own
    before, changed = np.full(len(rows), -1), np.arange(len(rows))
    while len(changed):
        through = cost[np.ix_(rows[changed], columns)]  # row p takes the column of pair q
        through += reach[changed, None] - own[None, :]
        least = through.min(axis=0)
        shorter = np.flatnonzero(least < reach - NOISE)
        before[shorter] = changed[through[:, shorter].argmin(axis=0)]
        reach[shorter] = least[shorter]
        changed = shorter
    whole = reach + cost[rows, nearest_column[rows]]
    chain = [int(whole.argmin())]
    while before[chain[0]] >= 0:
        chain.insert(0, int(before[chain[0]]))
    return chain, float(whole.min())


def _renew(
    nearest: Int[NDArray[Any], " n"], taken: int, cost: Float[NDArray[Any], "n m"], free: NDArray[np.bool_]
) -> None:
    """Find the nearest free column again where it was the one that has been taken."""
    stale = np.flatnonzero(nearest == taken)
    left = np.flatnonzero(free)
    if len(stale) and len(left):
        nearest[stale] = left[cost[np.ix_(stale, left)].argmin(axis=1)]


def _balance(first: Float[NDArray[Any], " n"], values: Float[NDArray[Any], " m"]) -> Balance:
    difference = float(values.mean() - first.mean())
    freedom = len(first) + len(values) - 2
    sd = float(values.std(ddof=1)) if len(values) > 1 else float("nan")
    if not difference:
        return Balance(float(values.mean()), sd, 0.0)
    if not freedom:
        return Balance(float(values.mean()), sd, float("nan"))
    pooled = np.sqrt((len(first) * first.var() + len(values) * values.var()) / freedom)
    with np.errstate(divide="ignore"):
        return Balance(float(values.mean()), sd, float(np.float64(difference) / pooled))
