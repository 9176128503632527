"""A word over time: the surprisal of each character at one look."""

from __future__ import annotations

from math import log
from typing import Any

from morelike.panels.look import Look
from morelike.panels.plain import Word, rounded, shortened, symbols_of


def surprisal(look: Look, *, word: Word) -> dict[str, Any]:
    """Return the surprisal of each character of a word and of its end, in bits and in nats.

    `symbols` are the characters, and "" for the end. In a running text the first character has no surprisal.

    Raises:
        VocabularyError: an unknown character.
    """
    shown, note = shortened(look.model, word)
    symbols = symbols_of(look.model, shown, note)
    nats = look.model.surprisal(shown)[: len(symbols)]
    return {
        "word": shown,
        "symbols": symbols,
        "nats": rounded(nats),
        "bits": rounded(nats / log(2)),
        "total_bits": rounded(nats.sum() / log(2)),
        "note": note,
    }
