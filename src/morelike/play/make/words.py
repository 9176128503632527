"""Words with their figures: copied or new, surprisal, and the nearest word of the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.cancellation import check_cancelled
from morelike.evaluation.nearest import nearest
from morelike.language_model.model import LanguageModel
from morelike.language_model.scoring import surprisals
from morelike.panels.plain import rounded
from morelike.play.make.current import CurrentModel

NEW = "new"
WORDS_AT_ONCE = 200
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
    parts, closest = model.known.splits_of(words), nearest_each(words, current.listed)
    bits = bits_of(model, words)
    return [
        {
            "word": word,
            "mark": NEW if part == NEW else "copied",
            "in": part,
            "bits": rounded(each.sum()),
            "nearest": near,
            "pieces": [[*piece] for piece in zip([*word, ""], rounded(each), strict=True)][:LONGEST_SHOWN],
            "unknown": _unknown(model, word),
        }
        for word, part, near, each in zip(words, parts, closest, bits, strict=True)
    ]


def bits_of(model: LanguageModel, words: Sequence[str]) -> list[NDArray[np.float64]]:
    """Return the surprisal (bits) of each character of each word and of its end; an unknown one has 1/10,000."""
    known = [word for word in words if not _unknown(model, word)]
    found: dict[str, NDArray[np.float64]] = {}
    for first in range(0, len(known), WORDS_AT_ONCE):
        check_cancelled()
        block = known[first : first + WORDS_AT_ONCE]
        found.update(zip(block, surprisals(model, block), strict=True))
    for word in words:
        if word not in found:
            check_cancelled()
            found[word] = model.surprisal(word, unknown="reserve")
    return [found[word] / log(2) for word in words]


def _unknown(model: LanguageModel, word: str) -> str:
    return "".join(dict.fromkeys(character for character in word if character not in model.vocabulary.ids))


def nearest_each(words: Sequence[str], listed: Sequence[str]) -> Sequence[dict[str, Any] | None]:
    """Return for each word the nearest of the listed words by edit distance, None if there are none."""
    return [asdict(found) for found in nearest(words, listed)] if listed else [None] * len(words)
