"""Calibrating a trained model: its scores of real words that were held out, found again by where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from morelike.errors import SettingError
from morelike.evaluation.calibration import Calibration
from morelike.evaluation.loss import character_losses
from morelike.language_model.model import LanguageModel
from morelike.language_model.threads import one_thread
from morelike.runs.lookup import open_model, run_of
from morelike.runs.provenance import list_of
from morelike.text.known_words import KnownWords
from morelike.text.splits import SPLIT_RULES, split
from morelike.text.words import clean

__all__ = ["calibrate"]


def calibrate(
    model: LanguageModel | str | Path = "latest", words: Sequence[str] | None = None, *, out: str | Path = "runs"
) -> Calibration:
    """Return what is usual among real words that a model has not learned from: the dev part of its list.

    Words of dev that are in train as well are left out, and none counts twice.

    Args:
        model: a run, a model folder or `"latest"` of the runs in `out`; or a model at hand. NumPy alone is needed.
        words: the list that it learned from, by default found by what its run or its card names; or other real words:
            of these those that are in no part of its list are taken.

    Raises:
        SettingError: a model of running text, a list that is not known and not given, or no held-out words.
        RunError: the run's list has changed.
        VocabularyError: given words with characters that the model does not know.

    >>> import morelike
    >>> words = ["anna", "hanna", "anne", "hannah", "nan", "hen", "ann", "nanna", "hanne", "ahn"]
    >>> usual = calibrate(morelike.train(words, kind="ngram", order=3), words)
    >>> usual.lengths.tolist(), usual.surprisals.shape
    ([4], (5,))
    """
    loaded = open_model(model, out)
    if loaded.form != "lines":
        raise SettingError("a model of running text has no words to compare with: percentiles are for models of words")
    if words is None:
        words = list_of(loaded, run_of(model, out)).words
    held_out = _held_out(loaded, [clean(word) for word in words])
    lines = loaded.vocabulary.encode_lines(held_out)
    with one_thread():
        surprisals = character_losses(*loaded.prepared, lines) / np.log(2)
    return Calibration(lines.lengths - 1, np.add.reduceat(surprisals, lines.offsets[:-1]) / lines.lengths, surprisals)


def _held_out(model: LanguageModel, words: Sequence[str]) -> list[str]:
    """Return the distinct words of dev that are not in train, or, of another list, those that are in no part."""
    splits = split(words, str(model.facts.get("split") or next(iter(SPLIT_RULES))))
    if model.known.equals(KnownWords.of(splits)):
        train = set(splits.train)
        found = [word for word in dict.fromkeys(splits.dev) if word and word not in train]
        if not found:
            raise SettingError(
                "nothing of its list was held out when the model was trained, so nothing says what is usual: give "
                "other real words as the list"
            )
        return found
    found = [word for word in dict.fromkeys(words) if word and model.known.split_of(word) == "new"]
    if not found:
        raise SettingError(
            "none of these words is new to the model, and they are not the whole list that it learned from: give that "
            "list, or other real words"
        )
    return found
