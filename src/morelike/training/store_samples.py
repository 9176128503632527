"""What a run on a store is judged on: dev and test whole; of the rest a fixed sample, and it says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from morelike.text.corpus import Corpus
from morelike.text.count_weights import Counts
from morelike.text.splits import Split
from morelike.text.stored_words import evenly_spaced
from morelike.text.vocabulary import TokenLines

__all__ = ["LOOKED_AT", "Judged", "judged", "sample_of"]

LOOKED_AT = 10_000
"""Lines of dev that are looked at while a model is trained, always the same ones."""
JUDGED = 20_000
"""Lines of train whose loss is told."""
COUNTED = 100_000
"""Lines of train that the n-gram beside the model is counted on: all its n-grams of all lines would not fit memory."""
SHOWN = 10_000
"""Lines of a list that pictures and diagnoses are drawn from."""


class Judged(NamedTuple):
    """The parts to judge on, the lines to count the baseline on, and what to say of it."""

    parts: Split
    train: TokenLines
    dev: TokenLines
    notes: list[str]


def judged(parts: Split, train: TokenLines, dev: TokenLines) -> Judged:
    """Return what a model is judged on and its baseline counted on: of a list in memory all of it."""
    if not train.mapped:
        return Judged(parts, train, dev, [])
    notes = []
    if len(train) > JUDGED:
        notes.append(f"the loss on train is that of {JUDGED:,} of its {len(train):,} lines, evenly spaced")
    if len(train) > COUNTED:
        notes.append(f"the n-gram beside the model is counted on {COUNTED:,} lines of train")
    if len(dev) > LOOKED_AT:
        notes.append(f"in training {LOOKED_AT:,} of {len(dev):,} dev lines are looked at; the losses here are of all")
    some = evenly_spaced(len(train), JUDGED)
    counts = dict(parts.counts)
    if "train" in counts:
        counts["train"] = [int(counts["train"][i]) for i in some]
    parts = replace(parts, train=_at(parts.train, some.tolist()), counts=counts)
    counted, weighed_by = (
        lines.take(evenly_spaced(len(lines), most)) for lines, most in ((train, COUNTED), (dev, LOOKED_AT))
    )
    return Judged(parts, counted, weighed_by, notes)


def sample_of(corpus: Corpus) -> Corpus:
    """Return a list in memory: of a stored list up to 10,000 lines, evenly spaced, of another the list itself."""
    if corpus.store is None:
        return corpus
    some = evenly_spaced(len(corpus.words), SHOWN).tolist()
    counts: Counts | None = None if corpus.counts is None else [int(corpus.counts[i]) for i in some]
    return replace(corpus, words=_at(corpus.words, some), counts=counts, store=None)


def _at(words: Sequence[str], places: Sequence[int]) -> list[str]:
    return [words[i] for i in places]
