"""Deterministic finite automata over a vocabulary: which words are allowed, as a table that the model is run beside."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Bool, Int
from morelike.errors import SettingError

__all__ = ["DEAD", "Automaton", "anything", "chain", "intersect", "lengths", "only", "with_any_of"]

DEAD = -1
"""Where a character leads that no allowed word has here."""
MOST_STATES = 20_000


@dataclass(frozen=True, eq=False)
class Automaton:
    """States from 0, where every word begins; `after[s, id]` is the state behind a character, `DEAD` where none is.

    The end symbol's column is `DEAD` throughout: whether a word may end is said by `accepts`.
    """

    after: Int[NDArray[Any], "S V"]
    accepts: Bool[NDArray[Any], " S"]

    @property
    def states(self) -> int:
        """How many states there are."""
        return len(self.accepts)

    @property
    def empty(self) -> bool:
        """Whether no word is allowed."""
        return not self.alive[0]

    @cached_property
    def alive(self) -> Bool[NDArray[Any], " S"]:
        """Whether an accepting state can be reached from each state."""
        alive = self.accepts.copy()
        while True:
            wider = alive | np.any((self.after != DEAD) & alive[self.after], axis=1)
            if np.array_equal(wider, alive):
                return alive
            alive = wider

    def allows(self, word: Sequence[int]) -> bool:
        """Return whether a word of ids is allowed.

        >>> chain([{1}, {2, 3}], 4).allows([1, 3]), chain([{1}, {2, 3}], 4).allows([1])
        (True, False)
        """
        state = 0
        for token in word:
            state = int(self.after[state, token])
            if state == DEAD:
                return False
        return bool(self.accepts[state])

    def size(self, limit: int) -> int | None:
        """Return how many words are allowed, None if they are more than a limit or without end.

        >>> chain([{1}, {2, 3}], 4).size(10), anything(4).size(10)
        (2, None)
        """
        steps = np.zeros((self.states, self.states), dtype=object)
        for state, row in enumerate(self.after):
            for target, count in zip(*np.unique(row[row != DEAD], return_counts=True), strict=True):
                if self.alive[target]:
                    steps[state, target] = int(count)
        total, here = 0, np.zeros(self.states, dtype=object)
        here[0] = 1
        for _ in range(self.states):
            total += int(here[self.accepts].sum())
            if total > limit or int(here.sum()) > limit * self.states:
                return None
            here = here @ steps
        return None if here.any() else total

    def complement(self) -> Automaton:
        """Return the automaton of all other words."""
        sink = self.states
        after = np.vstack([self.after, np.full(self.after.shape[1], sink)])
        after[after == DEAD] = sink
        after[:, 0] = DEAD
        return Automaton(after, np.append(~self.accepts, True))

    def minimal(self) -> Automaton:
        """Return the smallest automaton of the same words, its states in the order in which they are reached.

        States are told apart by whether they accept and, again and again, by where they lead (Moore 1956).
        """
        dead = np.where((self.after != DEAD) & self.alive[self.after], self.after, DEAD)
        after, accepts = _reached(dead, self.accepts)
        group = accepts.astype(np.int64)
        count = 0
        while True:
            led = np.where(after == DEAD, DEAD, group[after])
            _, first, renamed = np.unique(np.column_stack([group, led]), axis=0, return_index=True, return_inverse=True)
            group = renamed.reshape(-1)
            if len(first) == count:
                break
            count = len(first)
        order = np.argsort(first, kind="stable")  # the group of state 0 comes first
        place = np.argsort(order, kind="stable")
        rows = after[first[order]]
        return Automaton(np.where(rows == DEAD, DEAD, place[group[rows]]), accepts[first[order]])


def _reached(after: NDArray[Any], accepts: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the part of an automaton that can be reached from its start."""
    order, seen = [0], {0}
    for state in order:
        for target in np.unique(after[state]).tolist():
            if target != DEAD and target not in seen:
                seen.add(target)
                order.append(target)
    place = np.full(len(accepts) + 1, DEAD)
    place[order] = np.arange(len(order))
    return place[after[order]], accepts[order]


def anything(symbols: int) -> Automaton:
    """Return the automaton of all words."""
    return only(range(1, symbols), symbols)


def only(allowed: Iterable[int], symbols: int) -> Automaton:
    """Return the automaton of the words over some characters."""
    after = np.full((1, symbols), DEAD)
    after[0, [*allowed]] = 0
    return Automaton(after, np.array([True]))


def chain(places: Sequence[Iterable[int]], symbols: int, *, open_end: bool = False) -> Automaton:
    """Return the automaton of the words with a character of each of these sets in turn; any may follow an open end."""
    after = np.full((len(places) + 1, symbols), DEAD)
    for i, place in enumerate(places):
        after[i, [*place]] = i + 1
    if open_end:
        after[-1, 1:] = len(places)
    return Automaton(after, np.arange(len(places) + 1) == len(places))


def lengths(least: int, most: int | None, symbols: int) -> Automaton:
    """Return the automaton of the words of some lengths; None sets no upper bound."""
    last = least if most is None else most
    after = np.full((last + 1, symbols), DEAD)
    after[:, 1:] = np.minimum(np.arange(1, last + 2), last)[:, None]
    if most is not None:
        after[-1] = DEAD
    return Automaton(after, np.arange(last + 1) >= least)


def with_any_of(words: Sequence[Sequence[int]], symbols: int, *, at_end: bool = False) -> Automaton:
    """Return the automaton of the words that hold, or end with, any of these (Aho and Corasick 1975).

    >>> holding = with_any_of([[1, 2]], 3)
    >>> holding.allows([2, 1, 2, 1]), holding.allows([2, 1, 1])
    (True, False)
    """
    children: list[dict[int, int]] = [{}]
    found = [False]
    for word in words:
        node = 0
        for token in word:
            if token not in children[node]:
                children[node][token] = len(children)
                children.append({})
                found.append(False)
            node = children[node][token]
        found[node] = True
    after = np.full((len(children), symbols), DEAD)
    after[0, 1:] = 0
    waiting = deque([(0, 0)])  # each node with the longest end of it that is a beginning too
    while waiting:
        node, shorter = waiting.popleft()
        found[node] |= found[shorter]
        if node:
            after[node] = after[shorter]
        for token, child in children[node].items():
            waiting.append((child, int(after[shorter, token]) if node else 0))
            after[node, token] = child
    accepts = np.array(found)
    if not at_end:
        after[accepts, 1:] = np.flatnonzero(accepts)[:, None]
    return Automaton(after, accepts)


def intersect(one: Automaton, other: Automaton) -> Automaton:
    """Return the smallest automaton of the words that both allow.

    Raises:
        SettingError: it has too many states.
    """
    pairs = {(0, 0): 0}
    order = [(0, 0)]
    rows = []
    for i, j in order:
        a, b = one.after[i], other.after[j]
        row = np.full(len(a), DEAD)
        going = np.flatnonzero((a != DEAD) & (b != DEAD))
        targets, inverse = np.unique(a[going] * np.int64(other.states) + b[going], return_inverse=True)
        places = np.empty(len(targets), dtype=np.int64)
        for t, target in enumerate(targets.tolist()):
            pair = divmod(target, other.states)
            if pair not in pairs:
                pairs[pair] = len(order)
                order.append(pair)
            places[t] = pairs[pair]
        row[going] = places[inverse]
        rows.append(row)
        if len(order) > MOST_STATES:
            raise SettingError(
                f"the constraints together need more than {MOST_STATES:,} states: shorten the lists, allow fewer edits"
            )
    accepts = np.array([bool(one.accepts[i] and other.accepts[j]) for i, j in order])
    return Automaton(np.array(rows), accepts).minimal()
