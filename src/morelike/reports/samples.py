"""What a model writes, for the report: new words with their nearest neighbours, words as they come, and surprisals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float
from morelike.errors import SamplingError
from morelike.evaluation.nearest import Neighbour, nearest
from morelike.language_model.model import LanguageModel
from morelike.text.splits import Split
from morelike.text.words import clean

__all__ = ["Made", "Samples", "Spelled", "new_samples", "samples_of", "spelled_out"]

AS_THEY_COME = 1000
MOST_NUMBERS = 400_000
"""Words as they come times symbols: of a large alphabet fewer are drawn, so that the report keeps its time."""
SHOWN = 12
"""Words of each category."""
NEW = 20
JUDGED = 2000
"""Words among which the most surprising ones are looked for, so that a long list costs no more time."""
TYPICAL, SURPRISING, MADE = 3, 4, 3
WIDTH = 32
"""Characters of a running text in a row."""
ROWS = 8


@dataclass(frozen=True)
class Made:
    """A word that the model made: its bits per character, and its nearest word in train where that is known."""

    word: str
    bits: float
    neighbour: Neighbour | None = None


@dataclass(frozen=True)
class Samples:
    """New words; and of words drawn as they come how many stand where, some of each, and how long they are."""

    new: list[Made]
    counts: Counter[str]
    known: dict[str, list[str]]
    lengths: Counter[int]


@dataclass(frozen=True)
class Spelled:
    """A word's symbols (`""` is the end) with the surprisal of each (nats), and what word it is."""

    what: str
    word: str
    symbols: list[str] = field(repr=False)
    nats: Float[NDArray[Any], " T"] = field(repr=False)

    @property
    def bits(self) -> float:
        """Bits per character."""
        return float(np.mean(self.nats)) / log(2)


def new_samples(model: LanguageModel, count: int = NEW) -> list[str]:
    """Return new words, fewer where the model makes no more."""
    try:
        return model.sample(count)
    except SamplingError as error:
        return error.found


def samples_of(model: LanguageModel, new: Sequence[str], train: Sequence[str] | None) -> Samples:
    """Return what there is to say of a model's words; `train` gives the neighbours, where it is known."""
    try:
        count = min(AS_THEY_COME, 1 + MOST_NUMBERS // model.vocabulary.size)
        drawn = model.sample(count, novel=False, unique=False)
    except SamplingError as error:
        drawn = error.found
    counts: Counter[str] = Counter()
    known: dict[str, list[str]] = {"train": [], "dev": [], "test": []}
    for word in drawn:
        where = model.known.where(word)
        counts[where] += 1
        if where != "new" and len(known[where]) < SHOWN and word not in known[where]:
            known[where].append(word)
    neighbours: Sequence[Neighbour | None] = nearest(new, train) if train else [None] * len(new)
    nats, lengths = model.losses(new) if new else (np.zeros(0), np.zeros(0))
    bits = (nats / np.maximum(lengths, 1) / log(2)).tolist()
    made = [Made(*each) for each in zip(new, bits, neighbours, strict=True)]
    return Samples(made, counts, {part: words for part, words in known.items() if words}, Counter(map(len, drawn)))


def spelled_out(model: LanguageModel, parts: Split | None, new: Sequence[str]) -> list[Spelled]:
    """Return some words with the surprisal of each character: usual ones, the most surprising ones, and new ones.

    They come from the test part, or from train where nothing was held out. Of a running text it is the beginning of
    that part, cut in rows.
    """
    if model.form == "text":
        return _of_text(model, parts)
    chosen = [("New words", word) for word in new[:MADE]]
    if parts:
        part = "test" if parts.test else "train"
        chosen = [*_chosen(model, list(dict.fromkeys(getattr(parts, part)[:JUDGED])), part), *chosen]
    # Made words may end in white space, which is no part of a word where it is scored.
    return [Spelled(what, word, [*clean(word), ""], model.surprisal(word)) for what, word in chosen]


def _chosen(model: LanguageModel, words: Sequence[str], part: str) -> list[tuple[str, str]]:
    nats, lengths = model.losses(words)
    order = np.argsort(nats / lengths, kind="stable")
    usual = order[len(order) // 2 :][:TYPICAL]
    rest = order[len(order) // 2 + TYPICAL :]
    return [
        *((f"Usual words of {part}", words[i]) for i in usual),
        *((f"The most surprising words of {part}", words[i]) for i in rest[::-1][:SURPRISING]),
    ]


def _of_text(model: LanguageModel, parts: Split | None) -> list[Spelled]:
    if not parts:
        return []
    part = "test" if parts.test else "train"
    text = getattr(parts, part)[0][: WIDTH * ROWS + 1]
    nats, characters = model.surprisal(text), text[1:]
    return [
        Spelled(f"The beginning of {part}", characters[at : at + WIDTH], [*characters[at : at + WIDTH]], piece)
        for at in range(0, len(characters), WIDTH)
        if len(piece := nats[at : at + WIDTH])
    ]
