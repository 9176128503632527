"""Words for the report with the surprisal of each character."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float
from morelike.language_model.files.facts import HIDDEN
from morelike.language_model.model import LanguageModel
from morelike.text.splits import Split
from morelike.text.words import clean

SCORED = 2000
"""Words among which the most surprising ones are searched, so that a long list takes no more time."""
TYPICAL, SURPRISING, NEW = 3, 4, 3
ROW_LENGTH = 32
"""Characters of a running text in a row."""
ROWS = 8


@dataclass(frozen=True)
class Surprisal:
    """The symbols of a word (`""` is the end) with the surprisal of each (nats). `group` says which word it is."""

    group: str
    symbols: list[str]
    nats: Float[NDArray[Any], " T"]


def show_surprisals(model: LanguageModel, splits: Split | None, new_words: Sequence[str]) -> list[Surprisal]:
    """Return typical words, the most surprising words and new words, with the surprisal of each character.

    Words of the list come from test, from dev if test is hidden, or from train if nothing was held out. A running text
    gives the beginning of the split, cut into rows.
    """
    shown = ("dev",) if model.facts.get(HIDDEN) else ("test",)
    split = next((name for name in shown if splits and splits.parts.get(name)), "train")
    held_out: Sequence[str] = getattr(splits, split) if splits else []
    if model.form == "text":
        return _rows_of_text(model, split, held_out[0][: ROW_LENGTH * ROWS + 1]) if held_out else []
    chosen = _typical_and_surprising(model, split, list(dict.fromkeys(held_out[:SCORED]))) if held_out else []
    chosen += [("New words", word) for word in new_words[:NEW]]
    # A new word may end in white space, which is removed where a word is scored.
    return [Surprisal(group, [*clean(word), ""], model.surprisal(word)) for group, word in chosen]


def group_surprisals(
    surprisals: Sequence[Surprisal],
) -> dict[str, list[tuple[Sequence[str], Float[NDArray[Any], " _"]]]]:
    """Return symbols and surprisals by group, as `surprisal_figure` takes them."""
    groups: dict[str, list[tuple[Sequence[str], Any]]] = {}
    for surprisal in surprisals:
        groups.setdefault(surprisal.group, []).append((surprisal.symbols, surprisal.nats))
    return groups


def _typical_and_surprising(model: LanguageModel, split: str, words: Sequence[str]) -> list[tuple[str, str]]:
    nats, lengths = model.losses(words)
    order = np.argsort(nats / lengths, kind="stable")
    typical, rest = np.split(order[len(order) // 2 :], [TYPICAL])
    return [
        *((f"Typical words of {split}", words[i]) for i in typical),
        *((f"The most surprising words of {split}", words[i]) for i in rest[::-1][:SURPRISING]),
    ]


def _rows_of_text(model: LanguageModel, split: str, text: str) -> list[Surprisal]:
    nats, characters = model.surprisal(text), text[1:]
    return [
        Surprisal(f"The beginning of {split}", [*characters[i : i + ROW_LENGTH]], nats[i : i + ROW_LENGTH])
        for i in range(0, len(nats), ROW_LENGTH)
    ]
