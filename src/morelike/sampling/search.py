"""The most probable words, in order: best-first search over prefixes.

A prefix is at least as probable as each of its continuations. So a word that is more probable than every open prefix is
the next word (Dijkstra 1959, with -ln p as the length of a path). Under constraints most prefixes lead to no allowed
word soon. A guide gives the probability that an allowed word follows a prefix. Times the probability of the prefix it
is a closer upper bound, so far fewer prefixes are extended (A*: Hart, Nilsson and Raphael 1968).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import Float, Int, State, Weights, log_softmax, rows
from morelike.cancellation import check_cancelled
from morelike.sampling.constraints.automaton import DEAD, Automaton
from morelike.sampling.constraints.guided import Guide
from morelike.sampling.filters import Logits
from morelike.text.vocabulary import END

EXPANDED_AT_ONCE = 256
"""Prefixes that one step of the model extends."""
MAX_OPEN = 200_000
"""Open prefixes; if there are more, the least probable are discarded."""
OPEN_LOGITS = 20_000_000
"""Logits that all open prefixes keep at most, in some 250 MB."""
ROUNDING = 1e-8
"""Upper bound of the error of a guide's probabilities, relative to the greatest of them."""
MAX_PATIENCE = 100_000
"""A search ends after this many prefixes without another word."""


@dataclass(frozen=True)
class RankedWord:
    """A word's ids and its ln p (nats); `proven` if no later word can be more probable."""

    tokens: tuple[int, ...]
    log_probability: float
    proven: bool


@dataclass
class SearchProgress:
    """How many words a search has found, and how many prefixes it has seen; `ended` if none is left to be seen."""

    words: int = 0
    prefixes: int = 0
    ended: bool = False


class _States(NamedTuple):
    """States of the model, and of the guide's n-grams if there is a guide; each prefix has a row of them."""

    model: State
    guide: State


class _Prefix(NamedTuple):
    """A prefix: its ids, -ln p, the automaton's state, and the model's state."""

    tokens: tuple[int, ...]
    cost: float
    at: int
    states: _States
    row: int


class _Longer(NamedTuple):
    """The prefixes that are one symbol longer than a prefix, the one with the highest bound first."""

    prefix: _Prefix
    states: _States
    row: int
    tokens: Int[NDArray[Any], " N"]
    costs: Float[NDArray[Any], " N"]  # -ln p
    bounds: Float[NDArray[Any], " N"]  # -ln of an upper bound of p of each word with this beginning


class _Search:
    """Open prefixes by their bounds: the heap holds the best of the longer prefixes of each expanded prefix."""

    def __init__(
        self, architecture: Architecture, weights: Weights, automaton: Automaton, guide: Guide | None, least: float
    ) -> None:
        self._architecture, self._weights, self._automaton, self._guide = architecture, weights, automaton, guide
        self._greatest_cost = -least
        self._heap: list[tuple[float, int, int, _Longer]] = []
        self._serial = 0

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def bound(self) -> float:
        """-ln of an upper bound of all words with an open prefix."""
        return self._heap[0][0] if self._heap else np.inf

    def start(self) -> tuple[list[_Prefix], _States, Logits]:
        """Return the empty prefix, with its states and logits."""
        state, logits = self._architecture.step(
            self._weights, self._architecture.start(self._weights, 1), np.array([END], dtype=np.int32)
        )
        guide = self._guide
        nodes = state if guide is None or guide.exact else guide.architecture.start(guide.weights, 1)
        states = _States(state, nodes)
        return [_Prefix((), 0.0, 0, states, 0)], states, logits

    def take(self, count: int) -> tuple[list[_Prefix], _States, Logits]:
        """Return the open prefixes with the highest bounds, with their states and logits after a step."""
        prefixes: list[_Prefix] = []
        while self._heap and len(prefixes) < count:
            _, _, rank, longer = heapq.heappop(self._heap)
            token = int(longer.tokens[rank])
            at = int(self._automaton.transitions[longer.prefix.at, token])
            tokens = (*longer.prefix.tokens, token)
            prefixes.append(_Prefix(tokens, float(longer.costs[rank]), at, longer.states, longer.row))
            self._push(longer, rank + 1)
        last = np.array([each.tokens[-1] for each in prefixes], dtype=np.int32)
        before = _gather(self._architecture, [(each.states.model, each.row) for each in prefixes])
        state, logits = self._architecture.step(self._weights, before, last)
        nodes, guide = state, self._guide
        if guide is not None and not guide.exact:
            nodes = _gather(guide.architecture, [(each.states.guide, each.row) for each in prefixes])
            nodes = guide.architecture.step(guide.weights, nodes, last)[0]
        return prefixes, _States(state, nodes), logits

    def expand(self, prefixes: Sequence[_Prefix], states: _States, log_p: Logits, max_length: int) -> None:
        """Add all prefixes that are one symbol longer than these."""
        at, cost = np.array([each.at for each in prefixes]), np.array([each.cost for each in prefixes])
        after = self._automaton.transitions[at]
        costs = cost[:, None] - log_p
        bounds = costs - self._log_acceptance(states, at)
        certain = costs if self._guide is None or not self._guide.exact else bounds
        possible = (after != DEAD) & self._automaton.live[after] & (certain <= self._greatest_cost)
        bounds = np.where(possible, bounds, np.inf)
        order = np.argsort(bounds, axis=1, kind="stable")
        for row, prefix in enumerate(prefixes):
            if len(prefix.tokens) < max_length and (count := int(possible[row].sum())):
                tokens = order[row, :count].astype(np.int32)
                self._push(_Longer(prefix, states, row, tokens, costs[row, tokens], bounds[row, tokens]), 0)

    def discard(self, kept: int) -> float:
        """Discard all open prefixes but `kept` with the highest bounds; return the highest bound of a discarded one."""
        ordered = sorted(self._heap)
        self._heap = ordered[:kept]  # sorted, so it is a heap
        return -ordered[kept][0]

    def _push(self, longer: _Longer, rank: int) -> None:
        if rank < len(longer.tokens):
            self._serial += 1
            heapq.heappush(self._heap, (float(longer.bounds[rank]), self._serial, rank, longer))

    def _log_acceptance(self, states: _States, at: Int[NDArray[Any], " B"]) -> Float[NDArray[Any], "B V"]:
        """Return ln of the probability that an allowed word follows each next symbol; 0 without a guide.

        The rounds of look-ahead leave an error; a bound must not be too low, so the error is added.
        """
        if self._guide is None:
            return np.zeros((len(at), 1))
        error = ROUNDING * self._guide.acceptance.greatest
        return np.log(np.minimum(self._guide.next_acceptance(states.guide, at) + error, 1.0))


def most_probable(
    architecture: Architecture,
    weights: Weights,
    automaton: Automaton,
    *,
    max_length: int,
    min_log_probability: float = -np.inf,
    max_open: int = MAX_OPEN,
    guide: Guide | None = None,
    patience: int = MAX_PATIENCE,
    progress: SearchProgress | None = None,
    on_progress: Callable[[SearchProgress], None] | None = None,
) -> Iterator[RankedWord]:
    """Yield the words that an automaton accepts, the most probable first, down to `min_log_probability`.

    With more than `max_open` open prefixes the least probable are discarded. The search is then a beam search: a word
    less probable than the best discarded prefix is not proven. Under a guide that is not exact no word is proven. The
    search ends after `patience` prefixes without another word; `progress` says whether it ended by itself.
    """
    progress = progress or SearchProgress()
    search = _Search(architecture, weights, automaton, guide, min_log_probability)
    prefixes, states, logits = search.start()
    max_open = min(max_open, OPEN_LOGITS // logits.shape[-1])
    words: list[tuple[float, tuple[int, ...]]] = []
    best_discarded = -np.inf if guide is None or guide.exact else np.inf
    last_found = progress.prefixes
    while True:
        check_cancelled()
        log_p = log_softmax(logits.astype(np.float64))
        for i, each in enumerate(prefixes):
            if automaton.accepting[each.at] and (ended := -each.cost + log_p[i, END]) >= min_log_probability:
                heapq.heappush(words, (-float(ended), each.tokens))
        search.expand(prefixes, states, log_p, max_length)
        progress.prefixes += len(prefixes)
        if len(search) > max_open:
            best_discarded = max(best_discarded, search.discard(max_open // 2))
        while words and words[0][0] <= search.bound:
            cost, tokens = heapq.heappop(words)
            progress.words, last_found = progress.words + 1, progress.prefixes
            yield RankedWord(tokens, -cost, bool(-cost >= best_discarded))
        if on_progress:
            on_progress(progress)
        progress.ended = not len(search)
        if progress.ended or progress.prefixes - last_found > patience:
            return
        prefixes, states, logits = search.take(EXPANDED_AT_ONCE)


def _gather(architecture: Architecture, chosen: list[tuple[Any, int]]) -> Any:
    """Return one state from pairs of a state and one of its rows, in their order."""
    by_state: dict[int, tuple[Any, list[int], list[int]]] = {}
    for i, (state, row) in enumerate(chosen):
        _, state_rows, order = by_state.setdefault(id(state), (state, [], []))
        state_rows.append(row)
        order.append(i)
    states = [rows(state, np.array(state_rows)) for state, state_rows, _ in by_state.values()]
    back: NDArray[Any] = np.argsort([i for _, _, order in by_state.values() for i in order])
    return rows(architecture.join_states(states), back)
