"""Words as a person can read them: characters that cannot be seen are written by a sign or by their number."""

from __future__ import annotations

import unicodedata

__all__ = ["END_MARK", "visible", "visible_symbol"]

END_MARK = "⏎"
"""How the end of a word is shown."""

SIGNS = {"": END_MARK, " ": "␣", "\t": "⇥", "\n": "¶"}
UNSEEN = ("Cc", "Cs", "Zl", "Zp")
"""Control characters, halves of surrogate pairs, and Unicode's own line ends."""


def visible(word: str) -> str:
    """Return a word with what cannot be seen, or would break the line, written out.

    >>> visible("anne marie"), visible("a\\tb\\u2028c")
    ('anne marie', 'a⇥b‹U+2028›c')
    """
    return "".join(_written(c) if unicodedata.category(c) in UNSEEN else c for c in word)


def visible_symbol(character: str) -> str:
    """Return a character as it stands alone; `""` is the end of a word.

    >>> [visible_symbol(character) for character in ("a", " ", "", "\\x07", "\\u0301")]
    ['a', '␣', '⏎', 'U+0007', '◌́']
    """
    if character in SIGNS:
        return SIGNS[character]
    category = unicodedata.category(character)[0]
    if category == "M":  # it needs another to stand on
        return "◌" + character
    return f"U+{ord(character):04X}" if category in "CZ" else character


def _written(character: str) -> str:
    return SIGNS.get(character) or f"‹U+{ord(character):04X}›"
