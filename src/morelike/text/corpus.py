"""A list of words with its name, its counts and its labels, in memory or in a store on disk."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from morelike.display import Summarized, Summary
from morelike.errors import ListError
from morelike.text.count_weights import Counts
from morelike.text.formats.options import DEFAULTS, ReadingOptions
from morelike.text.splits import EXAMPLE, EXAMPLES, Split
from morelike.text.vocabulary import Vocabulary
from morelike.text.words import MIN_TEXT_LENGTH, Form, WordCounts, WordLabels, Words, check_list, fingerprint


class StoredList(ABC):
    """The interface of a store, as a corpus uses it; `path` is its folder."""

    path: Path
    vocabulary: Vocabulary

    @property
    @abstractmethod
    def split(self) -> Split:
        """The split into train, dev and test that was made when the store was built."""

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """SHA-256 of the words in their order, in hexadecimal."""

    @property
    @abstractmethod
    def counts_fingerprint(self) -> str | None:
        """SHA-256 of the counts in their order, or None if there are no counts."""

    @abstractmethod
    def verify(self) -> None:
        """Check every file against its SHA-256."""

    @abstractmethod
    def longer_than(self, characters: int) -> int:
        """Return how many lines are longer than this; a line's end counts as one character."""


@dataclass(frozen=True, repr=False)
class Corpus(Summarized):
    """A list of cleaned words. A running text is a list of one word.

    Attributes:
        name: the name of the list.
        words: the words; those of a store are read on access.
        counts: the count of each word, or None if the list has no counts.
        blank: the number of blank lines that were dropped.
        form: whether this is a list or a running text.
        labels: the label of each word, `""` for none; None if the list has no labels.
        store: the store that holds the words, or None if they are in memory.
        reading: how the list was read from its source.
        trimmed: the number of words that had white space at their ends.
        zero_count: the place of the first count that is 0, `""` if there is none.
    """

    name: str
    words: Sequence[str]
    counts: Counts | None = None
    blank: int = 0
    form: Form = "lines"
    labels: list[str] | None = None
    store: StoredList | None = None
    reading: ReadingOptions = DEFAULTS
    trimmed: int = 0
    zero_count: str = ""

    def _summary(self) -> Summary:
        size = {"characters": len(self.words[0])} if self.form == "text" else {"lines": len(self.words)}
        labels = len({*self.labels} - {""}) if self.labels is not None else None
        facts = {"name": self.name, "form": self.form, **size, "labels": labels}
        first = ", ".join(f"{word:.{EXAMPLE}}" for word in self.words[:EXAMPLES])
        details = {
            "counted": self.counts is not None or None,
            "blank lines left out": self.blank or None,
            "store": self.store.path if self.store else None,
            "first words" if self.form == "lines" else "beginning": first,
        }
        return Summary(facts, details)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the words in their order, in hexadecimal."""
        return self.store.fingerprint if self.store else fingerprint(self.words)

    @property
    def counts_fingerprint(self) -> str | None:
        """SHA-256 of the counts in their order, or None if there are no counts."""
        if self.store:
            return self.store.counts_fingerprint
        return None if self.counts is None else fingerprint(map(str, self.counts))

    @property
    def labels_fingerprint(self) -> str | None:
        """SHA-256 of the labels in their order, or None if there are no labels."""
        return None if self.labels is None else fingerprint(self.labels)

    @property
    def facts(self) -> dict[str, Any]:
        """The facts by which a run folder identifies its list."""
        counted = {} if self.counts is None else {"counts_sha256": self.counts_fingerprint}
        labelled = {} if self.labels is None else {"labels_sha256": self.labels_fingerprint}
        return {"sha256": self.fingerprint, "lines": len(self.words), **counted, **labelled}


def corpus_of(
    name: str,
    words: Words,
    form: Form,
    counts: WordCounts | None = None,
    labels: WordLabels | None = None,
) -> Corpus:
    """Return a corpus of words in memory, cleaned as the words of a file.

    Raises:
        ListError: there are no words, a word is not one line, or the counts or the labels do not fit the words.

    >>> corpus_of("names", ["emma ", "", "ava"], "lines", [3, 1, 2]).counts
    [3, 2]
    """
    if form == "lines" and isinstance(words, str):
        raise ListError("the words came as one string: give a list of words, or form='text' for running text")
    columns = check_list(words, counts, labels, form)
    if form == "text":
        text = "\n".join(columns.words)
        if len(text.strip()) < MIN_TEXT_LENGTH:
            raise ListError("the text is empty: give it some, so that one character follows another")
        return Corpus(name, [text], form="text")
    if not columns.words:
        raise ListError("the list is empty: give at least one word")
    labelled = columns.labels if any(columns.labels or ()) else None
    return Corpus(name, columns.words, columns.counts, columns.blank, labels=labelled, zero_count=columns.zero_count)
