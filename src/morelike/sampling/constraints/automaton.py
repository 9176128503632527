"""Deterministic finite automata over a vocabulary: tables of transitions that say which words are allowed."""

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

DEAD = -1
"""The target of a forbidden character: no allowed word has it in this state."""
MAX_STATES = 20_000


@dataclass(frozen=True, eq=False)
class Automaton:
    """States from 0, the start; `transitions[s, id]` is the state after a character, or `DEAD`.

    The end symbol's column is `DEAD` throughout: `accepting` says in which states a word may end.
    """

    transitions: Int[NDArray[Any], "S V"]
    accepting: Bool[NDArray[Any], " S"]

    @property
    def states(self) -> int:
        """How many states there are."""
        return len(self.accepting)

    @property
    def empty(self) -> bool:
        """Whether no word is allowed."""
        return not self.live[0]

    @cached_property
    def live(self) -> Bool[NDArray[Any], " S"]:
        """Whether an accepting state can be reached from each state."""
        live = self.accepting.copy()
        while True:
            wider = live | np.any((self.transitions != DEAD) & live[self.transitions], axis=1)
            if np.array_equal(wider, live):
                return live
            live = wider

    @property
    def ends_anywhere(self) -> bool:
        """Whether a word may end after each of its characters, as under a list of excluded texts."""
        return bool(np.all(self.accepting[self.live]))

    @property
    def acyclic(self) -> bool:
        """Whether no state is met twice, so that only finitely many words are allowed."""
        left = self.live
        while left.any():
            ahead = np.any((self.transitions != DEAD) & left[self.transitions], axis=1) & left
            if np.array_equal(ahead, left):
                return False
            left = ahead
        return True

    @cached_property
    def waiting(self) -> int:
        """How many states stay the same after most characters, as before and after a required text; at least 1."""
        stays = np.sum(self.transitions == np.arange(self.states)[:, None], axis=1)
        return max(int(np.sum(2 * stays > self.transitions.shape[1] - 1)), 1)

    def allows(self, word: Sequence[int]) -> bool:
        """Return whether a word of ids is allowed.

        >>> sequence([{1}, {2, 3}], 4).allows([1, 3]), sequence([{1}, {2, 3}], 4).allows([1])
        (True, False)
        """
        state = 0
        for token in word:
            state = int(self.transitions[state, token])
            if state == DEAD:
                return False
        return bool(self.accepting[state])

    def count_words(self, limit: int) -> int | None:
        """Return how many words are allowed, None if they are more than `limit` or infinitely many.

        >>> sequence([{1}, {2, 3}], 4).count_words(10), all_words(4).count_words(10)
        (2, None)
        """
        steps = np.zeros((self.states, self.states), dtype=object)
        for state, row in enumerate(self.transitions):
            for target, count in zip(*np.unique(row[row != DEAD], return_counts=True), strict=True):
                if self.live[target]:
                    steps[state, target] = int(count)
        total, here = 0, np.zeros(self.states, dtype=object)
        here[0] = 1
        for _ in range(self.states):
            total += int(here[self.accepting].sum())
            if total > limit or int(here.sum()) > limit * self.states:
                return None
            here = here @ steps
        return None if here.any() else total

    def complement(self) -> Automaton:
        """Return the automaton of all other words."""
        sink = self.states
        transitions = np.vstack([self.transitions, np.full(self.transitions.shape[1], sink)])
        transitions[transitions == DEAD] = sink
        transitions[:, 0] = DEAD
        return Automaton(transitions, np.append(~self.accepting, True))

    def minimal(self) -> Automaton:
        """Return the smallest automaton of the same words, its states in the order in which they are reached.

        Groups of states are split until all states of a group lead to the same groups (Moore 1956).
        """
        trimmed = np.where((self.transitions != DEAD) & self.live[self.transitions], self.transitions, DEAD)
        transitions, accepting = _reachable(trimmed, self.accepting)
        group = accepting.astype(np.int64)
        count = 0
        while True:
            targets = np.where(transitions == DEAD, DEAD, group[transitions])
            _, first, group = np.unique(
                np.column_stack([group, targets]), axis=0, return_index=True, return_inverse=True
            )
            group = group.reshape(-1)
            if len(first) == count:
                break
            count = len(first)
        order = np.argsort(first, kind="stable")  # the group of state 0 comes first
        number = np.argsort(order, kind="stable")
        rows = transitions[first[order]]
        return Automaton(np.where(rows == DEAD, DEAD, number[group[rows]]), accepting[first[order]])


def _reachable(transitions: NDArray[Any], accepting: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the states of an automaton that can be reached from its start."""
    order, seen = [0], {0}
    for state in order:
        for target in np.unique(transitions[state]).tolist():
            if target != DEAD and target not in seen:
                seen.add(target)
                order.append(target)
    number = np.full(len(accepting) + 1, DEAD)
    number[order] = np.arange(len(order))
    return number[transitions[order]], accepting[order]


def all_words(symbols: int) -> Automaton:
    """Return the automaton of all words."""
    return words_over(range(1, symbols), symbols)


def words_over(characters: Iterable[int], symbols: int) -> Automaton:
    """Return the automaton of the words that contain only these characters."""
    transitions = np.full((1, symbols), DEAD)
    transitions[0, [*characters]] = 0
    return Automaton(transitions, np.array([True]))


def without_ends(characters: Sequence[int], symbols: int) -> Automaton:
    """Return the words that neither begin nor end with one of these characters.

    >>> inner = without_ends([2], 3)
    >>> inner.allows([1]), inner.allows([1, 2, 1]), inner.allows([1, 2]), inner.allows([2, 1])
    (True, True, False, False)
    """
    begun, may_end, may_not_end = range(3)
    transitions = np.full((3, symbols), may_end)
    transitions[:, 0] = DEAD
    transitions[:, characters] = may_not_end
    transitions[begun, characters] = DEAD
    return Automaton(transitions, np.array([True, True, False]))


def sequence(characters: Sequence[Iterable[int]], symbols: int, *, open_end: bool = False) -> Automaton:
    """Return the automaton of the words with a character of each of these sets in turn; any may follow an open end."""
    length = len(characters)
    transitions = np.full((length + 1, symbols), DEAD)
    for i, allowed in enumerate(characters):
        transitions[i, [*allowed]] = i + 1
    if open_end:
        transitions[-1, 1:] = length
    return Automaton(transitions, np.arange(length + 1) == length)


def lengths_between(shortest: int, longest: int | None, symbols: int) -> Automaton:
    """Return the automaton of the words with these lengths; None sets no upper limit."""
    last = shortest if longest is None else longest
    transitions = np.full((last + 1, symbols), DEAD)
    transitions[:, 1:] = np.minimum(np.arange(1, last + 2), last)[:, None]
    if longest is not None:
        transitions[-1] = DEAD
    return Automaton(transitions, np.arange(last + 1) >= shortest)


def containing_any(words: Sequence[Sequence[int]], symbols: int, *, at_end: bool = False) -> Automaton:
    """Return the automaton of the words that contain, or end with, any of these (Aho and Corasick 1975).

    >>> automaton = containing_any([[1, 2]], 3)
    >>> automaton.allows([2, 1, 2, 1]), automaton.allows([2, 1, 1])
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
    transitions = np.full((len(children), symbols), DEAD)
    transitions[0, 1:] = 0
    queue = deque([(0, 0)])  # each node with the node of its longest proper suffix in the trie
    while queue:
        node, suffix = queue.popleft()
        found[node] |= found[suffix]
        if node:
            transitions[node] = transitions[suffix]
        for token, child in children[node].items():
            queue.append((child, int(transitions[suffix, token]) if node else 0))
            transitions[node, token] = child
    accepting = np.array(found)
    if not at_end:
        transitions[accepting, 1:] = np.flatnonzero(accepting)[:, None]
    return Automaton(transitions, accepting)


def intersect(first: Automaton, second: Automaton, states: int = MAX_STATES) -> Automaton:
    """Return the smallest automaton of the words that both allow.

    Raises:
        SettingError: more than `states` states are met.
    """
    numbers = {(0, 0): 0}
    order = [(0, 0)]
    rows = []
    for i, j in order:
        a, b = first.transitions[i], second.transitions[j]
        row = np.full(len(a), DEAD)
        possible = np.flatnonzero((a != DEAD) & (b != DEAD))
        targets, inverse = np.unique(a[possible] * np.int64(second.states) + b[possible], return_inverse=True)
        target_numbers = np.empty(len(targets), dtype=np.int64)
        for t, target in enumerate(targets.tolist()):
            pair = divmod(target, second.states)
            if pair not in numbers:
                numbers[pair] = len(order)
                order.append(pair)
            target_numbers[t] = numbers[pair]
        row[possible] = target_numbers[inverse]
        rows.append(row)
        if len(order) > states:
            raise SettingError(f"the constraints together need more than {states:,} states")
    accepting = np.array([bool(first.accepting[i] and second.accepting[j]) for i, j in order])
    return Automaton(np.array(rows), accepting).minimal()
