"""Plain values for JSON: rounded numbers, words of bounded length, and notes on what is left out."""

from __future__ import annotations

from math import isfinite
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from morelike.errors import SettingError
from morelike.language_model.encoding import normalized
from morelike.language_model.model import LanguageModel

LONGEST_WORD = 40
"""Characters of a word that a panel shows."""

MOST_CHARACTERS = 10_000
"""Characters of a word that a query may have."""

DIGITS = 6

Word = Annotated[str, Field(max_length=MOST_CHARACTERS, description="a word")]


def rounded(values: Any) -> Any:
    """Return numbers, or nested lists and dicts of them, with at most six digits; what is not finite becomes None.

    >>> rounded(np.array([[1 / 3, 2e-9], [np.nan, 4.0]]))
    [[0.333333, 2e-09], [None, 4.0]]
    """
    if isinstance(values, np.ndarray | np.generic):
        values = values.tolist()
    if isinstance(values, dict):
        return {name: rounded(each) for name, each in values.items()}
    if isinstance(values, list | tuple):
        return [rounded(each) for each in values]
    if isinstance(values, float):
        return float(f"{values:.{DIGITS}g}") if isfinite(values) else None
    return values


class UnfitError(SettingError):
    """The kind of a model cannot have a panel, at whatever look and with whatever word."""


def require_words(model: LanguageModel) -> None:
    """Refuse a model of running text.

    Raises:
        UnfitError: the model writes running text.
    """
    if model.form == "text":
        raise UnfitError("this panel is for a model of words: this model writes running text")


def shortened(model: LanguageModel, word: str) -> tuple[str, str | None]:
    """Return a word as the model reads it, at most its first 40 characters, and a note if it was longer."""
    word = normalized(model.form, word)
    if len(word) <= LONGEST_WORD:
        return word, None
    return word[:LONGEST_WORD], f"the first {LONGEST_WORD} of {len(word):,} characters are shown"


def symbols_of(model: LanguageModel, word: str, note: str | None) -> list[str]:
    """Return the symbols of a word that the model predicts; "" is the end, which a shortened word does not show."""
    if model.form == "text":
        return [*word[1:]]
    return [*word] if note else [*word, ""]
