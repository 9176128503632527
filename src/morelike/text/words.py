"""What a word is: how it is cleaned, how a list of words is known again, and what bounds its length."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from typing import Literal, TypeAlias

__all__ = ["LONGEST_LINE", "SHORTEST_TEXT", "Form", "clean", "fingerprint"]

Form: TypeAlias = Literal["lines", "text"]
"""What a file is: a list, each line one thing with an end; or one running text, in which line ends are characters."""

LONGEST_LINE = 100_000
"""Characters in a line; a longer one is running text that was taken for a list."""

SHORTEST_TEXT = 2
"""Characters of a running text at least, so that one follows another."""


def clean(word: str) -> str:
    """Return a word as every list holds it: normal form C, no white space at its ends.

    >>> clean("  Zoe\\u0308 ")
    'Zoë'
    """
    return unicodedata.normalize("NFC", word).strip()


def fingerprint(words: Iterable[str]) -> str:
    """Return the SHA-256 of words in their order, in hexadecimal: the same for the same list.

    >>> fingerprint(["emma", "ava"])[:8]
    '3b7f8ab1'
    """
    digest = hashlib.sha256()
    for word in words:
        digest.update(word.encode() + b"\n")
    return digest.hexdigest()
