"""Samples of a model for the report: new words with their nearest neighbours, and unfiltered samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from morelike.errors import SamplingError
from morelike.evaluation.nearest import Neighbour, nearest
from morelike.language_model.model import LanguageModel

UNFILTERED_SAMPLES = 1000
MOST_NUMBERS = 400_000
"""Unfiltered samples times symbols. A large alphabet gets fewer samples, so that the report stays fast."""
SHOWN_PER_SPLIT = 12
NEW_WORDS = 20


@dataclass(frozen=True)
class NewWord:
    """A new word with its bits per character and its nearest word in train, None if train is not known."""

    word: str
    bits: float
    neighbour: Neighbour | None = None


@dataclass(frozen=True)
class SampleSummary:
    """New words, and a summary of unfiltered samples.

    `counts` holds the number of samples that are new, or in a split; `in_list` some of them by split; `lengths` the
    number of samples by length.
    """

    new: list[NewWord]
    counts: Counter[str]
    in_list: dict[str, list[str]]
    lengths: Counter[int]

    @property
    def total(self) -> int:
        """The number of unfiltered samples."""
        return self.counts.total()


def sample_new_words(model: LanguageModel, count: int = NEW_WORDS) -> list[str]:
    """Return new words, fewer if the model cannot make as many."""
    try:
        return model.sample(count)
    except SamplingError as error:
        return error.found


def summarize_samples(model: LanguageModel, new: Sequence[str], train: Sequence[str] | None) -> SampleSummary:
    """Return the summary of a model's samples. `train` holds the words among which the nearest ones are searched."""
    try:
        count = min(UNFILTERED_SAMPLES, 1 + MOST_NUMBERS // model.vocabulary.size)
        samples = model.sample(count, novel=False, unique=False)
    except SamplingError as error:
        samples = error.found
    counts: Counter[str] = Counter()
    in_list: dict[str, list[str]] = {"train": [], "dev": [], "test": []}
    for word in samples:
        split = model.known.split_of(word)
        counts[split] += 1
        if split != "new" and len(in_list[split]) < SHOWN_PER_SPLIT and word not in in_list[split]:
            in_list[split].append(word)
    neighbours: Sequence[Neighbour | None] = nearest(new, train) if train else [None] * len(new)
    nats, lengths = model.losses(new) if new else (np.zeros(0), np.zeros(0))
    bits = (nats / np.maximum(lengths, 1) / log(2)).tolist()
    return SampleSummary(
        new=[NewWord(*values) for values in zip(new, bits, neighbours, strict=True)],
        counts=counts,
        in_list={split: words for split, words in in_list.items() if words},
        lengths=Counter(map(len, samples)),
    )
