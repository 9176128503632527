"""Samples of a stored list: the parts of its evaluation that use all lines, and the parts that use evenly spaced ones.

A list in memory is used as a whole everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from morelike.text.corpus import Corpus
from morelike.text.count_weights import Counts
from morelike.text.splits import Split
from morelike.text.stored_words import evenly_spaced
from morelike.text.vocabulary import TokenLines

DEV_LINES = 10_000
"""Lines of dev that are evaluated during training, always the same ones."""
TRAIN_LINES = 20_000
"""Lines of train whose loss is reported."""
BASELINE_LINES = 100_000
"""Lines of train on which the baseline n-gram is counted: the n-grams of all lines would not fit in memory."""
SHOWN_LINES = 10_000
"""Lines of a list that pictures and diagnoses use."""


class EvaluationParts(NamedTuple):
    """The splits to evaluate a model on, the lines to count the baseline on, and notes about samples."""

    splits: Split
    train: TokenLines
    dev: TokenLines
    notes: list[str]


def evaluation_parts(splits: Split, train: TokenLines, dev: TokenLines) -> EvaluationParts:
    """Return the lines that a model and its baseline are evaluated on: dev and test as a whole, samples of train."""
    if not train.memory_mapped:
        return EvaluationParts(splits, train, dev, [])
    notes = []
    if len(train) > TRAIN_LINES:
        notes.append(f"the loss on train is that of {TRAIN_LINES:,} of its {len(train):,} lines, evenly spaced")
    if len(train) > BASELINE_LINES:
        notes.append(f"the n-gram baseline is counted on {BASELINE_LINES:,} lines of train")
    if len(dev) > DEV_LINES:
        notes.append(
            f"during training {DEV_LINES:,} of {len(dev):,} dev lines are evaluated; the losses here are of all lines"
        )
    lines = evenly_spaced(len(train), TRAIN_LINES)
    counts = dict(splits.counts)
    if "train" in counts:
        counts["train"] = [int(counts["train"][i]) for i in lines]
    splits = replace(splits, train=_words_at(splits.train, lines.tolist()), counts=counts)
    counted = train.take(evenly_spaced(len(train), BASELINE_LINES))
    return EvaluationParts(splits, counted, dev.take(evenly_spaced(len(dev), DEV_LINES)), notes)


def dev_sample(dev: TokenLines) -> TokenLines:
    """Return the dev lines that are evaluated during training: up to 10,000 of a stored list, all of another."""
    return dev.take(evenly_spaced(len(dev), DEV_LINES)) if dev.memory_mapped else dev


def in_memory(corpus: Corpus) -> Corpus:
    """Return a list in memory: up to 10,000 lines of a stored list, evenly spaced; another list as it is."""
    if corpus.store is None:
        return corpus
    lines = evenly_spaced(len(corpus.words), SHOWN_LINES).tolist()
    counts: Counts | None = None if corpus.counts is None else [int(corpus.counts[i]) for i in lines]
    return replace(corpus, words=_words_at(corpus.words, lines), counts=counts, store=None)


def _words_at(words: Sequence[str], indices: Sequence[int]) -> list[str]:
    return [words[i] for i in indices]
