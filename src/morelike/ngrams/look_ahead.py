"""Look-ahead over n-grams: how probable it is that an automaton accepts a word, given how the word begins.

Let c be the longest known context, g = c w an n-gram, c' and g' the same without their first symbol, and B(g) the
probability that the word is accepted after g. Every smoothing p has the form of `ngrams.smoothing`, so its expectation
of B is a sum over the known n-grams alone, however large the vocabulary is:

    F(c) = sum over w of p(w | c) B(c w) = b(c) F(c') + sum over known g = c w of [p(g) B(g) - b(c) p(g') B(g')]
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
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
MOST_NUMBERS = 40_000_000
"""Probabilities of acceptance, in some 600 MB."""
MOST_STEPS = 400_000_000
"""Probabilities computed in all rounds, in a minute or less."""
MANY, FEW = 0.4, 1 / 64
"""Shares of all contexts. If a state meets many, it is computed for all: that needs no selection. Few are sorted."""
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


class Acceptance:
    """The probability that a word is accepted, for each state of an automaton and each context met there.

    `contexts` and `values` hold an array for each state; the contexts are sorted.
    """

    def __init__(self, number: int, contexts: Sequence[Ints]) -> None:
        self.contexts = contexts
        self.values = [np.zeros(len(each)) for each in contexts]
        self._number = number

    @cached_property
    def greatest(self) -> float:
        """The greatest probability."""
        return max(float(each.max(initial=0.0)) for each in self.values)

    def of(self, states: Int[NDArray[Any], "*B"], contexts: Int[NDArray[Any], "*B"]) -> Float[NDArray[Any], "*B"]:
        """Return the probabilities in states with contexts; 0 in a state below 0, and with a context not met."""
        states, contexts = np.broadcast_arrays(states, contexts)
        result = np.zeros(states.shape)
        for state in np.unique(states[states >= 0]).tolist():
            chosen = states == state
            result[chosen] = self._of_state(state, contexts[chosen])
        return result

    def _of_state(self, state: int, contexts: Ints) -> Floats:
        met, values = self.contexts[state], self.values[state]
        if len(met) == self._number:
            return values[contexts]
        if not len(met):
            return np.zeros(len(contexts))
        at = np.minimum(np.searchsorted(met, contexts), len(met) - 1)
        return np.where(met[at] == contexts, values[at], 0.0)


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

    @cached_property
    def children(self) -> list[Ints]:
        """For each level, the position of the first n-gram of each context; the last entry is their number."""
        return [np.searchsorted(level.parents, np.arange(len(level.context_suffix) + 1)) for level in self.levels]

    @property
    def size(self) -> int:
        """The number of n-grams: what one pass over one state of an automaton reads at most."""
        return sum(len(level.parents) for level in self.levels)

    def acceptance(
        self,
        after: Int[NDArray[Any], "S V"],
        accepts: NDArray[np.bool_],
        rounds: int,
        *,
        most: int = MOST_NUMBERS,
        most_steps: int = MOST_STEPS,
    ) -> Acceptance | None:
        """Return the probability that a word is accepted, for each state of an automaton and each context it can meet.

        A state that no path leads back to is computed once, after the states that follow it. States of a cycle are
        computed in rounds until they converge, at most `rounds` times: no word is longer than that. Return None if
        there are more than `most` probabilities, or if the rounds may compute more than `most_steps`.
        """
        components = list(_strongly_connected(after))
        met = self._met(after, components, most)
        if met is None:
            return None
        cycles = [len(states) > 1 or bool(np.any(after[states[0]] == states[0])) for states in components]
        numbers = [sum(len(met[state]) for state in states) for states in components]
        if sum(n * (rounds if cyclic else 1) for n, cyclic in zip(numbers, cycles, strict=True)) > most_steps:
            return None
        result = Acceptance(self.contexts, met)
        for states, cyclic in zip(components, cycles, strict=True):
            levels = {state: self._restricted(met[state]) for state in states} if cyclic else {}
            for _ in range(rounds if cyclic else 1):
                check_cancelled()
                change = greatest = 0.0
                for state in states:
                    own = levels[state] if cyclic else self._restricted(met[state])
                    expected = self._expected(own, result, after[state], bool(accepts[state]))
                    change = max(change, float(np.max(np.abs(expected - result.values[state]))))
                    greatest = max(greatest, float(np.max(expected)))
                    result.values[state] = expected
                if change <= ENOUGH * greatest:
                    break
        return result

    def _met(self, after: NDArray[Any], components: Sequence[list[int]], most: int) -> list[Ints] | None:
        """Return the contexts that a word can have in each state, and their suffixes, sorted; all if they are many.

        They follow from the n-grams: after a context c of state s, the context of a known n-gram g = c w is met in the
        state after w. Suffixes of c are followed too, for the symbols that were never seen after c.
        """
        node, start = 0, [0]  # the contexts of 0, 1, 2, ... end symbols
        for k in range(1, self.order):
            node = int(find_nodes(self.keys[k], np.array(node * self.symbols + END)))
            start.append(int(self.first[k]) + node)
        met = [np.zeros(0, dtype=np.int64) for _ in after]
        total = 0
        fresh: dict[int, list[Ints]] = {0: [np.array(start)]}
        for states in reversed(components):
            waiting = [state for state in states if state in fresh]
            while waiting:
                check_cancelled()
                state = waiting.pop()
                found = self._distinct(np.concatenate(fresh.pop(state)), without=met[state])
                if not len(found):
                    continue
                met[state] = self._distinct(np.concatenate([met[state], found]))
                total += len(found)
                if total > most:
                    return None
                for target, contexts in self._next_met(found, after[state]):
                    fresh.setdefault(target, []).append(contexts)
                    if target in states and target not in waiting:
                        waiting.append(target)
        every = np.arange(self.contexts)
        return [every if len(each) > MANY * len(every) else each for each in met]

    def _next_met(self, contexts: Ints, after: NDArray[Any]) -> Iterator[tuple[int, Ints]]:
        """Yield each state after one of these contexts, with the contexts met there; the empty one is among them."""
        parts = [
            (level.tokens[grams], level.known[grams])
            for level, nodes, first in zip(self.levels, self._by_level(contexts), self.children, strict=True)
            for grams in [_ranges(first[nodes], first[nodes + 1])]
        ]
        tokens, known = (np.concatenate(each) for each in zip(*parts, strict=True))
        targets = after[tokens]
        order = np.argsort(targets, kind="stable")
        known, targets = known[order], targets[order]
        for target in np.unique(after[after >= 0]).tolist():
            begin, end = np.searchsorted(targets, [target, target + 1])
            yield target, self._distinct(np.append(known[begin:end], 0))

    def _distinct(self, contexts: Ints, without: Ints | None = None) -> Ints:
        """Return the distinct contexts, sorted, without some of them."""
        if len(contexts) < FEW * self.contexts:
            distinct = np.unique(contexts)
            return distinct if without is None else np.setdiff1d(distinct, without, assume_unique=True)
        chosen = np.zeros(self.contexts, dtype=bool)
        chosen[contexts] = True
        if without is not None:
            chosen[without] = False
        return np.flatnonzero(chosen)

    def _by_level(self, contexts: Ints) -> list[Ints]:
        """Return sorted contexts as the nodes of each level."""
        at = np.searchsorted(contexts, self.first)
        return [contexts[at[k] : at[k + 1]] - self.first[k] for k in range(self.order)]

    def _restricted(self, contexts: Ints) -> list[_Level]:
        """Return the levels with these contexts alone, sorted and with all their suffixes."""
        if len(contexts) == self.contexts:
            return self.levels
        result: list[_Level] = []
        shorter_nodes, shorter_grams = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        for level, nodes, first in zip(self.levels, self._by_level(contexts), self.children, strict=True):
            grams = _ranges(first[nodes], first[nodes + 1])
            parents = np.repeat(np.arange(len(nodes)), first[nodes + 1] - first[nodes])
            estimates = {
                name: _Estimate(each.p[grams], each.b[nodes], each.from_lower[grams], each.lower)
                for name, each in level.estimates.items()
            }
            below = np.searchsorted(shorter_grams, level.suffix[grams]) if result else level.suffix[grams]
            under = np.searchsorted(shorter_nodes, level.context_suffix[nodes]) if result else level.context_suffix
            result.append(
                replace(
                    level,
                    parents=parents,
                    tokens=level.tokens[grams],
                    suffix=below,
                    context_suffix=under,
                    known=level.known[grams],
                    from_shorter=level.from_shorter[grams],
                    estimates=estimates,
                )
            )
            shorter_nodes, shorter_grams = nodes, grams
        return result

    def _expected(self, levels: Sequence[_Level], acceptance: Acceptance, after: NDArray[Any], accepts: bool) -> Floats:
        """Return, for each context of the levels, the expected probability of acceptance after the next symbol.

        `after` [V] is the automaton's state after each symbol; `accepts` says whether the word may end here.
        """
        by_symbol = acceptance.of(after, np.zeros(len(after), dtype=np.int64))
        by_symbol[END] = float(accepts)
        uniform = np.array([by_symbol.mean()])
        lower: dict[str | None, Floats] = {}
        from_shorter, previous = np.zeros(1), np.zeros(0)
        result: list[Floats] = []
        for level in levels:
            under, count = level.context_suffix, len(level.context_suffix)
            now = acceptance.of(after[level.tokens], level.known)
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


def _ranges(begin: Ints, end: Ints) -> Ints:
    """Return the whole numbers of several ranges, one range after the other."""
    lengths = end - begin
    shift: Ints = np.repeat(begin - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    return np.arange(len(shift)) + shift
