"""Words with their figures: copied or new, surprisal, and the nearest word of the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from math import log
from typing import Any

from morelike.cancellation import check_cancelled
from morelike.evaluation.nearest import nearest
from morelike.language_model.model import LanguageModel
from morelike.language_model.threads import one_thread
from morelike.panels.plain import rounded
from morelike.play.make.current import CurrentModel

NEW = "new"
LONGEST_SHOWN = 100
"""Characters of a word whose surprisal is listed."""


def described(current: CurrentModel, words: Sequence[str], label: str | None = None) -> list[dict[str, Any]]:
    """Return each word with its figures.

    `mark` is "copied" if the list holds the word, else "new", and `in` names the part of the list. `bits` is the
    surprisal of the whole word, its end included, and `pieces` that of each character; "" is the end. `nearest` is the
    nearest word of the list, None if the list is not known. `unknown` are the characters that the model does not know:
    each of them has the probability 1/10,000. Numbers that are not finite are None.

    Raises:
        SettingError: a label that the model does not have.
    """
    model = current.model.conditioned_on(label)
    figures = zip(words, model.known.splits_of(words), nearest_each(words, current.listed), strict=True)
    return [_described(model, *each) for each in figures]


def _described(model: LanguageModel, word: str, part: str, closest: dict[str, Any] | None) -> dict[str, Any]:
    check_cancelled()
    unknown = "".join(dict.fromkeys(c for c in word if c not in model.vocabulary.ids))
    with one_thread():
        bits = model.surprisal(word, unknown="reserve" if unknown else "error") / log(2)
    return {
        "word": word,
        "mark": NEW if part == NEW else "copied",
        "in": part,
        "bits": rounded(bits.sum()),
        "nearest": closest,
        "pieces": [[*each] for each in zip([*word, ""], rounded(bits), strict=True)][:LONGEST_SHOWN],
        "unknown": unknown,
    }


def nearest_each(words: Sequence[str], listed: Sequence[str]) -> Sequence[dict[str, Any] | None]:
    """Return for each word the nearest of the listed words by edit distance, None if there are none."""
    return [asdict(found) for found in nearest(words, listed)] if listed else [None] * len(words)
