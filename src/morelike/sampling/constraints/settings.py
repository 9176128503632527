"""Constraints on words as settings, and the automaton that accepts the words that satisfy all of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import Field, field_validator, model_validator

from morelike.errors import SamplingError, SettingError, VocabularyError, excerpt
from morelike.sampling.constraints.automaton import (
    Automaton,
    containing_any,
    lengths_between,
    sequence,
    without_ends,
    words_over,
)
from morelike.sampling.constraints.combination import contradict, shortest_with
from morelike.sampling.constraints.excluded import as_differences, excluding
from morelike.sampling.constraints.regex import regular, within_edits
from morelike.sampling.constraints.scripts import one_script
from morelike.sampling.settings import FrozenSettings
from morelike.text.words import check_words, clean

BLANK = "_"
"""Stands for any character in a pattern."""
MAX_EDITS = 5
DEFAULT_MAX_LENGTH = 100


class Rule(NamedTuple):
    """A constraint: its name in messages, the automaton of its words, and the characters that its text asks for.

    The limits that nobody gave have no name.
    """

    name: str
    automaton: Automaton
    characters: str = ""


class Constraints(FrozenSettings):
    """Which words are allowed; the defaults allow all words of 1 to 100 characters."""

    prefix: str = Field("", description="how each word, or the text, begins")
    suffix: str = Field("", description="how each word ends")
    contains: tuple[str, ...] = Field(
        (), description="a text that each word contains; with several, each word contains all"
    )
    not_contains: tuple[str, ...] = Field((), description="a text that no word contains; with several, none of them")
    not_contains_ignoring: tuple[str, ...] = Field(
        (), description="differences that not_contains overlooks: case, accents or both"
    )
    regex: str = Field("", description="an expression that matches the whole word: . [a-z] [^a-z] ( ) | ? * + {m,n}")
    pattern: str = Field("", description="a word with blanks, such as _a__o: each _ is one character")
    shape: str = Field(
        "", description="a word of the same shape: capitals, other letters, digits and signs have the same places"
    )
    allowed: str = Field("", description="the only characters that words contain")
    banned: str = Field("", description="characters that no word contains")
    one_script: bool = Field(
        default=False, description="all letters of a word have a script in common: Latin or Greek, say, and not both"
    )
    pronounceable: bool = Field(
        default=False, description="no pair of letters that is rare in the model's words, by its surprisal"
    )
    similar: str = Field("", description="a word that each word is similar to (see within)")
    within: int = Field(
        2, ge=0, le=MAX_EDITS, description="how many edits (characters added, removed or replaced) away from similar"
    )
    min_length: int = Field(1, ge=0, description="the least number of characters; no word is empty")
    max_length: int = Field(DEFAULT_MAX_LENGTH, ge=0, description="the greatest number of characters")

    @field_validator("similar")
    @classmethod
    def _clean(cls, word: str) -> str:
        return clean(word)

    @field_validator("prefix", "suffix", "regex", "pattern", "shape", "allowed", "banned")
    @classmethod
    def _composed(cls, text: str) -> str:
        return unicodedata.normalize("NFC", text)

    @field_validator("not_contains_ignoring", mode="before")
    @classmethod
    def _as_differences(cls, given: Any) -> Any:
        return as_differences(given)

    @field_validator("contains", "not_contains", mode="before")
    @classmethod
    def _as_tuple(cls, value: Any, info: Any) -> Any:  # ValidationInfo cannot be checked at run time
        return () if value is None else tuple(check_words(value, "text", str(info.field_name)))

    @model_validator(mode="after")
    def _check(self) -> Constraints:
        if self.min_length > self.max_length:
            raise ValueError(
                f"min_length = {self.min_length} and max_length = {self.max_length}: no word has such a length"
            )
        # Shorter texts are refused with the name of the limit that they contradict, from small automata.
        most = {"prefix": self.max_length} | dict.fromkeys(
            ("suffix", "pattern", "shape"), max(self.max_length, DEFAULT_MAX_LENGTH)
        )
        for name, longest in most.items():
            if len(given := getattr(self, name)) > longest:
                raise ValueError(f"the {name} {excerpt(given)} has more than max_length = {self.max_length} characters")
        if (least := shortest_with(self.contains, self.max_length)) > self.max_length:
            raise ValueError(
                f"contains = {excerpt(', '.join(self.contains))}: such a word has {least:,} characters or more, and "
                f"max_length = {self.max_length}: give fewer texts, or allow longer words"
            )
        if self.suffix != self.suffix.rstrip():
            raise ValueError(f"the suffix {excerpt(self.suffix)} ends with white space, and no word does: leave it out")
        if self.pattern != self.pattern.strip():
            raise ValueError(
                f"the pattern {excerpt(self.pattern)} has white space at an end, and no word has: leave it out"
            )
        if self.shape != self.shape.strip():
            raise ValueError(
                f"the shape {excerpt(self.shape)} has white space at an end, and no word has: leave it out"
            )
        if "" in (*self.contains, *self.not_contains):
            raise ValueError("contains and not_contains: '' is in every word, so name characters")
        return self

    @property
    def word_prefix(self) -> str:
        """The prefix of words. White space at its end is kept: in a list of places, "new " is not "newport".

        Raises:
            SettingError: the prefix begins with white space; only a running text does.
        """
        if self.prefix != self.prefix.lstrip():
            raise SettingError(
                f"the prefix {excerpt(self.prefix)} begins with white space, and no word does: leave it out"
            )
        return self.prefix

    @property
    def needs_automaton(self) -> bool:
        """Whether there is a constraint other than a prefix and an upper length."""
        unchecked = {"prefix", "max_length", "within", "pronounceable", "not_contains_ignoring"}
        checked = Constraints.model_fields.keys() - unchecked
        return self.model_dump(include=checked, exclude_defaults=True) not in ({}, {"min_length": 0})

    def automata(self, ids: Mapping[str, int]) -> list[Automaton]:
        """Return the automata of the constraints, over characters with these ids: words satisfy all of them.

        The default upper length is left out: sampling drops longer words instead. So is `pronounceable`, which depends
        on the model: words are checked after they are made.

        Raises:
            VocabularyError: the words must contain a character that has no id.
            SettingError: an expression outside the dialect, or one that is too large.
            SamplingError: no word satisfies all constraints; the message names the constraints that conflict.
        """
        rules = list(self._rules(ids, len(ids) + 1))
        automata = [rule.automaton for rule in rules]
        white_space = [i for character, i in ids.items() if character.isspace()]
        if self.regex and white_space:  # other texts are refused before
            rules.append(
                Rule("the rule that no word has white space at an end", without_ends(white_space, len(ids) + 1))
            )
        if contradict([rule.automaton for rule in rules]):
            raise SamplingError(_conflict(rules, ids))
        return automata

    def _rules(self, ids: Mapping[str, int], symbols: int) -> Iterator[Rule]:
        """Yield the rule of each constraint."""
        shortest = max(self.min_length, 1)
        longest = self.max_length if self.max_length != DEFAULT_MAX_LENGTH else None
        name = "" if shortest == 1 and longest is None else _length_name(self.min_length, longest)
        yield Rule(name, lengths_between(shortest, longest, symbols))
        if self.allowed:
            if not any(character in ids for character in self.allowed):
                raise VocabularyError(f"the allowed characters {excerpt(self.allowed)}: the model knows none of them")
            yield Rule(
                f"the allowed characters {excerpt(self.allowed)}",
                words_over([i for c, i in ids.items() if c in self.allowed], symbols),
            )
        if self.banned:
            kept = [i for c, i in ids.items() if c not in self.banned]
            yield Rule(f"the banned characters {excerpt(self.banned)}", words_over(kept, symbols))
        if self.word_prefix:
            prefix = [[i] for i in _encode("the prefix", self.word_prefix, ids)]
            yield Rule(f"the prefix {excerpt(self.word_prefix)}", sequence(prefix, symbols, open_end=True))
        if self.suffix:
            suffix = _encode("the suffix", self.suffix, ids)
            yield Rule(f"the suffix {excerpt(self.suffix)}", containing_any([suffix], symbols, at_end=True))
        yield from self._inner_rules(ids, symbols)

    def _inner_rules(self, ids: Mapping[str, int], symbols: int) -> Iterator[Rule]:
        """Yield the rules that are about more than the length, the characters, the beginning and the end."""
        for substring in self.contains:
            required = containing_any([_encode("contains", substring, ids)], symbols)
            yield Rule(f"the required text {excerpt(substring)}", required)
        if excluded := excluding(self.not_contains, ids, self.not_contains_ignoring):
            names = ", ".join(map(excerpt, self.not_contains[:3])) + (", ..." if len(self.not_contains) > 3 else "")
            yield Rule(f"the excluded text {names}", excluded)
        if self.pattern:
            _encode("the pattern", self.pattern, {**ids, BLANK: 0})
            characters = [range(1, symbols) if c == BLANK else [ids[c]] for c in self.pattern]
            yield Rule(f"the pattern {excerpt(self.pattern)}", sequence(characters, symbols))
        if self.shape:
            kinds = {character: _kind_of(character) for character in (*self.shape, *ids)}
            _encode("the shape", self.shape, {**ids, **{c: 0 for c in self.shape if kinds[c] != c}})
            places = [[i for c, i in ids.items() if kinds[c] == kinds[each]] for each in self.shape]
            yield Rule(f"the shape {excerpt(self.shape)}", sequence(places, symbols))
        if self.one_script:
            yield Rule("the limit to one script", one_script(ids, symbols))
        if self.regex:
            yield Rule(f"the expression {excerpt(self.regex)}", regular(self.regex, ids, symbols), self.regex)
        if self.similar:
            centre = _encode("similar", self.similar, ids)
            yield Rule(
                f"the limit of {self.within} edits from {excerpt(self.similar)}",
                within_edits(centre, self.within, symbols),
            )


def _length_name(least: int, most: int | None) -> str:
    """Return the name of the limits of the length."""
    if most is None:
        return f"the length ({least} characters or more)"
    if least == most:
        return f"the length ({least} character{'s' if least != 1 else ''})"
    return f"the length ({least} to {most} characters)"


def _kind_of(character: str) -> str:
    """Return "capital", "letter" or "digit"; any other character is a kind of its own.

    >>> [_kind_of(character) for character in "Aé子7'"]
    ['capital', 'letter', 'letter', 'digit', "'"]
    """
    category = unicodedata.category(character)
    if category in ("Lu", "Lt"):
        return "capital"
    return {"L": "letter", "M": "letter", "N": "digit"}.get(category[0], character)


def _encode(name: str, text: str, ids: Mapping[str, int]) -> list[int]:
    """Return the ids of the characters of a constraint's text; `name` is used in the error.

    Raises:
        VocabularyError: a character without an id, with its position.
    """
    for position, character in enumerate(text, 1):
        if character not in ids:
            raise VocabularyError(
                f"{name} {excerpt(text)}: the model does not know the character {character!r} (character {position})"
            )
    return [ids[character] for character in text]


def _conflict(rules: list[Rule], ids: Mapping[str, int]) -> str:
    """Return a sentence that names a minimal set of constraints that no word satisfies together."""
    needed = list(rules)
    for each in rules:
        rest = [other for other in needed if other is not each]
        if rest and contradict([rule.automaton for rule in rest]):
            needed = rest
    named = [rule for rule in needed if rule.name]
    if len(named) > 1:
        names = [rule.name for rule in named]
        return f"no word is possible: {', '.join(names[:-1])} and {names[-1]} contradict one another; drop one of them"
    unknown = "".join(dict.fromkeys(c for c in named[0].characters if c.isalnum() and c not in ids))
    lacking = f", without {excerpt(unknown)}" if unknown else ""
    return f"no word is possible under {named[0].name} over the model's {len(ids):,} characters{lacking}: change it"
