"""Calibration of a trained model: its scores of held-out real words, against which other scores are compared."""

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
from morelike.runs.run_folder import RunFolder
from morelike.text.known_words import KnownWords
from morelike.text.splits import SPLIT_RULES, split_cleaned
from morelike.text.words import Words, check_list


def calibrate(
    model: LanguageModel | str | Path = "latest", words: Words | None = None, *, out: str | Path = "runs"
) -> Calibration:
    """Return the distribution of a model's scores of real words that it did not learn from.

    These are the words of the dev split of its list, each once, without the words that are also in train. Needs NumPy
    only.

    Args:
        model: a run, a model folder, `"latest"` for the newest run in `out`, or a loaded model.
        words: the model's list, or other real words; of other words, those in no split of the model's list are used.
            By default the list that the run or the model card names.

    Raises:
        SettingError: a model of running text, an unknown list and no `words`, or no held-out words.
        RunError: the list has changed since the run.
        VocabularyError: `words` has characters that the model does not know.

    >>> import morelike
    >>> words = ["anna", "hanna", "anne", "hannah", "nan", "hen", "ann", "nanna", "hanne", "ahn"]
    >>> usual = calibrate(morelike.train(words, kind="ngram", order=3), words)
    >>> usual.lengths.tolist(), usual.surprisals.shape
    ([4], (5,))
    """
    loaded = _model_that_was_measured(open_model(model, out), run_of(model, out))
    if loaded.form != "lines":
        raise SettingError("percentiles need a model of words: this is a model of running text")
    given = list_of(loaded, run_of(model, out)).words if words is None else words
    held_out = _held_out(loaded, check_list(given).words)
    lines = loaded.vocabulary.encode_lines(held_out)
    with one_thread():
        surprisals = character_losses(*loaded.prepared, lines) / np.log(2)
    return Calibration(lines.lengths - 1, np.add.reduceat(surprisals, lines.offsets[:-1]) / lines.lengths, surprisals)


def _model_that_was_measured(model: LanguageModel, run: RunFolder | None) -> LanguageModel:
    """Return the model before its refit, which has not seen the held-out words, if its run keeps it; else the model."""
    return LanguageModel.load(run.judged) if model.facts.get("refit") and run and run.judged.exists() else model


def _held_out(model: LanguageModel, words: Sequence[str]) -> list[str]:
    """Return the distinct words of dev that are not in train; of another list, the words in no split of the model's."""
    splits = split_cleaned(words, str(model.facts.get("split") or next(iter(SPLIT_RULES))))
    if model.known.equals(KnownWords.of(splits)):
        if model.facts.get("refit"):
            raise SettingError(
                "the model learned from all words of its list in a refit, so there are none to compare with: give "
                "other real words as the list, or train with refit=False"
            )
        train = set(splits.train)
        found = [word for word in dict.fromkeys(splits.dev) if word not in train]
        if not found:
            raise SettingError(
                "no words of its list were held out when the model was trained, so there are none to compare with: "
                "give other real words as the list"
            )
        return found
    found = [word for word in dict.fromkeys(words) if model.known.split_of(word) == "new"]
    if not found:
        raise SettingError(
            "none of these words is new to the model, and they are not its full list: give the full list, or other "
            "real words"
        )
    return found
