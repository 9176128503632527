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
from morelike.arrays import Float, State, Weights, log_softmax, rows
from morelike.cancellation import check_cancelled
from morelike.sampling.constraints.automaton import DEAD, Automaton
from morelike.sampling.constraints.guided import Guide
from morelike.text.vocabulary import END

EXPANDED_AT_ONCE = 256
"""Prefixes that one step of the model extends."""
MAX_OPEN = 200_000
"""Open prefixes; if there are more, the least probable are discarded."""
ROUNDING = 1e-8
"""Upper bound of the error of a guide's probabilities, relative to the greatest of them."""
MAX_PATIENCE = 5_000_000
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


class _Prefix(NamedTuple):
    """An open prefix: -ln of its bound, a number that breaks ties, -ln p, ids, state of the automaton, model's state.

    The model's state is a row of a state of several prefixes.
    """

    bound: float
    serial: int
    cost: float
    tokens: tuple[int, ...]
    at: int
    state: _States
    row: int


class _States(NamedTuple):
    """States of the model, and of the guide's n-grams if there is a guide."""

    model: State
    guide: State


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
    state, logits = _start(architecture, weights, guide)
    open_prefixes: list[_Prefix] = []
    words: list[tuple[float, tuple[int, ...]]] = []
    best_discarded = -np.inf if guide is None or guide.exact else np.inf
    expanded = [_Prefix(0.0, 0, 0.0, (), 0, state, 0)]
    last_found = progress.prefixes
    while True:
        check_cancelled()
        log_p = log_softmax(logits.astype(np.float64))
        log_bound = log_p + _log_acceptance(guide, state, [each.at for each in expanded])
        log_most = log_p if guide is None or not guide.exact else log_bound
        for i, (_, _, cost, prefix, at, _, _) in enumerate(expanded):
            if automaton.accepting[at] and (ended := -cost + log_p[i, END]) >= min_log_probability:
                heapq.heappush(words, (-ended, prefix))
            if len(prefix) == max_length:
                continue
            after = automaton.transitions[at]
            possible = (after != DEAD) & automaton.live[after] & (-cost + log_most[i] >= min_log_probability)
            for token in np.flatnonzero(possible).tolist():
                progress.prefixes += 1
                longer = (*prefix, token)
                found = cost - log_bound[i, token], progress.prefixes, cost - log_p[i, token], longer
                heapq.heappush(open_prefixes, _Prefix(*found, int(after[token]), state, i))
        if len(open_prefixes) > max_open:
            open_prefixes = heapq.nsmallest(max_open // 2, open_prefixes)  # sorted, so it is a heap
            best_discarded = max(best_discarded, -open_prefixes[-1].bound)
        while words and (not open_prefixes or words[0][0] <= open_prefixes[0].bound):
            cost, prefix = heapq.heappop(words)
            progress.words, last_found = progress.words + 1, progress.prefixes
            yield RankedWord(prefix, float(-cost), bool(-cost >= best_discarded))
        if on_progress:
            on_progress(progress)
        progress.ended = not open_prefixes
        if progress.ended or progress.prefixes - last_found > patience:
            return
        expanded = [heapq.heappop(open_prefixes) for _ in range(min(EXPANDED_AT_ONCE, len(open_prefixes)))]
        state, logits = _extend(architecture, weights, guide, expanded)


def _start(
    architecture: Architecture, weights: Weights, guide: Guide | None
) -> tuple[_States, Float[NDArray[Any], "1 V"]]:
    """Return the states and the logits of the empty prefix."""
    state, logits = architecture.step(weights, architecture.start(weights, 1), np.array([END], dtype=np.int32))
    if guide is None or guide.exact:
        return _States(state, state), logits
    return _States(state, guide.architecture.start(guide.weights, 1)), logits


def _extend(
    architecture: Architecture, weights: Weights, guide: Guide | None, prefixes: Sequence[_Prefix]
) -> tuple[_States, Float[NDArray[Any], "B V"]]:
    """Return the states and the logits after the last character of each prefix."""
    last = np.array([each.tokens[-1] for each in prefixes], dtype=np.int32)
    before = _gather(architecture, [(each.state.model, each.row) for each in prefixes])
    state, logits = architecture.step(weights, before, last)
    if guide is None or guide.exact:
        return _States(state, state), logits
    nodes = _gather(guide.architecture, [(each.state.guide, each.row) for each in prefixes])
    return _States(state, guide.architecture.step(guide.weights, nodes, last)[0]), logits


def _log_acceptance(guide: Guide | None, state: _States, at: Sequence[int]) -> Float[NDArray[Any], "B V"]:
    """Return ln of the probability that an allowed word follows each next symbol; 0 without a guide.

    The rounds of look-ahead leave an error; a bound must not be too low, so the error is added.
    """
    if guide is None:
        return np.zeros((1, 1))
    error = ROUNDING * guide.acceptance.greatest
    return np.log(np.minimum(guide.next_acceptance(state.guide, np.array(at)) + error, 1.0))


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
