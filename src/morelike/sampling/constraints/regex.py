"""Regular expressions and edit distances as automata: a safe dialect, compiled here and never passed to `re`.

    alternation   sequence | sequence
    sequence      repeated repeated ...
    repeated      atom, then ? * + {m} {m,} or {m,n}
    atom          a character, . for any, [a-z] and [^a-z], a group in ( ), or \\ before a special character

An expression matches a whole word. It becomes a nondeterministic automaton (Thompson 1968), then a deterministic one
by subsets (Rabin and Scott 1959).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from morelike.errors import MAX_EXCERPT, SettingError, excerpt
from morelike.sampling.constraints.automaton import DEAD, Automaton

SPECIAL = "\\.[](){}|?*+^$"
MAX_STATES = 5_000
MAX_REPEATS = 200
MAX_NFA_STATES = 50_000
MOST_DIGITS = 100
MAX_DEPTH = 40

Mask = NDArray[np.bool_]


@dataclass
class Nondeterministic:
    """States with transitions on sets of characters, and with empty transitions."""

    transitions: list[list[tuple[Mask, int]]] = field(default_factory=list)
    empty: list[list[int]] = field(default_factory=list)

    def state(self) -> int:
        """Return a new state."""
        self.transitions.append([])
        self.empty.append([])
        return len(self.transitions) - 1

    def closure(self, states: frozenset[int]) -> frozenset[int]:
        """Return these states and all that empty transitions reach from them."""
        seen, queue = set(states), list(states)
        while queue:
            for target in self.empty[queue.pop()]:
                if target not in seen:
                    seen.add(target)
                    queue.append(target)
        return frozenset(seen)

    def deterministic(self, start: int, accepting: frozenset[int], symbols: int, name: str) -> Automaton:
        """Return the smallest deterministic automaton of the same words; `name` is used in the error.

        Raises:
            SettingError: it has too many states.
        """
        first = self.closure(frozenset([start]))
        numbers, order, rows = {first: 0}, [first], []
        for states in order:
            row = np.full(symbols, DEAD)
            transitions = [each for state in states for each in self.transitions[state]]
            if transitions:
                masks = np.array([mask for mask, _ in transitions])
                classes, character_class = np.unique(masks, axis=1, return_inverse=True)
                for c in range(classes.shape[1]):
                    pairs = zip(transitions, classes[:, c], strict=True)
                    targets = frozenset(target for (_, target), included in pairs if included)
                    if not targets:
                        continue
                    targets = self.closure(targets)
                    if targets not in numbers:
                        numbers[targets] = len(order)
                        order.append(targets)
                    row[character_class.reshape(-1) == c] = numbers[targets]
            row[0] = DEAD
            rows.append(row)
            if len(order) > MAX_STATES:
                raise SettingError(f"{name} needs more than {MAX_STATES:,} states: make it simpler")
        return Automaton(np.array(rows), np.array([bool(states & accepting) for states in order])).minimal()


def regular(expression: str, ids: Mapping[str, int], symbols: int) -> Automaton:
    """Return the automaton of the words that an expression matches from the first character to the last.

    Raises:
        SettingError: an expression outside the dialect, with the position of the error; or one that is too large.

    >>> ids = {"a": 1, "b": 2}
    >>> automaton = regular("a(b|ab){1,2}", ids, 3)
    >>> automaton.allows([1, 2]), automaton.allows([1, 1, 2, 2]), automaton.allows([1, 1])
    (True, True, False)
    """
    parser = _RegexParser(expression, ids, symbols)
    start, end = parser.alternation(0)
    if parser.at < len(expression):
        raise parser.error("closes a group that was not opened")
    return parser.machine.deterministic(start, frozenset([end]), symbols, _named(expression))


def within_edits(word: list[int], edits: int, symbols: int) -> Automaton:
    """Return the automaton of the words within some edits (Levenshtein 1966) of a word, itself included.

    >>> near = within_edits([1, 2], 1, 4)
    >>> near.allows([1]), near.allows([3, 2]), near.allows([2, 1])
    (True, True, False)
    """
    machine = Nondeterministic()
    states = {(i, e): machine.state() for e in range(edits + 1) for i in range(len(word) + 1)}
    every = np.ones(symbols, dtype=bool)
    for (i, e), state in states.items():
        if i < len(word):
            machine.transitions[state].append((np.arange(symbols) == word[i], states[i + 1, e]))
        if e < edits:
            machine.transitions[state].append((every, states[i, e + 1]))
            if i < len(word):
                machine.transitions[state].append((every, states[i + 1, e + 1]))
                machine.empty[state].append(states[i + 1, e + 1])
    accepting = frozenset(states[len(word), e] for e in range(edits + 1))
    return machine.deterministic(states[0, 0], accepting, symbols, f"words within {edits} edits of one so long")


class _RegexParser:
    """A recursive-descent parser that builds the automaton of an expression."""

    def __init__(self, text: str, ids: Mapping[str, int], symbols: int) -> None:
        self.text, self.ids, self.symbols = text, ids, symbols
        self.machine = Nondeterministic()
        self.at = 0

    def error(self, reason: str, at: int | None = None) -> SettingError:
        """Return the error at a position, by default at the current one; the reason follows the character there."""
        at = self.at if at is None else at
        return SettingError(
            f"{_named(self.text)}: at character {at + 1}, {self.text[at]!r} {reason}; it may hold characters, "
            ". [a-z] [^a-z] ( ) | ? * + {m,n}, and \\ before a special one"
        )

    @property
    def current(self) -> str:
        return self.text[self.at : self.at + 1]

    def alternation(self, depth: int) -> tuple[int, int]:
        if depth > MAX_DEPTH:
            raise self.error(f"opens more than {MAX_DEPTH} groups within one another", self.at - 1)
        start, end = self.machine.state(), self.machine.state()
        while True:
            first, last = self.sequence(depth)
            self.machine.empty[start].append(first)
            self.machine.empty[last].append(end)
            if self.current != "|":
                return start, end
            self.at += 1

    def sequence(self, depth: int) -> tuple[int, int]:
        start = end = self.machine.state()
        while self.current and self.current not in "|)":
            begin = self.at
            first, last = self.atom(depth)
            least, most = self.repeats()
            if (least, most) != (1, 1):
                after = self.at
                first, last = self.repeated((first, last), begin, depth, least, most)
                self.at = after
            self.machine.empty[end].append(first)
            end = last
        return start, end

    def repeated(self, atom: tuple[int, int], begin: int, depth: int, least: int, most: int | None) -> tuple[int, int]:
        """Return the repeats of an atom, which was parsed from `begin`; each copy is parsed again."""
        empty = self.machine.empty
        start, final = self.machine.state(), self.machine.state()
        end = start
        for i in range(max(least, 1) if most is None else most):
            if i:
                self.at = begin
                atom = self.atom(depth)
            if i >= least:
                empty[end].append(final)
            empty[end].append(atom[0])
            end = atom[1]
        if most is None:
            empty[end].append(atom[0])
        empty[end].append(final)
        return start, final

    def repeats(self) -> tuple[int, int | None]:
        """Return the least and the greatest number of repeats after an atom."""
        simple: dict[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}
        result: tuple[int, int | None] = (1, 1)
        if self.current in simple and self.current:
            result = simple[self.current]
            self.at += 1
        elif self.current == "{":
            inside, brace, _ = self.text[self.at + 1 :].partition("}")
            least, comma, most = inside.partition(",")
            if not brace or not least.isdecimal() or not (most.isdecimal() or not most):
                raise self.error("is not followed by {m}, {m,} or {m,n}")
            result = _repeats(least), (_repeats(most) if most else None) if comma else _repeats(least)
            if max(result[0], result[1] or 0) > MAX_REPEATS or (result[1] is not None and result[1] < result[0]):
                raise self.error(f"does not give repeats from m to n with n at most {MAX_REPEATS}")
            self.at += len(inside) + 2
        if self.current and self.current in "?*+{":
            raise self.error("is a second repeat: put the first one in a group")
        return result

    def atom(self, depth: int) -> tuple[int, int]:
        if len(self.machine.transitions) > MAX_NFA_STATES:
            raise SettingError(f"{_named(self.text)} is too large: repeat less")
        if self.current == "(":
            return self.group(depth)
        parsers: dict[str, Callable[[], Mask]] = {".": self.any, "[": self.character_class, "\\": self.escaped}
        if self.current in "?*+{":
            raise self.error("repeats nothing")
        if self.current in "^$":
            raise self.error("is not needed: an expression matches a whole word")
        if self.current in "]}":
            raise self.error("has no opening bracket")
        mask = parsers.get(self.current, self.plain)()
        start, end = self.machine.state(), self.machine.state()
        self.machine.transitions[start].append((mask, end))
        return start, end

    def group(self, depth: int) -> tuple[int, int]:
        opened = self.at
        self.at += 1
        if self.text.startswith("?:", self.at):
            self.at += 2
        elif self.current == "?":
            raise self.error("begins a group that is not in the dialect")
        inside = self.alternation(depth + 1)
        if self.current != ")":
            raise self.error("opens a group that is not closed", opened)
        self.at += 1
        return inside

    def any(self) -> Mask:
        self.at += 1
        return np.ones(self.symbols, dtype=bool)

    def plain(self) -> Mask:
        character = self.current
        self.at += 1
        return self.one(character)

    def one(self, character: str) -> Mask:
        return np.asarray(np.arange(self.symbols) == self.ids.get(character, -1))

    def escaped(self) -> Mask:
        return self.one(self.escape())

    def escape(self) -> str:
        self.at += 1
        if not self.current or self.current.isalnum():
            raise self.error("is not before a special character", self.at - 1)
        self.at += 1
        return self.text[self.at - 1]

    def character_class(self) -> Mask:
        opened = self.at
        self.at += 1
        negative = self.current == "^"
        self.at += negative
        mask = np.zeros(self.symbols, dtype=bool)
        first = self.at
        while self.current != "]" or self.at == first:
            if not self.current:
                raise self.error("opens a class that is not closed", opened)
            begin = self.at
            low = high = self.member()
            if self.current == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self.member()
                if high < low:
                    raise self.error(f"begins a range that runs backwards, from {low!r} to {high!r}", begin)
            mask[[i for character, i in self.ids.items() if low <= character <= high]] = True
        self.at += 1
        return ~mask if negative else mask

    def member(self) -> str:
        if self.current == "\\":
            return self.escape()
        self.at += 1
        return self.text[self.at - 1]


def _repeats(digits: str) -> int:
    """Return a number of repeats; one with more digits is too great (Python reads at most 4,300)."""
    return int(digits) if len(digits) <= MOST_DIGITS else MAX_REPEATS + 1


def _named(expression: str) -> str:
    """Return how a message names an expression; its backslashes are not doubled, unless it is long or not printable."""
    short = len(expression) <= MAX_EXCERPT and expression.isprintable()
    return f"the expression '{expression}'" if short else f"the expression {excerpt(expression)}"
