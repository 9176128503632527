"""The most probable words, in order: best-first search over prefixes.

A prefix is at least as probable as each of its continuations. So a word that is more probable than every open prefix is
the next word (Dijkstra 1959, with -ln p as the length of a path).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import Weights, log_softmax, rows
from morelike.sampling.constraints.automaton import DEAD, Automaton
from morelike.text.vocabulary import END

EXPANDED_AT_ONCE = 256
"""Prefixes that one step of the model extends."""
MAX_OPEN = 200_000
"""Open prefixes; if there are more, the least probable are discarded."""


@dataclass(frozen=True)
class RankedWord:
    """A word's ids and its ln p (nats); `proven` if no later word can be more probable."""

    tokens: tuple[int, ...]
    log_probability: float
    proven: bool


def most_probable(
    architecture: Architecture,
    weights: Weights,
    automaton: Automaton,
    *,
    max_length: int,
    min_log_probability: float = -np.inf,
    max_open: int = MAX_OPEN,
) -> Iterator[RankedWord]:
    """Yield the words that an automaton accepts, the most probable first, down to `min_log_probability`.

    With more than `max_open` open prefixes the least probable are discarded. The search is then a beam search: a word
    less probable than the best discarded prefix is not proven.
    """
    state = architecture.start(weights, 1)
    state, logits = architecture.step(weights, state, np.array([END], dtype=np.int32))
    open_prefixes: list[tuple[float, int, tuple[int, ...], int, Any, int]] = []
    words: list[tuple[float, tuple[int, ...]]] = []
    best_discarded = -np.inf
    serial = 0
    expanded: list[tuple[float, tuple[int, ...], int]] = [(0.0, (), 0)]
    while True:
        log_p = log_softmax(logits.astype(np.float64))
        for i, (cost, prefix, at) in enumerate(expanded):
            if automaton.accepting[at] and (ended := -cost + log_p[i, END]) >= min_log_probability:
                heapq.heappush(words, (-ended, prefix))
            if len(prefix) == max_length:
                continue
            after = automaton.transitions[at]
            possible = (after != DEAD) & automaton.live[after] & (-cost + log_p[i] >= min_log_probability)
            for token in np.flatnonzero(possible).tolist():
                serial += 1
                longer = (*prefix, token)
                heapq.heappush(open_prefixes, (cost - log_p[i, token], serial, longer, int(after[token]), state, i))
        if len(open_prefixes) > max_open:
            open_prefixes = heapq.nsmallest(max_open // 2, open_prefixes)  # sorted, so it is a heap
            best_discarded = max(best_discarded, -open_prefixes[-1][0])
        while words and (not open_prefixes or words[0][0] <= open_prefixes[0][0]):
            cost, prefix = heapq.heappop(words)
            yield RankedWord(prefix, float(-cost), bool(-cost >= best_discarded))
        if not open_prefixes:
            return
        taken = [heapq.heappop(open_prefixes) for _ in range(min(EXPANDED_AT_ONCE, len(open_prefixes)))]
        state = _gather(architecture, [(each[4], each[5]) for each in taken])
        last = np.array([each[2][-1] for each in taken], dtype=np.int32)
        state, logits = architecture.step(weights, state, last)
        expanded = [(each[0], each[2], each[3]) for each in taken]


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
