"""Several automata at once: which words all of them allow, whether there is any, and one automaton in their place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Bool
from morelike.cancellation import check_cancelled
from morelike.errors import SettingError
from morelike.sampling.constraints.automaton import DEAD, MAX_STATES, Automaton, intersect
from morelike.text.vocabulary import TokenLines

MAX_CYCLIC_STATES = 128
"""States of a joined automaton that allows words of any length: look-ahead computes each in many rounds."""
MAX_WAITING = 8
"""States of it that wait for a text: each meets most contexts of a model."""


def allowed_lines(automata: Sequence[Automaton], lines: TokenLines) -> Bool[NDArray[Any], " N"]:
    """Return for each line whether every automaton allows it."""
    begin, lengths = lines.offsets[:-1], np.diff(lines.offsets) - 1  # without the end symbol
    allowed = np.ones(len(begin), dtype=bool)
    for automaton in automata:
        state = np.zeros(len(begin), dtype=np.int64)
        for position in range(int(lengths.max(initial=0))):
            active = np.flatnonzero(allowed & (lengths > position))
            state[active] = automaton.transitions[state[active], lines.tokens[begin[active] + position]]
            allowed[active] = state[active] != DEAD
        allowed &= automaton.accepting[state]
    return allowed


def contradict(automata: Sequence[Automaton]) -> bool:
    """Return whether no word is allowed by all automata: a search in depth that ends at the first word.

    After `MAX_STATES` combined states without a word, assume that there is one.
    """
    stack, seen = [(0,) * len(automata)], {(0,) * len(automata)}
    if not all(automaton.live[0] for automaton in automata):
        return True
    while stack:
        check_cancelled()
        states = stack.pop()
        if all(automaton.accepting[state] for automaton, state in zip(automata, states, strict=True)):
            return False
        rows = np.stack([each.transitions[state] for each, state in zip(automata, states, strict=True)])
        possible = np.all([(row != DEAD) & each.live[row] for each, row in zip(automata, rows, strict=True)], axis=0)
        for target in map(tuple, np.unique(rows[:, possible], axis=1).T.tolist()):
            if target not in seen:
                seen.add(target)
                stack.append(target)
        if len(seen) > MAX_STATES:
            return False
    return True


def join(automata: Sequence[Automaton], states: int = MAX_STATES) -> tuple[Automaton, list[Automaton]]:
    """Return one automaton of the words that several allow, and those of them that it leaves out.

    An automaton is left out if the joined one would have too many states: rejection of whole words takes its place. The
    limit is `states` for the automata that let a word end anywhere, such as a list of excluded texts. It is
    `MAX_STATES` for the others, and `MAX_CYCLIC_STATES` if words may be of any length: n required texts have 2^n
    combined states or more, and look-ahead meets most contexts of a model in each of them, in many rounds.
    """
    ordered = sorted(automata, key=lambda each: (each.ends_anywhere, each.states))
    left_out: list[Automaton] = []
    joined = ordered[0]
    for each in ordered[1:]:
        most = states if each.ends_anywhere else MAX_STATES
        if left_out or not (joined.acyclic or each.acyclic):
            if joined.waiting * each.waiting > MAX_WAITING:
                left_out.append(each)
                continue
            most = min(most, max(MAX_CYCLIC_STATES, joined.states + each.states))
        try:
            joined = intersect(joined, each, most)
        except SettingError:
            left_out.append(each)
    return joined, left_out


def shortest_with(texts: Collection[str], enough: int) -> int:
    """Return a lower bound of the length of a string that contains all texts; no work is done beyond `enough`.

    No two texts begin at the same place, except those that are part of another. Each text shares with the text before
    it at most its greatest overlap with any other text.

    >>> shortest_with(["anna", "nan", "ann"], 100), shortest_with(["ab", "cd"], 100)
    (5, 4)
    """
    longest_first = sorted(set(texts), key=len, reverse=True)
    apart: list[str] = []
    for text in longest_first:
        if not any(text in other for other in apart):
            apart.append(text)
            if len(apart) > enough:
                return len(apart)
    shared = [max((_overlap(other, text) for other in apart if other != text), default=0) for text in apart]
    return sum(map(len, apart)) - sum(shared) + min(shared, default=0)


def _overlap(first: str, second: str) -> int:
    """Return how many characters at the end of the first string begin the second."""
    return next(n for n in range(min(len(first), len(second)), -1, -1) if first.endswith(second[:n]))
