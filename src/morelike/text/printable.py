"""Words and characters in a printable form: invisible characters are replaced by signs or code points."""

from __future__ import annotations

import unicodedata

END_MARK = "⏎"
"""The sign for the end of a word."""

SIGNS = {"": END_MARK, " ": "␣", "\t": "⇥", "\n": "¶"}
NOT_PRINTABLE = ("Cc", "Cs", "Zl", "Zp")
"""The Unicode categories of control characters, surrogates, and line and paragraph separators."""


def printable(word: str) -> str:
    """Return a word with signs or code points for characters that are invisible or would break the line.

    >>> printable("anne marie"), printable("a\\tb\\u2028c")
    ('anne marie', 'a⇥b‹U+2028›c')
    """
    return "".join(SIGNS.get(c, f"‹U+{ord(c):04X}›") if unicodedata.category(c) in NOT_PRINTABLE else c for c in word)


def printable_symbol(character: str) -> str:
    """Return a printable form of one character, or of the end of a word, `""`.

    >>> [printable_symbol(character) for character in ("a", " ", "", "\\x07", "\\u0301")]
    ['a', '␣', '⏎', 'U+0007', '◌́']
    """
    if character in SIGNS:
        return SIGNS[character]
    category = unicodedata.category(character)[0]
    if category == "M":  # a combining mark needs a character to combine with
        return "◌" + character
    return f"U+{ord(character):04X}" if category in "CZ" else character
