"""Look-ahead over n-grams: how probable it is that an automaton accepts a word, given how the word begins.

Let c be the longest known context, g = c w an n-gram, c' and g' the same without their first symbol, and B(g) the
probability that the word is accepted after g. Every smoothing p has the form of `ngrams.smoothing`, so its expectation
of B is a sum over the known n-grams alone, however large the vocabulary is:

    F(c) = sum over w of p(w | c) B(c w) = b(c) F(c') + sum over known g = c w of [p(g) B(g) - b(c) p(g') B(g')]
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, Int
from morelike.cancellation import check_cancelled
from morelike.ngrams.counting import ABSENT, find_nodes
from morelike.ngrams.smoothing import Component, estimates_at
from morelike.text.vocabulary import END

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Weights = Mapping[str, Any]
ENOUGH = 1e-10
"""The rounds have converged if the greatest change is less than this share of the greatest probability."""


@dataclass(frozen=True)
class _Estimate:
    """One estimate at one level: p(g) of each n-gram g = c w, b(c) of each context, b(c) p(g') of each n-gram."""

    p: Floats
    b: Floats
    from_lower: Floats
    lower: str | None  # the name of the estimate of p(g'); None: the uniform distribution


@dataclass(frozen=True)
class _Level:
    """The n-grams of length k."""

    parents: Ints  # the context of each n-gram
    tokens: Ints  # its last symbol
    suffix: Ints  # the n-gram without its first symbol
    context_suffix: Ints  # of each context: the context without its first symbol
    known: Ints  # the number of the longest context after each n-gram
    from_shorter: Floats  # the part of p of each n-gram that components of lower orders give
    estimates: dict[str | None, _Estimate]
    ending: dict[str, float]  # the weights of the components of this order, by estimate
    beyond: dict[str | None, float]  # the weights of the components of higher orders, by their estimate at this level


class LookAhead:
    """The n-grams of a model, arranged for probabilities of acceptance.

    The contexts of length k have the numbers `first[k]` + node, from 0, the empty context.
    """

    def __init__(self, weights: Weights, components: Sequence[Component]) -> None:
        self.symbols = int(weights["symbols"])
        self.order = max(component.order for component in components)
        self.keys = [np.zeros(1, dtype=np.int64), *(weights[f"keys.{k}"] for k in range(1, self.order + 1))]
        self.first = np.cumsum([0, *(len(keys) for keys in self.keys[: self.order])])
        self.levels: list[_Level] = []
        for k in range(1, self.order + 1):
            self.levels.append(self._level(weights, components, k))

    def _level(self, weights: Weights, components: Sequence[Component], k: int) -> _Level:
        """Return the n-grams of length k, once those of length k - 1 are there."""
        parents, tokens = np.divmod(self.keys[k], self.symbols)
        uniform = np.full(len(parents), 1 / self.symbols)
        suffix, context_suffix = np.zeros(len(parents), dtype=np.int64), np.zeros(1, dtype=np.int64)
        from_shorter = np.zeros(len(parents))
        below: dict[str | None, Floats] = {}  # p of each n-gram without its first symbol, by estimate
        if k > 1:
            shorter = self.levels[-1]
            context_suffix = shorter.suffix
            suffix = find_nodes(self.keys[k - 1], context_suffix[parents] * self.symbols + tokens)
            below = {name: estimate.p[suffix] for name, estimate in shorter.estimates.items()}
            ended = (weight * shorter.estimates[name].p for name, weight in shorter.ending.items())
            from_shorter = sum(ended, shorter.from_shorter)[suffix]
        longest = k == self.order  # such an n-gram is no context: the longest context after it is its suffix
        known = self.first[k - 1] + suffix if longest else self.first[k] + np.arange(len(parents))
        ending: dict[str, float] = defaultdict(float)
        beyond: dict[str | None, float] = defaultdict(float)
        for component, weight in zip(components, weights["mixture"].tolist(), strict=True):
            if component.order == k:
                ending[component.highest_order] += weight
            elif component.order > k:
                beyond[component.lower_orders] += weight
        estimates: dict[str | None, _Estimate] = {}
        if None in beyond:
            estimates[None] = _Estimate(uniform, np.ones(len(self.keys[k - 1])), uniform, None)
        for name, lower in estimates_at(components, k).items():
            a, b = weights[f"{name}.a.{k}"], weights[f"{name}.b.{k}"]
            from_lower = b[parents] * below.get(lower, uniform)
            estimates[name] = _Estimate(a + from_lower, b, from_lower, lower)
        return _Level(parents, tokens, suffix, context_suffix, known, from_shorter, estimates, ending, beyond)

    @property
    def contexts(self) -> int:
        """The number of contexts."""
        return int(self.first[self.order])

    def acceptance(
        self, after: Int[NDArray[Any], "S V"], accepts: NDArray[np.bool_], rounds: int
    ) -> Float[NDArray[Any], "S C"]:
        """Return the probability that a word is accepted, for each state of an automaton and each context.

        A state that no path leads back to is computed once, after the states that follow it. States of a cycle are
        computed in rounds until they converge, at most `rounds` times: no word is longer than that.
        """
        result = np.zeros((len(accepts), self.contexts))
        for states in _strongly_connected(after):
            cyclic = len(states) > 1 or bool(np.any(after[states[0]] == states[0]))
            for _ in range(rounds if cyclic else 1):
                check_cancelled()
                before = result[states].copy()
                for state in states:
                    result[state] = self._expected(result, after[state], bool(accepts[state]))
                change = np.max(np.abs(result[states] - before))
                if change <= ENOUGH * np.max(result[states]):
                    break
        return result

    def _expected(self, acceptance: Floats, after: NDArray[Any], accepts: bool) -> Floats:
        """Return, for each context, the expected probability of acceptance after the next symbol.

        `after` [V] is the automaton's state after each symbol; `accepts` says whether the word may end here.
        """
        flat = acceptance.ravel()
        by_symbol = np.where(after >= 0, acceptance[after, 0], 0.0)
        by_symbol[END] = float(accepts)
        uniform = np.array([by_symbol.mean()])
        lower: dict[str | None, Floats] = {}
        from_shorter, previous = np.zeros(1), np.zeros(0)
        result: list[Floats] = []
        for level in self.levels:
            under, count = level.context_suffix, len(level.context_suffix)
            states = after[level.tokens]
            now = np.where(states >= 0, flat.take(states * self.contexts + level.known, mode="wrap"), 0.0)
            now[level.tokens == END] = float(accepts)
            shorter = previous[level.suffix] if result else by_symbol[level.tokens]
            expected = {}
            for name, estimate in level.estimates.items():
                below = lower.get(estimate.lower, uniform)
                change = estimate.p * now - estimate.from_lower * shorter
                expected[name] = estimate.b * below[under] + np.bincount(level.parents, change, count)
            change = level.from_shorter * (now - shorter)
            from_shorter = from_shorter[under] + np.bincount(level.parents, change, count)
            from_shorter = sum((weight * expected[name] for name, weight in level.ending.items()), from_shorter)
            result.append(sum((weight * expected[name] for name, weight in level.beyond.items()), from_shorter))
            previous, lower = now, expected
        return np.concatenate(result)

    def context_of(self, nodes: Int[NDArray[Any], "*B n"]) -> Int[NDArray[Any], " *B"]:
        """Return the number of the longest known context among nodes of the contexts of length 0 to n - 1."""
        length = nodes.shape[-1] - 1 - np.argmax((nodes != ABSENT)[..., ::-1], axis=-1)
        node = np.take_along_axis(nodes, length[..., None], axis=-1)[..., 0]
        return np.asarray(self.first[length] + node)

    def next_contexts(self, nodes: Int[NDArray[Any], "B n"]) -> Int[NDArray[Any], "B V"]:
        """Return the number of the longest known context after each next symbol."""
        tokens = np.arange(self.symbols)
        result = np.zeros((len(nodes), self.symbols), dtype=np.int64)
        for k in range(1, self.order):
            below = nodes[:, k - 1, None]
            found = find_nodes(self.keys[k], np.where(below == ABSENT, ABSENT, below * self.symbols + tokens))
            result = np.where(found == ABSENT, result, self.first[k] + found)
        return result


def _strongly_connected(after: NDArray[Any]) -> Iterator[list[int]]:
    """Yield the strongly connected components of the states, each after those that it leads to (Gabow 2000)."""
    targets = [np.unique(each[each >= 0]).tolist() for each in after]
    number: dict[int, int] = {}  # in the order of the visits
    done: set[int] = set()
    path: list[int] = []
    visited: list[int] = []  # the states that belong to no component yet
    first: list[int] = []  # those of them that may be the first of their component
    for root in range(len(after)):
        path.append(root)
        while path:
            state = path[-1]
            if state not in number:
                number[state] = len(number)
                visited.append(state)
                first.append(state)
            if targets[state]:
                target = targets[state].pop()
                if target not in number:
                    path.append(target)
                elif target not in done:
                    while number[first[-1]] > number[target]:
                        first.pop()
                continue
            path.pop()
            if first[-1:] == [state]:
                first.pop()
                component: list[int] = []
                while state not in done:
                    component.append(visited.pop())
                    done.add(component[-1])
                yield component
