"""Splitting a list or a running text into train, dev and test by a named rule."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.display import Summarized, Summary
from morelike.errors import SettingError, excerpt
from morelike.text.count_weights import Counts
from morelike.text.words import MIN_TEXT_LENGTH, WordCounts, WordLabels, Words, check_list

SPLIT_NAMES = ("train", "dev", "test")
TEXT_SPLIT_RULES = ("contiguous", "none")

EXAMPLES, EXAMPLE = 5, 40
"""The words of each split that a notebook shows, and their greatest length in characters."""
MIN_LINES = 10
"""A shorter list is not split, because a tenth of it is less than one line."""

SplitIndices: TypeAlias = tuple[Sequence[int], Sequence[int], Sequence[int]]
"""The indices of the lines of train, dev and test."""

Rule: TypeAlias = Callable[[Sequence[str]], SplitIndices]


@dataclass(frozen=True)
class Leaks:
    """The number of lines of dev, and of test, that are also in train."""

    dev: int
    test: int


@dataclass(frozen=True, repr=False)
class Split(Summarized):
    """A list in three splits: train, dev and test.

    Attributes:
        name: the name of the rule.
        train: the words to learn from.
        dev: the words to choose settings by.
        test: the words to evaluate on.
        note: why the list was not split, if the rule could not be followed; else `""`.
        counts: the counts of the words by split, if the list has counts.
        labels: the labels of the words by split, if the list has labels.
        counted_leaks: the leaks, if they are known without counting, as for a store.
    """

    name: str
    train: Sequence[str]
    dev: Sequence[str]
    test: Sequence[str]
    note: str = ""
    counts: Mapping[str, Counts] = field(default_factory=dict)
    labels: Mapping[str, list[str]] = field(default_factory=dict)
    counted_leaks: Leaks | None = None

    def _summary(self) -> Summary:
        sizes = {name: len(words) for name, words in self.parts.items()}
        details = {"leaks into dev": self.leaks.dev, "leaks into test": self.leaks.test} if len(sizes) > 1 else {}
        examples = [(name, *(f"{word:.{EXAMPLE}}" for word in words[:EXAMPLES])) for name, words in self.parts.items()]
        return Summary({"name": self.name, **sizes}, {**details, "note": self.note or None}, rows=examples)

    @property
    def leaks(self) -> Leaks:
        """The number of lines of dev and test that are also in train. A model may have memorised these lines."""
        if self.counted_leaks is not None:
            return self.counted_leaks
        train = set(self.train)
        return Leaks(dev=sum(w in train for w in self.dev), test=sum(w in train for w in self.test))

    @property
    def parts(self) -> dict[str, Sequence[str]]:
        """The splits that are not empty, by name."""
        splits = {"train": self.train, "dev": self.dev, "test": self.test}
        return {name: words for name, words in splits.items() if words}


def split(
    words: Words,
    name: str = "shuffle-42",
    counts: WordCounts | None = None,
    labels: WordLabels | None = None,
) -> Split:
    """Return words split into train, dev and test by the rule of this name, as `morelike.train` splits them.

    The words are cleaned and blank words are dropped before they are split.

    - `shuffle-42`, or another seed, shuffles as Python's `random` does and cuts at 80 and 90 per cent. The published
      experiments use `shuffle-42`.
    - `hash` chooses the split of a line by a keyed hash, so equal lines are always in the same split.
    - `makemore` permutes the lines. The last 10 %, at most 1,000 lines, are test. As many lines before them are dev.
    - `none` puts all lines in train.
    - `first-5` puts the first five lines in train and leaves out the others.

    A list of fewer than 10 lines is not split: all lines are in train, and `note` says so. `counts` and `labels` follow
    their words and do not influence the split.

    Raises:
        ListError: one string, a value that is no text, or counts or labels that do not fit the words.
        SettingError: no rule has this name.

    >>> splits = split([f"word{i}" for i in range(100)], "shuffle-42")
    >>> len(splits.train), len(splits.dev), len(splits.test), splits.leaks
    (80, 10, 10, Leaks(dev=0, test=0))
    """
    columns = check_list(words, counts, labels)
    return split_cleaned(columns.words, name, columns.counts, columns.labels)


def split_cleaned(
    words: Sequence[str], name: str, counts: Counts | None = None, labels: Sequence[str] | None = None
) -> Split:
    """Return the split of words that are cleaned, as those of a corpus are; see `split`."""
    indices, note = find_rule(name)(words), ""
    holds_out = name != "none" and first_lines(name) is None
    if holds_out and (note := fallback_note(name, [len(each) for each in indices])):
        indices = range(len(words)), [], []
    train, dev, test = ([words[i] for i in each] for each in indices)
    return Split(name, train, dev, test, note, _by_split(counts, indices, note), _by_split(labels, indices, note))


def fallback_note(name: str, sizes: Sequence[int]) -> str:
    """Return the note on why a list is not split; `""` if it is split into these sizes by the rule.

    >>> fallback_note("hash", [80, 10, 10])
    ''
    """
    if sum(sizes) < MIN_LINES:
        subject = "1 line is" if sum(sizes) == 1 else f"{sum(sizes)} lines are"
        return _note(f"{subject} too few to hold any out")
    return "" if all(sizes) else _note(f"the split '{name}' leaves train, dev or test empty")


def _note(reason: str) -> str:
    return f"{reason}: all are used for training, so there is no score on words the model has not seen"


def _by_split(values: Counts | Sequence[str] | None, indices: SplitIndices, note: str) -> dict[str, list[Any]]:
    """Return the counts or the labels of each split, or those of train alone if the list was not split."""
    if values is None:
        return {}
    named = zip(SPLIT_NAMES, indices, strict=True)
    return {name: [values[i] for i in each] for name, each in named if name == "train" or not note}


def split_text(text: str, name: str = "contiguous") -> Split:
    """Return a running text split into train, dev and test; each is one piece of the text.

    `contiguous` cuts at 80 and 90 per cent of the characters. `none` puts the whole text in train.

    Raises:
        SettingError: no rule for running texts has this name.

    >>> splits = split_text("abcdefghij" * 10)
    >>> len(splits.train[0]), len(splits.dev[0]), len(splits.test[0])
    (80, 10, 10)
    """
    if name not in TEXT_SPLIT_RULES:
        raise SettingError(
            f"a running text is not split by {excerpt(name)}: choose among {', '.join(TEXT_SPLIT_RULES)}"
        )
    if name == "none":
        return Split(name, [text], [], [])
    first, second = int(0.8 * len(text)), int(0.9 * len(text))
    train, dev, test = text[:first], text[first:second], text[second:]
    if min(len(train), len(dev), len(test)) < MIN_TEXT_LENGTH:
        return Split(name, [text], [], [], _note(f"{len(text)} characters are too few to hold any out"))
    return Split(name, [train], [dev], [test])


def hash_splits(words: Iterable[str]) -> Int[NDArray[Any], " words"]:
    """Return the split of each word by the rule `hash`: uint8, 0 for train, 1 for dev and 2 for test.

    >>> hash_splits(["emma", "ava", "emma", "anna"]).tolist()
    [2, 0, 2, 1]
    """
    position = np.frombuffer(b"".join([_digest(word) for word in words]), dtype=">u8").astype(np.float64) / 2**64
    return (position >= 0.8).astype(np.uint8) + (position >= 0.9)


KEYED_HASH = hashlib.blake2b(digest_size=8, key=b"morelike split")


def _digest(word: str) -> bytes:
    digest = KEYED_HASH.copy()  # takes half the time of a new hash with this key
    digest.update(word.encode())
    return digest.digest()


def _hash(words: Sequence[str]) -> SplitIndices:
    splits = hash_splits(words)
    train, dev, test = (np.flatnonzero(splits == index).tolist() for index in range(3))
    return train, dev, test


def _shuffle(seed: int) -> Rule:
    def shuffled(words: Sequence[str]) -> SplitIndices:
        order = list(range(len(words)))
        random.Random(seed).shuffle(order)
        return _cut(order, int(0.8 * len(order)), int(0.9 * len(order)))

    return shuffled


def _makemore(words: Sequence[str]) -> SplitIndices:
    held_out = min(1000, int(0.1 * len(words)))
    order = np.random.default_rng(3407).permutation(len(words)).tolist()
    return _cut(order, len(order) - 2 * held_out, len(order) - held_out)


def _cut(order: list[int], first: int, second: int) -> SplitIndices:
    return order[:first], order[first:second], order[second:]


def first_lines(name: str) -> int | None:
    """Return how many lines the rule of this name takes, None if it uses the whole list.

    >>> first_lines("first-5"), first_lines("hash")
    (5, None)
    """
    first = re.fullmatch(r"first-([1-9]\d{0,8})", name)
    return int(first[1]) if first else None


def _first(count: int) -> Rule:
    return lambda words: (range(min(count, len(words))), [], [])


SPLIT_RULES: dict[str, Rule] = {
    "shuffle-42": _shuffle(42),
    "hash": _hash,
    "makemore": _makemore,
    "none": lambda words: (range(len(words)), [], []),
}
"""The named rules; `find_rule` also finds `shuffle-N` and `first-N` for other N."""


def find_rule(name: str) -> Rule:
    """Return the rule of this name: a function from words to the indices of train, dev and test.

    Raises:
        SettingError: no rule has this name.
    """
    if name in SPLIT_RULES:
        return SPLIT_RULES[name]
    if (first := first_lines(name)) is not None:
        return _first(first)
    if seed := re.fullmatch(r"shuffle-(\d{1,9})", name):
        return _shuffle(int(seed[1]))
    raise SettingError(
        f"no split is called {excerpt(name)}: choose among {', '.join(SPLIT_RULES)}, shuffle-N with another seed N, or "
        "first-N"
    )
