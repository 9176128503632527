"""The most probable words, in order: best-first search along the beginnings of words.

A beginning is never less probable than what goes on from it, so a word that is more probable than every beginning still
waiting is the next one (Dijkstra 1959, with probabilities for lengths).
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

__all__ = ["Best", "most_probable"]

AT_ONCE = 256
"""Beginnings that are gone on from in one step of the model."""
MOST_WAITING = 200_000
"""Beginnings that wait; of more than these the least probable are given up."""


@dataclass(frozen=True)
class Best:
    """A word's ids and its ln p (nats); `proven` if no word that has not come yet can be more probable."""

    word: tuple[int, ...]
    log_probability: float
    proven: bool


def most_probable(
    architecture: Architecture,
    weights: Weights,
    automaton: Automaton,
    *,
    max_length: int,
    least: float = -np.inf,
    most_waiting: int = MOST_WAITING,
) -> Iterator[Best]:
    """Yield the words that an automaton accepts from the most probable on, down to the log probability `least`.

    Where more than `most_waiting` beginnings would wait, the least probable are given up: from then on it is a beam
    search, and words less probable than the best one given up are no longer proven.
    """
    state = architecture.start(weights, 1)
    state, logits = architecture.step(weights, state, np.array([END], dtype=np.int32))
    waiting: list[tuple[float, int, tuple[int, ...], int, Any, int]] = []
    words: list[tuple[float, tuple[int, ...]]] = []
    given_up = -np.inf
    ticket = 0
    fresh: list[tuple[float, tuple[int, ...], int]] = [(0.0, (), 0)]
    while True:
        log_p = log_softmax(logits.astype(np.float64))
        for i, (cost, word, place) in enumerate(fresh):
            if automaton.accepts[place] and (ended := -cost + log_p[i, END]) >= least:
                heapq.heappush(words, (-ended, word))
            if len(word) == max_length:
                continue
            after = automaton.after[place]
            open_ = np.flatnonzero((after != DEAD) & automaton.alive[after] & (-cost + log_p[i] >= least))
            for token in open_.tolist():
                ticket += 1
                onward = (*word, token)
                heapq.heappush(waiting, (cost - log_p[i, token], ticket, onward, int(after[token]), state, i))
        if len(waiting) > most_waiting:
            waiting = heapq.nsmallest(most_waiting // 2, waiting)  # sorted, so it is a heap
            given_up = max(given_up, -waiting[-1][0])
        while words and (not waiting or words[0][0] <= waiting[0][0]):
            lost, word = heapq.heappop(words)
            yield Best(word, float(-lost), bool(-lost >= given_up))
        if not waiting:
            return
        taken = [heapq.heappop(waiting) for _ in range(min(AT_ONCE, len(waiting)))]
        state = _gathered(architecture, [(each[4], each[5]) for each in taken])
        last = np.array([each[2][-1] for each in taken], dtype=np.int32)
        state, logits = architecture.step(weights, state, last)
        fresh = [(each[0], each[2], each[3]) for each in taken]


def _gathered(architecture: Architecture, places: list[tuple[Any, int]]) -> Any:
    """Return one state with the rows of several, each given with its row."""
    by_state: dict[int, tuple[Any, list[int], list[int]]] = {}
    for at, (state, row) in enumerate(places):
        _, chosen, order = by_state.setdefault(id(state), (state, [], []))
        chosen.append(row)
        order.append(at)
    parts = [rows(state, np.array(chosen)) for state, chosen, _ in by_state.values()]
    back: NDArray[Any] = np.argsort([at for _, _, order in by_state.values() for at in order])
    return rows(architecture.join_states(parts), back)
