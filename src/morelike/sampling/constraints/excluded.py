"""Texts that no word contains, as one automaton: letter by letter, or in spite of case and accents."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from morelike.errors import excerpt
from morelike.sampling.constraints.automaton import DEAD, Automaton, containing_any
from morelike.text.words import fold

DIFFERENCES = ("case", "accents")
"""Differences of words that may be ignored, as `fold` takes them."""


def as_differences(given: Any) -> tuple[str, ...]:
    """Return the differences that are given as one text with commas, or as several texts.

    Raises:
        ValueError: an unknown difference.

    >>> as_differences("case,accents"), as_differences(None)
    (('case', 'accents'), ())
    """
    names = [given] if isinstance(given, str) else given or ()
    names = [name.strip() for text in names if isinstance(text, str) for name in text.split(",")]
    if unknown := next((name for name in names if name not in DIFFERENCES), None):
        raise ValueError(f"{excerpt(unknown)} is no difference of words: name case, accents or both")
    return tuple(dict.fromkeys(names))


def excluding(texts: Sequence[str], ids: Mapping[str, int], ignoring: Collection[str] = ()) -> Automaton | None:
    """Return the automaton of the words that contain none of some texts; None if no word contains any of them.

    `ignoring` names the differences that do not matter, as `fold` takes them. A text with a character that has no id,
    in no form, is in no word.

    >>> automaton = excluding(["Ass"], {"a": 1, "s": 2, "ß": 3}, ["case"])
    >>> automaton.allows([1, 2]), automaton.allows([1, 2, 2]), automaton.allows([1, 3])
    (True, False, False)
    """
    spelled = {i: fold(character, ignoring) for character, i in ids.items()}
    folded_ids = {c: i for i, c in enumerate(sorted(set("".join(spelled.values()))), 1)}
    folded = {text for text in (fold(each, ignoring) for each in texts) if text and set(text) <= folded_ids.keys()}
    if not folded:
        return None
    found = containing_any([[folded_ids[c] for c in text] for text in sorted(folded)], len(folded_ids) + 1)
    transitions = np.full((found.states, len(ids) + 1), DEAD)
    for i, text in spelled.items():
        state = np.arange(found.states)
        for character in text:
            state = found.transitions[state, folded_ids[character]]
        transitions[:, i] = state
    return Automaton(transitions, found.accepting).complement()
