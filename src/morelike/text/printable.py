"""Words and characters in a printable form: invisible characters are replaced by signs or code points."""

from __future__ import annotations

import re
import unicodedata

END_MARK = "⏎"
"""The sign for the end of a word."""

SIGNS = {"": END_MARK, " ": "␣", "\t": "⇥", "\n": "¶"}
NOT_PRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters, C0 and C1: a terminal takes them for commands
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidi controls, which change the order of the text around them
    "\u2028\u2029"  # line and paragraph separators
    "\ud800-\udfff]"  # surrogates, which no encoding can write
)


def printable(text: str, keep: str = "") -> str:
    """Return a text with signs or code points for characters that control a terminal or break the line.

    Args:
        text: words, names or sentences from any source.
        keep: control characters that stay as they are, because they structure the output.

    >>> printable("anne marie"), printable("a\\tb\\u2028c")
    ('anne marie', 'a⇥b‹U+2028›c')
    >>> printable("a\\tb\\x1b[31m", keep="\\n\\t")
    'a\\tb‹U+001B›[31m'
    """
    return NOT_PRINTABLE.sub(
        lambda found: found[0] if found[0] in keep else SIGNS.get(found[0], f"‹U+{ord(found[0]):04X}›"), text
    )


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
