"""Leaving out n-grams until a table has a given size, those that change the model least first.

Without an n-gram, its probability goes to the shorter context: b of its context grows by its a. How much this costs is
estimated as in Stolcke (1998, https://arxiv.org/abs/cs/0006025): the rate of the n-gram times the change of ln p.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Weights
from morelike.exports.page.ngram_tables import components_of
from morelike.exports.tracing import Table
from morelike.ngrams.counting import find_nodes
from morelike.ngrams.smoothing import Component, estimates_at
from morelike.text.vocabulary import END

Floats = NDArray[np.float64]
ROUNDS = 12
CLOSE = 0.97
"""A table of this share of the wanted size is large enough."""


def prune_to(table: Table, size_of: Callable[[Table], int], largest: int) -> Table:
    """Return the table with as many n-grams as fit into `largest` bytes; `size_of` returns the bytes of a table."""
    if size_of(table) <= largest:
        return table
    importance = _importance(table)
    ordered = np.sort(np.concatenate(importance))[::-1]
    low, high, best = 0, len(ordered) - 1, prune(table, importance, np.inf)
    for _ in range(ROUNDS):  # the number of n-grams that fit lies between low and high
        middle = (low + high) // 2
        tried = prune(table, importance, float(ordered[middle]))
        if (size := size_of(tried)) > largest:
            high = middle
            continue
        low, best = middle, tried
        if size >= CLOSE * largest or high - low < 2:
            break
    return best


def prune(table: Table, importance: Sequence[Floats], least: float) -> Table:
    """Return the table without the n-grams that matter less than `least`.

    The line start and the single characters stay. The beginning and the end of an n-gram that stays, stay too.
    """
    old, components = table.weights, components_of(table)
    symbols = int(old["symbols"])
    weights: Weights = {"symbols": old["symbols"], "mixture": old["mixture"]}
    below, number = np.ones(1, dtype=bool), np.zeros(1, dtype=np.int64)
    for k, each in enumerate(importance, 1):
        keys, keep = old[f"keys.{k}"], each >= least
        parents, tokens = np.divmod(keys, symbols)
        weights[f"keys.{k}"] = number[parents[keep]] * symbols + tokens[keep]
        for name in estimates_at(components, k):
            a, b = old[f"{name}.a.{k}"], old[f"{name}.b.{k}"]
            lost = np.bincount(parents[~keep], a[~keep], len(b))
            weights |= {f"{name}.a.{k}": a[keep], f"{name}.b.{k}": (b + lost)[below]}
        below, number = keep, np.cumsum(keep) - 1
    return Table(table.architecture, table.architecture.prepare(weights))


def _importance(table: Table) -> list[Floats]:
    """Return for each level how much each n-gram matters: at least as much as every longer one that needs it."""
    weights, components = table.weights, components_of(table)
    symbols, levels = int(weights["symbols"]), range(1, max(each.order for each in components) + 1)
    suffixes = _suffixes(weights, levels)
    before = {m: np.full(1, 1 / symbols) for m in range(len(components))}
    found, rate, line_end = [], np.ones(1), 1.0
    for k in levels:
        parents, start = weights[f"keys.{k}"] // symbols, _line_start(weights, k)
        p, without, before = _probabilities(weights, components, k, parents, suffixes[k], before)
        importance = rate[parents] * p * np.log(p / without)
        importance[slice(None) if k == 1 else start] = np.inf
        found.append(importance)
        rate = rate[parents] * p
        line_end = float(rate[start]) if k == 1 else line_end
        rate[start] = line_end  # a line starts as often as one ends
    for k in reversed(levels[1:]):
        parents = weights[f"keys.{k}"] // symbols
        for shorter in (parents, suffixes[k]):
            np.maximum.at(found[k - 2], shorter, found[k - 1])
    return found


def _probabilities(
    weights: Weights,
    components: Sequence[Component],
    k: int,
    parents: NDArray[Any],
    suffix: NDArray[Any],
    before: dict[int, Floats],
) -> tuple[Floats, Floats, dict[int, Floats]]:
    """Return p of each n-gram of length k after its context; p without the n-gram; and p by each component."""
    estimates: dict[str, tuple[Floats, Floats]] = {}
    p, without = np.zeros(len(parents)), np.zeros(len(parents))
    by_component: dict[int, Floats] = {}
    for m, (component, weight) in enumerate(zip(components, weights["mixture"], strict=True)):
        shorter = before[m][suffix]
        name = component.highest_order if component.order == k else component.lower_orders
        if component.order < k or name is None:  # the component ends below, or begins above
            by_component[m] = shorter
            p += weight * shorter
            without += weight * shorter
            continue
        key = f"{name}.{m if component.order == k else ''}"
        if key not in estimates:
            a, b = weights[f"{name}.a.{k}"], weights[f"{name}.b.{k}"]
            estimates[key] = b[parents] * shorter + a, (b[parents] + a) * shorter
        with_it, without_it = estimates[key]
        by_component[m] = with_it
        p += weight * with_it
        without += weight * without_it
    return np.maximum(p, 1e-300), np.maximum(without, 1e-300), by_component


def _suffixes(weights: Weights, levels: range) -> dict[int, NDArray[Any]]:
    """Return for each n-gram the n-gram without its first character, one level below."""
    symbols = int(weights["symbols"])
    found = {1: np.zeros(len(weights["keys.1"]), dtype=np.int64)}
    for k in levels[1:]:
        parents, tokens = np.divmod(weights[f"keys.{k}"], symbols)
        shorter = found[k - 1][parents] if k > 2 else np.zeros(len(parents), dtype=np.int64)
        found[k] = find_nodes(weights[f"keys.{k - 1}"], shorter * symbols + tokens)
    return found


def _line_start(weights: Weights, k: int) -> int:
    """Return the n-gram of k end symbols, or the first one if there is none of this length."""
    symbols, node = int(weights["symbols"]), 0
    for each in range(1, k + 1):
        node = max(int(find_nodes(weights[f"keys.{each}"], np.array(node * symbols + END))), 0)
    return node
