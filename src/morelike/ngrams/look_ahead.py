"""Backward probabilities of n-grams: how likely a word, begun like this, will end where an automaton accepts it.

Let c be the longest known context, g = c w an n-gram, c' and g' the same without their first symbol, and B(g) the
probability of ending well after g. Each smoothing p has the form of `models.ngram`, so its expectation of B unfolds
along the known n-grams alone, however many symbols there are:

    F(c) = sum over w of p(w | c) B(c w) = b(c) F(c') + sum over known g = c w of [p(g) B(g) - b(c) p(g') B(g')]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, Int
from morelike.ngrams.counting import ABSENT, find_nodes
from morelike.ngrams.smoothing import top_of
from morelike.text.vocabulary import END

__all__ = ["Backward"]

Floats = NDArray[np.float64]
Weights = Mapping[str, Any]
ENOUGH = 1e-10
"""Share by which the greatest change of a round may still differ, below which it has converged."""


@dataclass(frozen=True)
class Chain:
    """One smoothing at one level: p(g) of each n-gram g = c w, b(c) of each context, and of each n-gram b(c) p(g')."""

    p: Floats
    b: Floats
    leant: Floats


class Backward:
    """The n-grams of a model, laid out for backward probabilities.

    A context of length k is number `first[k]` + its node, from 0, the empty one.
    """

    def __init__(self, weights: Weights, components: Sequence[tuple[str, int]]) -> None:
        self.symbols = int(weights["symbols"])
        self.order = max(order for _, order in components)
        self.keys = [np.zeros(1, dtype=np.int64), *(weights[f"keys.{k}"] for k in range(1, self.order + 1))]
        self.first = np.cumsum([0, *(len(keys) for keys in self.keys[: self.order])])
        shares = dict(zip(components, weights["mixture"].tolist(), strict=True))
        suffixes = [np.zeros(1, dtype=np.int64)]
        self.levels: list[_Level] = []
        lower: dict[str, Floats] = {}
        truncated: Floats = np.zeros(1)
        for k in range(1, self.order + 1):
            parents, tokens = np.divmod(self.keys[k], self.symbols)
            if k == 1:
                suffix = np.zeros(len(parents), dtype=np.int64)
            else:
                suffix = find_nodes(self.keys[k - 1], suffixes[-1][parents] * self.symbols + tokens)
            level = _Level(parents, tokens, suffix, suffixes[-1], k)
            level.known = self._known(level)
            level.truncated = truncated[suffix] if k > 1 else np.zeros(len(parents))
            own = level.truncated.copy()
            for name in {name for name, _ in components}:
                level.chains |= self._chains(weights, name, level, lower)
                if share := shares.get((name, k)):
                    top = top_of(name)
                    level.ending[top] = level.ending.get(top, 0.0) + share
                    own = own + share * level.chains[top].p
                same = [(order, s) for (n, order), s in shares.items() if _through(n) == _through(name)]
                level.beyond[_through(name)] = sum(s for order, s in same if order > k)
            lower = {chain: level.chains[chain].p for chain in level.chains}
            truncated = own
            suffixes.append(suffix)
            self.levels.append(level)

    @property
    def contexts(self) -> int:
        """How many contexts there are."""
        return int(self.first[self.order])

    def _known(self, level: _Level) -> Int[NDArray[Any], " M"]:
        """Return the context behind each n-gram of a level: the longest one has to lose its first symbol."""
        k = level.k
        if k < self.order:
            return np.asarray(self.first[k] + np.arange(len(level.parents)))
        return np.asarray(self.first[k - 1] + level.suffix)

    def _chains(self, weights: Weights, name: str, level: _Level, lower: dict[str, Floats]) -> dict[str, Chain]:
        """Return a smoothing's estimates at a level, by the names of `ngrams.smoothing.chains`, `uniform` for `add`."""
        uniform = np.full(len(level.parents), 1 / self.symbols)
        contexts = len(self.keys[level.k - 1])
        if _through(name) == "uniform":
            below = Chain(uniform, np.ones(contexts), uniform)
            return {"uniform": below, name: _chain(weights, name, level, uniform)}
        under = lower[name][level.suffix] if level.k > 1 else uniform
        found = {}
        for chain in {name: None, top_of(name): None}:
            if f"{chain}.a.{level.k}" in weights:
                found[chain] = _chain(weights, chain, level, under)
        return found

    def ending_well(
        self, after: Int[NDArray[Any], "S V"], accepts: NDArray[np.bool_], rounds: int
    ) -> Float[NDArray[Any], "S C"]:
        """Return, for each state of an automaton and each context, the probability that the word ends accepted.

        States that do not lead back to themselves are done once, the last ones first; others in rounds, at most
        `rounds` of them: words go on no longer than that.
        """
        result = np.zeros((len(accepts), self.contexts))
        for states in _components(after):
            cyclic = len(states) > 1 or bool(np.any(after[states[0]] == states[0]))
            for _ in range(rounds if cyclic else 1):
                before = result[states].copy()
                for state in states:
                    result[state] = self._expected(result, after[state], bool(accepts[state]))
                change = np.max(np.abs(result[states] - before))
                if change <= ENOUGH * np.max(result[states]):
                    break
        return result

    def _expected(self, ahead: Floats, row: NDArray[Any], accepts: bool) -> Floats:
        """Return, for each context, the expectation over the next symbol of what lies ahead of a state."""
        flat = ahead.ravel()
        root = np.where(row >= 0, ahead[row, 0], 0.0)
        root[END] = float(accepts)
        through: dict[str, Floats] = {}
        truncated = np.zeros(1)
        result = []
        shorter = root
        for level in self.levels:
            states = row[level.tokens]
            good = np.where(states >= 0, flat.take(states * self.contexts + level.known, mode="wrap"), 0.0)
            good[level.tokens == END] = float(accepts)
            worse = root[level.tokens] if level.k == 1 else shorter[level.suffix]
            shorter = good
            under = level.context if level.k > 1 else np.zeros(1, dtype=np.int64)
            count = len(self.keys[level.k - 1])
            expected = {}
            for name, chain in level.chains.items():
                below = np.array([root.mean()]) if level.k == 1 else through[_below(name)]
                change = chain.p * good - chain.leant * worse
                expected[name] = chain.b * below[under] + np.bincount(level.parents, change, count)
            kept = truncated[under] + np.bincount(level.parents, level.truncated * (good - worse), count)
            for name, share in level.ending.items():
                kept = kept + share * expected[name]
            whole = kept
            for name, share in level.beyond.items():
                if share:
                    whole = whole + share * expected[name]
            result.append(whole)
            truncated, through = kept, expected
        return np.concatenate(result)

    def context_of(self, nodes: Int[NDArray[Any], "*B n"]) -> Int[NDArray[Any], " *B"]:
        """Return the number of the longest known context among nodes of the contexts of length 0 to n - 1."""
        length = nodes.shape[-1] - 1 - np.argmax((nodes != ABSENT)[..., ::-1], axis=-1)
        node = np.take_along_axis(nodes, length[..., None], axis=-1)[..., 0]
        return np.asarray(self.first[length] + node)

    def next_contexts(self, nodes: Int[NDArray[Any], "B n"]) -> Int[NDArray[Any], "B V"]:
        """Return the number of the longest known context behind each next symbol."""
        tokens = np.arange(self.symbols)
        result = np.zeros((len(nodes), self.symbols), dtype=np.int64)
        for k in range(1, self.order):
            below = nodes[:, k - 1, None]
            found = find_nodes(self.keys[k], np.where(below == ABSENT, ABSENT, below * self.symbols + tokens))
            result = np.where(found == ABSENT, result, self.first[k] + found)
        return result


@dataclass
class _Level:
    """The n-grams of length k: parents, last symbols, the same without the first symbol; `context` that of a parent."""

    parents: NDArray[np.int64]
    tokens: NDArray[np.int64]
    suffix: NDArray[np.int64]
    context: NDArray[np.int64]
    k: int

    def __post_init__(self) -> None:
        self.known: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.truncated: Floats = np.empty(0)  # what components of lower orders give each n-gram, in sum
        self.chains: dict[str, Chain] = {}
        self.ending: dict[str, float] = {}  # shares of the components of this very order
        self.beyond: dict[str, float] = {}  # of higher orders, which go on along this chain


def _chain(weights: Weights, name: str, level: _Level, under: Floats) -> Chain:
    """Return the chain of a smoothing with weights of its own, on top of estimates `under` it."""
    a, b = weights[f"{name}.a.{level.k}"], weights[f"{name}.b.{level.k}"]
    leant = b[level.parents] * under
    return Chain(a + leant, b, leant)


def _through(name: str) -> str:
    """Return the chain along which a smoothing of higher order goes on."""
    return "uniform" if name.endswith("add") else name


def _below(name: str) -> str:
    """Return the chain that an estimate leans on."""
    return f"{name.removesuffix('top')}kneser-ney" if name.endswith("top") else _through(name)


def _components(after: NDArray[Any]) -> list[list[int]]:
    """Return the strongly connected states, those that others lead to first (Tarjan 1972)."""
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    found = []
    work: list[tuple[int, list[int]]] = []

    def enter(state: int) -> None:
        number[state] = low[state] = len(number)
        stack.append(state)
        on_stack.add(state)
        work.append((state, [target for target in np.unique(after[state]).tolist() if target >= 0]))

    for root in range(len(after)):
        if root in number:
            continue
        enter(root)
        while work:
            state, targets = work[-1]
            if targets:
                target = targets.pop()
                if target not in number:
                    enter(target)
                elif target in on_stack:
                    low[state] = min(low[state], number[target])
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[state])
            if low[state] == number[state]:
                component = []
                while True:
                    component.append(stack.pop())
                    on_stack.remove(component[-1])
                    if component[-1] == state:
                        break
                found.append(component)
    return found
