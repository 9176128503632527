"""From the counts of n-grams to the tables of a model: each smoothing's estimates, without rare n-grams."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Weights
from morelike.ngrams.counting import Level, are_keys
from morelike.ngrams.disk_columns import DiskColumn, Numbers
from morelike.ngrams.smoothing import ContextCounts, Smoothing

BLOCK = 1 << 20  # counts read at once
LARGEST_ERROR = 1e-6  # of a sum of probabilities


def model_tables(
    levels: Sequence[Level], smoothings: Collection[Smoothing], symbols: int, alpha: float, min_count: int, rows: int
) -> dict[str, NDArray[Any]]:
    """Return `keys.k` for each level k, and `NAME.a.k` and `NAME.b.k` for each estimate of each smoothing.

    N-grams of two symbols or more are left out if they were seen fewer than `min_count` times. The beginning and the
    end of a kept n-gram are kept too, because they were seen at least as often. The probability of the n-grams that a
    context loses is added to its b, and so goes to the shorter context: probabilities still sum to 1. Each level keeps
    at least the n-gram of end symbols that stands before a line, and one n-gram after it, so that none is empty.

    `rows` n-grams are worked on at once; the tables do not depend on it.
    """
    tables: dict[str, NDArray[Any]] = {}
    below: Numbers = np.ones(1, dtype=bool)
    for k, level in enumerate(levels, 1):
        blocks, kept = list(_blocks(level.keys, symbols, rows)), DiskColumn(bool, on_disk=level.on_disk)
        least, always_kept = (min_count if k > 1 else 1), (2 if k < len(levels) else 1)
        for first, stop in blocks:
            kept.append((level.counts[first:stop] >= least) | (np.arange(first, stop) < always_kept))
        estimates = [(each, *item) for each in smoothings for item in each.estimates(k, len(levels)).items()]
        found = _level_tables(level, blocks, estimates, below, kept.numbers(), symbols, alpha)
        tables |= {f"{name}.{k}": array for name, array in found.items()}
        below = kept.numbers()
    return tables


def are_probabilities(keys: NDArray[Any], a: NDArray[Any], b: NDArray[Any], symbols: int) -> bool:
    """Return whether no a is below 0, each b is above 0, and b of each context and the a after it sum to 1.

    Shapes: keys [M] and a [M] of a level's n-grams, b [C] of their contexts.

    >>> keys = np.array([0, 2])  # after the one context, symbol 0 and symbol 2
    >>> are_probabilities(keys, np.array([0.5, 0.25]), np.array([0.25]), 3)
    True
    >>> are_probabilities(keys, np.array([0.5, 0.5]), np.array([0.25]), 3)
    False
    """
    if not np.all(b > 0):  # false for nan, too
        return False
    total = np.array(b)
    for first in range(0, len(keys), BLOCK):
        parents, block = keys[first : first + BLOCK] // symbols, a[first : first + BLOCK]
        if not np.all(block >= 0):
            return False
        lowest, highest = int(parents[0]), int(parents[-1])
        total[lowest : highest + 1] += np.bincount(parents - lowest, block)
    return bool(np.all(np.abs(total - 1) < LARGEST_ERROR))


def are_tables(weights: Weights, estimates: Sequence[Sequence[str]], components: int, symbols: int) -> bool:
    """Return whether weights from a file are the tables of an n-gram model: names, shapes, keys and probabilities.

    `estimates[k - 1]` names the estimates of the n-grams of length k; the model mixes `components` of them.
    """
    orders = range(1, len(estimates) + 1)
    nodes = [1, *(weights.get(f"keys.{k}", np.empty(0)).size for k in orders)]
    wanted: dict[str, tuple[type, tuple[int, ...]]] = {
        "symbols": (np.int64, ()),
        "mixture": (np.float64, (components,)),
    }
    for k in orders:
        wanted[f"keys.{k}"] = np.int64, (nodes[k],)
        for name in estimates[k - 1]:
            wanted |= {f"{name}.a.{k}": (np.float64, (nodes[k],)), f"{name}.b.{k}": (np.float64, (nodes[k - 1],))}
    return (
        {name: (array.dtype, array.shape) for name, array in weights.items()} == wanted
        and int(weights["symbols"]) == symbols
        and bool(np.all(weights["mixture"] >= 0))
        and all(are_keys(weights[f"keys.{k}"], nodes[k - 1] * symbols) for k in orders)
        and all(
            are_probabilities(weights[f"keys.{k}"], weights[f"{name}.a.{k}"], weights[f"{name}.b.{k}"], symbols)
            for k in orders
            for name in estimates[k - 1]
        )
    )


def _level_tables(
    level: Level,
    blocks: Sequence[tuple[int, int]],
    estimates: Sequence[tuple[Smoothing, str, bool]],
    below: Numbers,
    kept: Numbers,
    symbols: int,
    alpha: float,
) -> dict[str, NDArray[Any]]:
    """Return the tables of a level; `below` and `kept` say which contexts and n-grams are kept."""
    column = partial(DiskColumn, on_disk=level.on_disk)
    keys, tables = column(np.int64), {name: (column(np.float64), column(np.float64)) for _, name, _ in estimates}
    sources = {each: level.continuations if each else level.counts for *_, each in estimates}
    counts_of_counts = {each: _counts_of_counts(counts) for each, counts in sources.items()}
    context = nodes = 0  # contexts done, and how many of them are kept
    for first, stop in blocks:
        parents, last = np.divmod(level.keys[first:stop], symbols)
        end = len(below) if stop == len(level) else int(parents[-1]) + 1
        parents -= context
        contexts, keep = below[context:end], kept[first:stop]
        for smoothing, name, of_continuations in estimates:
            counts = sources[of_continuations][first:stop]
            of_counts = counts_of_counts[of_continuations]
            a, b = smoothing.estimate(ContextCounts(counts, parents, len(contexts), of_counts, symbols, alpha))
            if not keep.all():
                b += np.bincount(parents[~keep], a[~keep], len(b))
            tables[name][0].append(a[keep])
            tables[name][1].append(b[contexts])
        node = nodes + np.cumsum(contexts) - 1
        keys.append((node[parents] * symbols + last)[keep])
        context, nodes = end, nodes + int(np.count_nonzero(contexts))
    arrays = {
        f"{name}.{each}": table.array() for name, pair in tables.items() for each, table in zip("ab", pair, strict=True)
    }
    return {"keys": keys.array()} | arrays


def _counts_of_counts(counts: Numbers) -> Any:
    """Return how many counts are 1, 2, 3 and 4, [4]."""
    blocks = (counts[first : first + BLOCK] for first in range(0, len(counts), BLOCK))
    return np.sum([[np.count_nonzero(block == count) for count in (1, 2, 3, 4)] for block in blocks], axis=0)


def _blocks(keys: Numbers, symbols: int, rows: int) -> Iterator[tuple[int, int]]:
    """Yield the bounds of blocks of `rows` n-grams or a few more; the n-grams of one context are in one block."""
    first = 0
    while first < len(keys):
        last = min(first + rows, len(keys)) - 1
        contexts = keys[last : last + symbols] // symbols  # no context has more n-grams than there are symbols
        stop = last + int(np.searchsorted(contexts, contexts[0], side="right"))
        yield first, stop
        first = stop
