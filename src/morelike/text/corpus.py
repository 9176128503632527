"""A list of words with what is known of it: its name, counts, labels, and where it comes from."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from morelike.errors import ListError
from morelike.text.count_weights import Counts
from morelike.text.splits import Split
from morelike.text.vocabulary import Vocabulary
from morelike.text.words import SHORTEST_TEXT, Form, clean, fingerprint

__all__ = ["Corpus", "StoredList", "corpus_of"]


class StoredList(ABC):
    """What a corpus asks of the store that keeps its words on disk: its folder and its characters among it."""

    path: Path
    vocabulary: Vocabulary

    @property
    @abstractmethod
    def split(self) -> Split:
        """The three parts, as they were cut when the store was built."""

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """SHA-256 of the words in their order, in hexadecimal."""

    @property
    @abstractmethod
    def counts_fingerprint(self) -> str | None:
        """SHA-256 of the counts in their order, None if there are none."""

    @abstractmethod
    def verify(self) -> None:
        """Check every file against its SHA-256."""

    @abstractmethod
    def longer_than(self, characters: int) -> int:
        """Return how many lines have more characters than this, their ends counted."""


@dataclass(frozen=True)
class Corpus:
    """A cleaned list of words with what is known about where it came from; of a running text, the one text.

    `counts` and `labels` stand beside `words` when the file had the columns `word<TAB>count<TAB>label`, else they are
    None; a line without a label has `""`. `blank` is the number of blank lines that were dropped. `store` is where the
    words are read from as they are asked for, None if they are in memory.
    """

    name: str
    words: Sequence[str]
    counts: Counts | None = None
    blank: int = 0
    form: Form = "lines"
    labels: list[str] | None = None
    store: StoredList | None = None

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the words in their order, in hexadecimal."""
        return self.store.fingerprint if self.store else fingerprint(self.words)

    @property
    def counts_fingerprint(self) -> str | None:
        """SHA-256 of the counts in their order, None if there are none."""
        if self.store:
            return self.store.counts_fingerprint
        return None if self.counts is None else fingerprint(map(str, self.counts))

    @property
    def labels_fingerprint(self) -> str | None:
        """SHA-256 of the labels in their order, None if there are none."""
        return None if self.labels is None else fingerprint(self.labels)

    @property
    def facts(self) -> dict[str, Any]:
        """What a run folder keeps to know the list again."""
        counted = {} if self.counts is None else {"counts_sha256": self.counts_fingerprint}
        labelled = {} if self.labels is None else {"labels_sha256": self.labels_fingerprint}
        return {"sha256": self.fingerprint, "lines": len(self.words), **counted, **labelled}


def corpus_of(
    name: str,
    words: Sequence[str] | str,
    form: Form,
    counts: Sequence[int] | None = None,
    labels: Sequence[str | None] | None = None,
) -> Corpus:
    """Return words that a program has at hand, cleaned as those of a file, with their counts and labels, if any.

    Raises:
        ListError: no words, a word that is no line, or counts or labels that do not fit.

    >>> corpus_of("names", ["emma ", "", "ava"], "lines", [3, 1, 2]).counts
    [3, 2]
    """
    if counts is not None and (form == "text" or len(counts) != len(words)):
        raise ListError(f"{len(counts):,} counts do not fit {len(words):,} words: give one for each word of a list")
    if labels is not None and (form == "text" or len(labels) != len(words)):
        raise ListError(f"{len(labels):,} labels do not fit {len(words):,} words: give one for each word of a list")
    if form == "text":
        text = unicodedata.normalize("NFC", words if isinstance(words, str) else "\n".join(words))
        if len(text.strip()) < SHORTEST_TEXT:
            raise ListError("the text is empty: give it some, so that one character follows another")
        return Corpus(name, [text], form="text")
    if isinstance(words, str):
        raise ListError("the words came as one string: give a list of words, or form='text' for running text")
    cleaned = [word for word in map(clean, words) if word]
    if not cleaned:
        raise ListError("the list is empty: give at least one word")
    if broken := next((word for word in cleaned if "\n" in word or "\0" in word), None):
        raise ListError(f"{broken!r} holds a line end or a NUL: a word is one line of text")
    kept = [i for i, word in enumerate(words) if clean(word)]
    counted = None if counts is None else _checked_counts([counts[i] for i in kept])
    labelled = None if labels is None else _checked_labels([labels[i] for i in kept])
    return Corpus(name, cleaned, counted, labels=labelled)


def _checked_counts(counts: Sequence[Any]) -> list[int]:
    if (wrong := next((count for count in counts if count != int(count) or count < 0), None)) is not None:
        raise ListError(f"{wrong!r} is no count: give whole numbers")
    return [int(count) for count in counts]


def _checked_labels(labels: Sequence[Any]) -> list[str] | None:
    """Return labels as a file has them, None if no line has one."""
    if wrong := [label for label in labels if label is not None and not isinstance(label, str)]:
        raise ListError(f"{wrong[0]!r} is no label: give words, or None for a line without")
    found = [clean(label or "") for label in labels]
    if broken := next((label for label in found if set(label) & set("\t\n\0")), None):
        raise ListError(f"{broken!r} holds a tab, a line end or a NUL: a label is one field of a line")
    return found if any(found) else None
