"""Regular expressions and edit distances as automata: a safe dialect, compiled here and never handed to `re`.

    alternation   sequence | sequence
    sequence      repeated repeated ...
    repeated      atom, then ? * + {m} {m,} or {m,n}
    atom          a character, . for any, [a-z] and [^a-z], a group in ( ), or \\ before a special character

An expression is about the whole word. It becomes a nondeterministic automaton (Thompson 1968), then a deterministic one
by subsets (Rabin and Scott 1959).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from morelike.errors import SettingError
from morelike.sampling.constraints.automaton import DEAD, Automaton

__all__ = ["regular", "within_edits"]

SPECIAL = "\\.[](){}|?*+^$"
MOST_STATES = 5_000
MOST_REPEATS = 200
LARGEST = 50_000
DEEPEST = 40

Mask = NDArray[np.bool_]


@dataclass
class Nondeterministic:
    """States with steps on sets of characters, and with free steps."""

    steps: list[list[tuple[Mask, int]]] = field(default_factory=list)
    free: list[list[int]] = field(default_factory=list)

    def state(self) -> int:
        """Return a new state."""
        self.steps.append([])
        self.free.append([])
        return len(self.steps) - 1

    def closure(self, states: frozenset[int]) -> frozenset[int]:
        """Return the states that free steps lead to, these among them."""
        seen, waiting = set(states), list(states)
        while waiting:
            for target in self.free[waiting.pop()]:
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return frozenset(seen)

    def deterministic(self, start: int, accepts: frozenset[int], symbols: int, what: str) -> Automaton:
        """Return the deterministic automaton of the same words, as small as can be.

        Raises:
            SettingError: it has too many states.
        """
        first = self.closure(frozenset([start]))
        places, order, rows = {first: 0}, [first], []
        for states in order:
            row = np.full(symbols, DEAD)
            steps = [step for state in states for step in self.steps[state]]
            if steps:
                kinds, kind = np.unique(np.array([mask for mask, _ in steps]), axis=1, return_inverse=True)
                for k in range(kinds.shape[1]):
                    led = frozenset(target for (_, target), going in zip(steps, kinds[:, k], strict=True) if going)
                    if not led:
                        continue
                    led = self.closure(led)
                    if led not in places:
                        places[led] = len(order)
                        order.append(led)
                    row[kind.reshape(-1) == k] = places[led]
            row[0] = DEAD
            rows.append(row)
            if len(order) > MOST_STATES:
                raise SettingError(f"{what} needs more than {MOST_STATES:,} states: make it simpler")
        return Automaton(np.array(rows), np.array([bool(states & accepts) for states in order])).minimal()


def regular(expression: str, ids: Mapping[str, int], symbols: int) -> Automaton:
    """Return the automaton of the words that match an expression from their first character to their last.

    Raises:
        SettingError: outside the dialect, with the place; or too large.

    >>> ids = {"a": 1, "b": 2}
    >>> found = regular("a(b|ab){1,2}", ids, 3)
    >>> found.allows([1, 2]), found.allows([1, 1, 2, 2]), found.allows([1, 1])
    (True, True, False)
    """
    reader = _RegexParser(expression, ids, symbols)
    start, end = reader.alternation(0)
    if reader.at < len(expression):
        raise reader.complaint("closes a group that was not opened")
    return reader.machine.deterministic(start, frozenset([end]), symbols, f"the expression '{expression}'")


def within_edits(word: list[int], edits: int, symbols: int) -> Automaton:
    """Return the automaton of the words within some edits (Levenshtein 1966) of a given one, itself among them.

    >>> near = within_edits([1, 2], 1, 4)
    >>> near.allows([1]), near.allows([3, 2]), near.allows([2, 1])
    (True, True, False)
    """
    machine = Nondeterministic()
    place = {(i, e): machine.state() for e in range(edits + 1) for i in range(len(word) + 1)}
    every = np.ones(symbols, dtype=bool)
    for (i, e), state in place.items():
        if i < len(word):
            machine.steps[state].append((np.arange(symbols) == word[i], place[i + 1, e]))
        if e < edits:
            machine.steps[state].append((every, place[i, e + 1]))
            if i < len(word):
                machine.steps[state].append((every, place[i + 1, e + 1]))
                machine.free[state].append(place[i + 1, e + 1])
    accepts = frozenset(place[len(word), e] for e in range(edits + 1))
    return machine.deterministic(place[0, 0], accepts, symbols, f"words within {edits} edits of one so long")


class _RegexParser:
    """Reads an expression from left to right and builds its automaton."""

    def __init__(self, text: str, ids: Mapping[str, int], symbols: int) -> None:
        self.text, self.ids, self.symbols = text, ids, symbols
        self.machine = Nondeterministic()
        self.at = 0

    def complaint(self, why: str) -> SettingError:
        shown = self.text[self.at] if self.at < len(self.text) else "its end"
        return SettingError(
            f"the expression '{self.text}': at character {self.at + 1}, {shown!r} {why}; it may hold characters, "
            ". [a-z] [^a-z] ( ) | ? * + {m,n}, and \\ before a special one"
        )

    @property
    def here(self) -> str:
        return self.text[self.at : self.at + 1]

    def alternation(self, depth: int) -> tuple[int, int]:
        if depth > DEEPEST:
            raise self.complaint(f"opens more than {DEEPEST} groups within one another")
        start, end = self.machine.state(), self.machine.state()
        while True:
            first, last = self.sequence(depth)
            self.machine.free[start].append(first)
            self.machine.free[last].append(end)
            if self.here != "|":
                return start, end
            self.at += 1

    def sequence(self, depth: int) -> tuple[int, int]:
        start = end = self.machine.state()
        while self.here and self.here not in "|)":
            begun = self.at
            first, last = self.atom(depth)
            least, most = self.repeats()
            if (least, most) != (1, 1):
                after = self.at
                first, last = self.repeated((first, last), begun, depth, least, most)
                self.at = after
            self.machine.free[end].append(first)
            end = last
        return start, end

    def repeated(self, atom: tuple[int, int], begun: int, depth: int, least: int, most: int | None) -> tuple[int, int]:
        """Return an atom, just read from the place `begun`, as often as it may come; copies are read again."""
        free = self.machine.free
        start, final = self.machine.state(), self.machine.state()
        end = start
        for i in range(max(least, 1) if most is None else most):
            if i:
                self.at = begun
                atom = self.atom(depth)
            if i >= least:
                free[end].append(final)
            free[end].append(atom[0])
            end = atom[1]
        if most is None:
            free[end].append(atom[0])
        free[end].append(final)
        return start, final

    def repeats(self) -> tuple[int, int | None]:
        """Return how often the atom just read may come."""
        simple: dict[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}
        result: tuple[int, int | None] = (1, 1)
        if self.here in simple and self.here:
            result = simple[self.here]
            self.at += 1
        elif self.here == "{":
            inside, brace, _ = self.text[self.at + 1 :].partition("}")
            least, comma, most = inside.partition(",")
            if not brace or not least.isdecimal() or not (most.isdecimal() or not most):
                raise self.complaint("is not followed by {m}, {m,} or {m,n}")
            result = int(least), (int(most) if most else None) if comma else int(least)
            if max(result[0], result[1] or 0) > MOST_REPEATS or (result[1] is not None and result[1] < result[0]):
                raise self.complaint(f"asks for repeats that are not from m to n with n at most {MOST_REPEATS}")
            self.at += len(inside) + 2
        if self.here and self.here in "?*+{":
            raise self.complaint("repeats what is repeated already: put it in a group")
        return result

    def atom(self, depth: int) -> tuple[int, int]:
        if len(self.machine.steps) > LARGEST:
            raise SettingError(f"the expression '{self.text}' is too large: repeat less")
        if self.here == "(":
            return self.group(depth)
        readers: dict[str, Callable[[], Mask]] = {".": self.any, "[": self.among, "\\": self.escaped}
        if self.here in "?*+{":
            raise self.complaint("repeats nothing")
        if self.here in "^$":
            raise self.complaint("is not needed: an expression is about the whole word")
        if self.here in "]}":
            raise self.complaint("closes what was not opened")
        mask = readers.get(self.here, self.plain)()
        start, end = self.machine.state(), self.machine.state()
        self.machine.steps[start].append((mask, end))
        return start, end

    def group(self, depth: int) -> tuple[int, int]:
        self.at += 1
        if self.text.startswith("?:", self.at):
            self.at += 2
        elif self.here == "?":
            raise self.complaint("begins what is not in the dialect")
        inside = self.alternation(depth + 1)
        if self.here != ")":
            raise self.complaint("leaves a group open")
        self.at += 1
        return inside

    def any(self) -> Mask:
        self.at += 1
        return np.ones(self.symbols, dtype=bool)

    def plain(self) -> Mask:
        character = self.here
        self.at += 1
        return self.one(character)

    def one(self, character: str) -> Mask:
        return np.asarray(np.arange(self.symbols) == self.ids.get(character, -1))

    def escaped(self) -> Mask:
        return self.one(self.escape())

    def escape(self) -> str:
        self.at += 1
        if not self.here or self.here.isalnum():
            raise self.complaint("cannot stand behind \\ here")
        self.at += 1
        return self.text[self.at - 1]

    def among(self) -> Mask:
        self.at += 1
        negative = self.here == "^"
        self.at += negative
        mask = np.zeros(self.symbols, dtype=bool)
        first = self.at
        while self.here != "]" or self.at == first:
            if not self.here:
                raise self.complaint("leaves a class open")
            low = high = self.member()
            if self.here == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self.member()
                if high < low:
                    raise self.complaint(f"comes after a range that runs backwards, from {low!r} to {high!r}")
            mask[[i for character, i in self.ids.items() if low <= character <= high]] = True
        self.at += 1
        return ~mask if negative else mask

    def member(self) -> str:
        if self.here == "\\":
            return self.escape()
        self.at += 1
        return self.text[self.at - 1]
