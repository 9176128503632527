"""What comes next: the probability of each next character after a prefix."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

from pydantic import Field

from morelike.panels.look import Look
from morelike.panels.plain import rounded

MOST_SYMBOLS = 60
LONGEST_PREFIX = 1000


def next_symbol(
    look: Look,
    *,
    prefix: Annotated[str, Field(max_length=LONGEST_PREFIX, description="the beginning of a word")] = "",
) -> dict[str, Any]:
    """Return the probability of each next character after a prefix, the most probable first; "" is the end.

    Raises:
        VocabularyError: an unknown character.
    """
    found = look.model.next(prefix)
    shown = dict(islice(found.items(), MOST_SYMBOLS))
    note = f"the {MOST_SYMBOLS} most probable of {len(found):,} symbols are shown" if len(shown) < len(found) else None
    return {
        "prefix": prefix,
        "symbols": [*shown],
        "probabilities": rounded([*shown.values()]),
        "others": rounded(max(1 - sum(shown.values()), 0.0)) if note else 0.0,
        "note": note,
    }
