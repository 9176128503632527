"""Cutting a list into train, dev and test by a named rule, and saying what leaks from one part into another."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.errors import SettingError
from morelike.text.count_weights import Counts
from morelike.text.words import SHORTEST_TEXT

__all__ = ["SPLITS", "TEXT_SPLITS", "Leaks", "Split", "hashed_parts", "rule", "split", "split_text", "unsplit_note"]

FEWEST_TO_SPLIT = 10
"""Below this many lines a tenth of the list is less than one line: nothing is held out."""

TEXT_SPLITS = ("contiguous", "none")

SplitIndices = tuple[list[int], list[int], list[int]]


@dataclass(frozen=True)
class Leaks:
    """How many lines of dev and of test stand in train as well, letter for letter."""

    dev: int
    test: int


@dataclass(frozen=True)
class Split:
    """A list in three parts; `note` says in a sentence what was done instead when the rule could not be kept.

    `counts` and `labels` hold those of each part's words, by its name, where the list has any. `counted_leaks` are
    those of parts that know them without looking, as the parts of a store do.
    """

    name: str
    train: Sequence[str]
    dev: Sequence[str]
    test: Sequence[str]
    note: str = ""
    counts: Mapping[str, Counts] = field(default_factory=dict)
    labels: Mapping[str, list[str]] = field(default_factory=dict)
    counted_leaks: Leaks | None = None

    @property
    def leaks(self) -> Leaks:
        """Lines of dev and test that are also in train: a model may know these by heart."""
        if self.counted_leaks is not None:
            return self.counted_leaks
        train = set(self.train)
        return Leaks(dev=sum(w in train for w in self.dev), test=sum(w in train for w in self.test))

    @property
    def parts(self) -> dict[str, Sequence[str]]:
        """The parts that hold something, by name."""
        parts = {"train": self.train, "dev": self.dev, "test": self.test}
        return {name: words for name, words in parts.items() if words}


def split(
    words: Sequence[str],
    name: str = "shuffle-42",
    counts: Counts | None = None,
    labels: Sequence[str] | None = None,
) -> Split:
    """Return words cut into train, dev and test by the rule of this name.

    `shuffle-42` (or another seed) shuffles as Python's `random` does and cuts at 80 and 90 per cent: the split of the
    published experiments. `hash` decides by a keyed hash of the line, so that a line always lands in the same part,
    its duplicates with it. `makemore` holds out the last 10 %, at most 1,000, of a permutation as test, and as many
    before them as dev. `none` holds out nothing; `first-5` takes the first five lines for train, and no others.

    A list of fewer than 10 lines is not cut: all of it is in train, and `note` says so. `counts` and
    `labels` go with their words and decide nothing.

    Raises:
        SettingError: no rule has this name.

    >>> parts = split([f"word{i}" for i in range(100)], "shuffle-42")
    >>> len(parts.train), len(parts.dev), len(parts.test), parts.leaks
    (80, 10, 10, Leaks(dev=0, test=0))
    """
    cut = rule(name)
    note = ""
    if name == "none" or name.startswith("first-"):
        parts: SplitIndices = (cut(words)[0], [], [])
    else:
        parts = cut(words)
        if note := unsplit_note(name, [len(part) for part in parts]):
            parts = list(range(len(words))), [], []
    train, dev, test = ([words[i] for i in part] for part in parts)
    return Split(name, train, dev, test, note, _by_part(counts, parts, note), _by_part(labels, parts, note))


def unsplit_note(name: str, sizes: Sequence[int]) -> str:
    """Return why lines that the rule cuts into parts of these sizes are not cut, empty if they are.

    >>> unsplit_note("hash", [80, 10, 10])
    ''
    """
    if sum(sizes) < FEWEST_TO_SPLIT:
        reason = f"{sum(sizes)} line{'s' if sum(sizes) != 1 else ''} are too few to hold any out"
    elif not all(sizes):
        reason = f"the split '{name}' leaves a part of this list empty"
    else:
        return ""
    return _note(reason)


def _by_part(values: Counts | Sequence[str] | None, parts: SplitIndices, note: str) -> dict[str, list[Any]]:
    """Return what stands beside the words, part by part; of a list that could not be cut its train part alone."""
    if values is None:
        return {}
    named = zip(("train", "dev", "test"), parts, strict=True)
    return {part: [values[i] for i in indices] for part, indices in named if part == "train" or not note}


def split_text(text: str, name: str = "contiguous") -> Split:
    """Return a running text cut into train, dev and test, each of one piece.

    `contiguous` cuts at 80 and 90 per cent of the characters; `none` holds out nothing.

    Raises:
        SettingError: a rule for lists, or none at all.

    >>> parts = split_text("abcdefghij" * 10)
    >>> [len(part[0]) for part in (parts.train, parts.dev, parts.test)]
    [80, 10, 10]
    """
    if name not in TEXT_SPLITS:
        raise SettingError(f"a running text is not split by '{name}': choose among {', '.join(TEXT_SPLITS)}")
    if name == "none":
        return Split(name, [text], [], [])
    first, second = int(0.8 * len(text)), int(0.9 * len(text))
    train, dev, test = text[:first], text[first:second], text[second:]
    if min(len(train), len(dev), len(test)) < SHORTEST_TEXT:
        return Split(name, [text], [], [], _note(f"{len(text)} characters are too few to hold any out"))
    return Split(name, [train], [dev], [test])


def _note(reason: str) -> str:
    reason = reason.replace("1 line are", "1 line is")
    return f"{reason}: all are used for training, so there is no score on words the model has not seen"


def _first(count: int) -> Callable[[Sequence[str]], SplitIndices]:
    return lambda words: (list(range(min(count, len(words)))), [], [])


def _shuffle(seed: int) -> Callable[[Sequence[str]], SplitIndices]:
    def shuffled(words: Sequence[str]) -> SplitIndices:
        order = list(range(len(words)))
        random.Random(seed).shuffle(order)
        return _cut(order, int(0.8 * len(order)), int(0.9 * len(order)))

    return shuffled


def hashed_parts(words: Iterable[str]) -> Int[NDArray[Any], " words"]:
    """Return for each word the part that the split `hash` puts it in: uint8, 0 for train, 1 for dev, 2 for test.

    >>> hashed_parts(["emma", "ava", "emma", "anna"]).tolist()
    [2, 0, 2, 1]
    """
    position = np.frombuffer(b"".join([_digest(word) for word in words]), dtype=">u8").astype(np.float64) / 2**64
    return (position >= 0.8).astype(np.uint8) + (position >= 0.9)


KEYED = hashlib.blake2b(digest_size=8, key=b"morelike split")


def _digest(word: str) -> bytes:
    hashed = KEYED.copy()  # half the time of taking in the key anew
    hashed.update(word.encode())
    return hashed.digest()


def _hash(words: Sequence[str]) -> SplitIndices:
    parts = hashed_parts(words)
    train, dev, test = (np.flatnonzero(parts == part).tolist() for part in range(3))
    return train, dev, test


def _makemore(words: Sequence[str]) -> SplitIndices:
    held_out = min(1000, int(0.1 * len(words)))
    order = np.random.default_rng(3407).permutation(len(words)).tolist()
    return _cut(order, len(order) - 2 * held_out, len(order) - held_out)


def _cut(order: list[int], first: int, second: int) -> SplitIndices:
    return order[:first], order[first:second], order[second:]


SPLITS: dict[str, Callable[[Sequence[str]], SplitIndices]] = {
    "shuffle-42": _shuffle(42),
    "hash": _hash,
    "makemore": _makemore,
    "none": lambda words: (list(range(len(words))), [], []),
}
"""The named rules; `shuffle-N` stands for any seed."""


def rule(name: str) -> Callable[[Sequence[str]], SplitIndices]:
    """Return the rule of this name, from words to the indices of train, dev and test.

    Raises:
        SettingError: there is none.
    """
    if name in SPLITS:
        return SPLITS[name]
    if first := re.fullmatch(r"first-([1-9]\d{0,8})", name):
        return _first(int(first[1]))
    if seed := re.fullmatch(r"shuffle-(\d{1,9})", name):
        return _shuffle(int(seed[1]))
    raise SettingError(
        f"no split is called '{name}': choose among {', '.join(SPLITS)} (or shuffle-N with another seed, or first-N)"
    )
