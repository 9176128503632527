"""Symbols drawn from n-grams without whole distributions: the cost does not grow with the alphabet.

Each smoothing has p(w | c) = a(c w) + b(c) p(w | c'), with c' the context c without its first symbol. So a known n-gram
c w is drawn with probability a(c w), and with probability b(c) the draw goes on with the shorter context. A mixture
draws its component first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.ngrams.counting import ABSENT, find_nodes
from morelike.ngrams.smoothing import Component, estimates_at

Weights = Mapping[str, Any]
UNDECIDED = -1


class DirectDraws:
    """The tables of n-grams, arranged for draws. The state of a line is its nodes: of its last 0, 1, ... symbols."""

    def __init__(self, weights: Weights, components: Sequence[Component]) -> None:
        self._components = components
        self._mixture = np.cumsum(weights["mixture"])
        self._symbols = int(weights["symbols"])
        self._order = max(component.order for component in components)
        self._keys = {k: weights[f"keys.{k}"] for k in range(1, self._order + 1)}
        contexts = [1, *(len(keys) for keys in self._keys.values())]
        self._first = {
            k: np.searchsorted(keys, np.arange(contexts[k - 1] + 1) * self._symbols) for k, keys in self._keys.items()
        }
        self._tables = {
            (name, k): (np.concatenate([[0.0], np.cumsum(weights[f"{name}.a.{k}"])]), weights[f"{name}.b.{k}"])
            for k in self._keys
            for name in estimates_at(components, k)
        }

    def next_symbols(self, nodes: Int[NDArray[Any], "B n"], rng: np.random.Generator) -> Int[NDArray[Any], " B"]:
        """Return a symbol for each line, drawn after its context."""
        drawn = np.searchsorted(self._mixture, rng.random(len(nodes)) * self._mixture[-1], side="right")
        symbols = np.full(len(nodes), UNDECIDED)
        for k in range(self._order, 0, -1):
            for name, members in self._estimates(k).items():
                lines = np.flatnonzero((symbols == UNDECIDED) & np.isin(drawn, members) & (nodes[:, k - 1] != ABSENT))
                if len(lines):
                    symbols[lines] = self._draw(name, k, nodes[lines, k - 1], rng)
        undecided = np.flatnonzero(symbols == UNDECIDED)
        symbols[undecided] = rng.integers(self._symbols, size=len(undecided))
        return symbols

    def extended(self, nodes: Int[NDArray[Any], "B n"], symbols: Int[NDArray[Any], " B"]) -> Int[NDArray[Any], "B n"]:
        """Return the nodes of each line after another symbol."""
        result = np.full_like(nodes, ABSENT)
        result[:, 0] = 0
        lines = np.arange(len(nodes))  # an n-gram is known only if it is known without its first symbol
        for k in range(1, nodes.shape[1]):
            before = nodes[lines, k - 1]
            wanted = np.where(before == ABSENT, ABSENT, before * self._symbols + symbols[lines])
            result[lines, k] = find_nodes(self._keys[k], wanted)
            lines = lines[result[lines, k] != ABSENT]
        return result

    def _estimates(self, k: int) -> dict[str, list[int]]:
        """Return the estimates at level k, each with the components that use it there."""
        result: dict[str, list[int]] = {}
        for i, component in enumerate(self._components):
            name = component.highest_order if component.order == k else component.lower_orders
            if name is not None and component.order >= k:
                result.setdefault(name, []).append(i)
        return result

    def _draw(
        self, name: str, k: int, contexts: Int[NDArray[Any], " N"], rng: np.random.Generator
    ) -> Int[NDArray[Any], " N"]:
        """Return a known symbol after each context, or `UNDECIDED` for a draw that goes on with the shorter context."""
        cumulative, b = self._tables[name, k]
        first, end = self._first[k][contexts], self._first[k][contexts + 1]
        begin, total = cumulative[first], cumulative[end] - cumulative[first]
        at = rng.random(len(contexts)) * (total + b[contexts])
        gram = np.searchsorted(cumulative, begin + np.minimum(at, total), side="right") - 1
        symbols = self._keys[k][np.clip(gram, first, np.maximum(end - 1, first))] % self._symbols
        return np.where(at < total, symbols, UNDECIDED)
