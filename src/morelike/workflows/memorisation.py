"""An audit of a trained model: how much of its list has it memorised?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from morelike.errors import SettingError
from morelike.evaluation import memorisation
from morelike.evaluation.memorisation import Audit, LogProbability
from morelike.language_model.model import LanguageModel
from morelike.runs.provenance import list_of
from morelike.runs.run_folder import RunFolder
from morelike.text.corpus import Corpus
from morelike.text.known_words import KnownWords
from morelike.text.splits import SPLIT_RULES, split_cleaned

SHORTEST_LIMIT = 100
"""A sample may have this many characters, or twice as many as the longest word of the list if that is more."""


def audit(model: LanguageModel, listed: Corpus | None, run: RunFolder | None, *, count: int, seed: int) -> Audit:
    """Return an audit of a model of words against its list: `listed`, or the list that its run names.

    Raises:
        SettingError: a model of running text, no samples, or a list that is missing or not the model's.
        RunError: the list has changed since the run.
        SamplingError: the model makes words without end.
    """
    if model.form != "lines":
        raise SettingError("an audit needs a model of words: this is a model of running text")
    if count < 1:
        raise SettingError(f"count = {count}: an audit takes one sample or more")
    corpus = listed or list_of(model, run)
    splits = split_cleaned(corpus.words, str(model.facts.get("split") or next(iter(SPLIT_RULES))))
    if not model.known.equals(KnownWords.of(splits)):
        raise SettingError(
            f"the model learned from another list, or another split of it than '{splits.name}': give the model's "
            "own list"
        )
    samples = unfiltered_samples(model, corpus.words, count, seed)
    return memorisation.audit(samples, splits, sample_log_probability(model))


def unfiltered_samples(model: LanguageModel, listed: Sequence[str], count: int, seed: int) -> list[str]:
    """Return samples of a model of words, copied and repeated ones too, up to twice as long as a listed word.

    Raises:
        SamplingError: the model makes words without end.
    """
    longest = max(SHORTEST_LIMIT, 2 * max(map(len, listed)))
    return model.sample(count, novel=False, unique=False, max_length=longest, seed=seed)


def sample_log_probability(model: LanguageModel) -> LogProbability:
    """Return a function from words to the ln p of each as a sample (nats)."""
    empty = np.log1p(-model.next("")[""])  # the empty word is never a sample: the other words share its probability
    return lambda words: model.log_probability(words) - empty
