"""What words must be like, as settings, and the one automaton that they come to."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any

from pydantic import Field, field_validator, model_validator

from morelike.errors import SamplingError, VocabularyError
from morelike.sampling.constraints.automaton import Automaton, anything, chain, intersect, lengths, only, with_any_of
from morelike.sampling.constraints.regex import regular, within_edits
from morelike.sampling.filters import FrozenSettings
from morelike.text.words import clean

__all__ = ["BLANK", "MOST_EDITS", "Constraints"]

BLANK = "_"
"""Stands for any character in a pattern."""
MOST_EDITS = 5
LENGTH = 100
"""Characters that a word has at most where nothing else is asked for."""


class Constraints(FrozenSettings):
    """Which words are wanted; the defaults allow all from one character to a hundred."""

    prefix: str = Field("", description="how each word begins")
    suffix: str = Field("", description="how each word ends")
    contains: tuple[str, ...] = Field((), description="what each word holds; all of them if several are given")
    not_contains: tuple[str, ...] = Field((), description="what no word holds")
    regex: str = Field("", description="an expression for the whole word: . [a-z] [^a-z] ( ) | ? * + {m,n}")
    pattern: str = Field("", description="a word with blanks, such as _a__o: each _ is one character")
    allowed: str = Field("", description="the only characters that words are made of")
    banned: str = Field("", description="characters that no word holds")
    similar: str = Field("", description="a word that each one is within --within edits of")
    within: int = Field(2, ge=0, le=MOST_EDITS, description="edits (a character more, less or other) from --similar")
    min_length: int = Field(1, ge=0, description="characters that a word has at least; none is empty")
    max_length: int = Field(LENGTH, ge=0, description="characters that a word has at most")

    @field_validator("prefix", "suffix", "pattern", "similar")
    @classmethod
    def _clean(cls, word: str) -> str:
        return clean(word)

    @field_validator("regex", "allowed", "banned")
    @classmethod
    def _composed(cls, text: str) -> str:
        return unicodedata.normalize("NFC", text)

    @field_validator("contains", "not_contains", mode="before")
    @classmethod
    def _several(cls, given: Any) -> Any:
        several = (given,) if isinstance(given, str) else given or ()
        return tuple(unicodedata.normalize("NFC", each) for each in several)

    @model_validator(mode="after")
    def _make_sense(self) -> Constraints:
        if self.min_length > self.max_length:
            raise ValueError(
                f"min_length = {self.min_length} and max_length = {self.max_length}: no word has such a length"
            )
        if len(self.prefix) > self.max_length:
            raise ValueError(f"the prefix {self.prefix!r} has more than max_length = {self.max_length} characters")
        if "" in (*self.contains, *self.not_contains):
            raise ValueError("contains and not_contains: '' is in every word, so name characters")
        return self

    @property
    def plain(self) -> bool:
        """Whether nothing is asked for but a prefix and an upper length, which need no automaton."""
        asked = self.model_dump(exclude={"prefix", "max_length", "within"}, exclude_defaults=True)
        return not asked or asked == {"min_length": 0}

    def automaton(self, ids: Mapping[str, int]) -> Automaton:
        """Return the automaton of the words that keep all constraints, over characters with these ids.

        An upper length that was not asked for is left out: longer words are dropped instead.

        Raises:
            VocabularyError: a character that there is not, where one must be.
            SettingError: an expression outside the dialect, or too large.
            SamplingError: no word keeps all of them; it names those that leave none.
        """
        symbols = len(ids) + 1
        made = list(self._parts(ids, symbols))
        whole = reduce(intersect, (automaton for _, automaton in made), anything(symbols))
        if whole.empty:
            raise SamplingError(_conflict(made, symbols))
        return whole

    def _parts(self, ids: Mapping[str, int], symbols: int) -> Iterator[tuple[str, Automaton]]:
        """Yield each constraint in words, with its automaton."""
        least, most = max(self.min_length, 1), self.max_length if self.max_length != LENGTH else None
        says = f"{least} characters or more" if most is None else f"{least} to {most} characters"
        yield f"a length of {says}", lengths(least, most, symbols)
        if self.allowed or self.banned:
            kept = [i for c, i in ids.items() if (not self.allowed or c in self.allowed) and c not in self.banned]
            rules = [f"only {self.allowed!r}"] if self.allowed else []
            rules += [f"none of {self.banned!r}"] if self.banned else []
            yield f"characters, {' and '.join(rules)}", only(kept, symbols)
        if self.prefix:
            begun = [[i] for i in _known("the prefix", self.prefix, ids)]
            yield f"the prefix {self.prefix!r}", chain(begun, symbols, open_end=True)
        if self.suffix:
            yield (
                f"the suffix {self.suffix!r}",
                with_any_of([_known("the suffix", self.suffix, ids)], symbols, at_end=True),
            )
        for part in self.contains:
            yield f"containing {part!r}", with_any_of([_known("contains", part, ids)], symbols)
        if out := [[ids[c] for c in part] for part in self.not_contains if all(c in ids for c in part)]:
            names = ", ".join(map(repr, self.not_contains[:3])) + (", ..." if len(self.not_contains) > 3 else "")
            yield f"not containing {names}", with_any_of(out, symbols).complement()
        if self.pattern:
            _known("the pattern", self.pattern.replace(BLANK, ""), ids)
            places = [range(1, symbols) if c == BLANK else [ids[c]] for c in self.pattern]
            yield f"the pattern {self.pattern!r}", chain(places, symbols)
        if self.regex:
            yield f"the expression {self.regex!r}", regular(self.regex, ids, symbols)
        if self.similar:
            centre = _known("similar", self.similar, ids)
            yield f"within {self.within} edits of {self.similar!r}", within_edits(centre, self.within, symbols)


def _known(what: str, word: str, ids: Mapping[str, int]) -> list[int]:
    """Return the ids of a word's characters.

    Raises:
        VocabularyError: one that there is not, with its place.
    """
    for place, character in enumerate(word, 1):
        if character not in ids:
            raise VocabularyError(
                f"{what} {word!r}: the model does not know the character {character!r} (character {place})"
            )
    return [ids[character] for character in word]


def _conflict(made: list[tuple[str, Automaton]], symbols: int) -> str:
    """Return in a sentence which of the constraints leave no word: as few as do so together."""
    needed = list(made)
    for each in made:
        rest = [other for other in needed if other is not each]
        if rest and reduce(intersect, (automaton for _, automaton in rest), anything(symbols)).empty:
            needed = rest
    names = [name for name, _ in needed]
    if len(names) == 1:
        return f"no word is possible: {names[0]} leaves none over the model's {symbols - 1:,} characters; change it"
    return f"no word is possible: {', '.join(names[:-1])} and {names[-1]} contradict one another; drop one of them"
