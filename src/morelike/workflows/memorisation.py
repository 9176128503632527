"""Auditing a trained model: samples of it, and the list that it learned from, cut as it was."""

from __future__ import annotations

import numpy as np

from morelike.errors import SettingError
from morelike.evaluation import memorisation
from morelike.evaluation.memorisation import Audit
from morelike.language_model.model import LanguageModel
from morelike.runs.provenance import list_of
from morelike.runs.run_folder import RunFolder
from morelike.text.corpus import Corpus
from morelike.text.known_words import KnownWords
from morelike.text.splits import SPLIT_RULES, split

__all__ = ["audit"]

SHORTEST_LIMIT = 100
"""Characters that a sample may have, where words of twice the longest in the list are shorter than that."""


def audit(model: LanguageModel, listed: Corpus | None, run: RunFolder | None, *, count: int, seed: int) -> Audit:
    """Return what a model of words knows by heart, of `listed` or of the list that its run names.

    Raises:
        SettingError: a model of running text, no samples, another list than the model's, or none that can be found.
        RunError: the run's list has changed since.
        SamplingError: the model makes words without end.
    """
    if model.form != "lines":
        raise SettingError("a model of running text makes no words: there is none that it could know by heart")
    if count < 1:
        raise SettingError(f"count = {count}: an audit takes one sample or more")
    corpus = listed or list_of(model, run)
    splits = split(corpus.words, str(model.facts.get("split") or next(iter(SPLIT_RULES))))
    if not model.known.equals(KnownWords.of(splits)):
        raise SettingError(
            f"the model learned from another list, or another split of it than '{splits.name}': give the list that it "
            "learned from"
        )
    longest = max(SHORTEST_LIMIT, 2 * max(map(len, corpus.words)))
    samples = model.sample(count, novel=False, unique=False, max_length=longest, seed=seed)
    empty = np.log1p(-model.next("")[""])  # no sample is the empty word, so the others share what it would have
    return memorisation.audit(samples, splits, lambda words: model.log_probability(words) - empty)
