"""Cleaning and fingerprinting words, and the limits on the length of a line and of a text."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Iterable
from typing import Literal, TypeAlias

Form: TypeAlias = Literal["lines", "text"]
"""`lines`: a list with one word a line. `text`: one running text, in which line ends are characters."""

MAX_LINE_LENGTH = 100_000
"""Characters. A longer line is taken for running text."""

MIN_TEXT_LENGTH = 2
"""Characters. In a shorter running text no character follows another."""


def clean(word: str) -> str:
    """Return a word in Unicode normal form C, without white space at its ends.

    >>> clean("  Zoe\\u0308 ")
    'Zoë'
    """
    return unicodedata.normalize("NFC", word).strip()


ACCENTS = 200
"""The least combining class of an accent. Marks of lower classes belong to the letters of their script."""


def fold(word: str, differences: Collection[str]) -> str:
    """Return a word without differences of case, accents or both, for comparisons.

    Accents are marks above and below a letter that Unicode can take off: the dots of `ë`, and not the stroke of `ø`.

    >>> fold("Zoë-Straße", ["case", "accents"]), fold("Zoë", ["accents"]), fold("Zoë", [])
    ('zoe-strasse', 'Zoe', 'Zoë')
    """
    if "case" in differences:
        word = word.casefold()
    if "accents" in differences:
        word = "".join(c for c in unicodedata.normalize("NFD", word) if unicodedata.combining(c) < ACCENTS)
    return unicodedata.normalize("NFC", word)


def fingerprint(words: Iterable[str]) -> str:
    """Return the SHA-256 of words in their order, in hexadecimal.

    >>> fingerprint(["emma", "ava"])[:8]
    '3b7f8ab1'
    """
    digest = hashlib.sha256()
    for word in words:
        digest.update(word.encode() + b"\n")
    return digest.hexdigest()
