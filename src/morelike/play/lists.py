"""The lists that the page offers, or that a person pastes into it: what is in them, in figures and sentences."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from threading import Lock
from typing import Any

from morelike.errors import SettingError, excerpt
from morelike.play.limits import PlayLimits
from morelike.text.corpus import Corpus, corpus_of
from morelike.text.reading import read_corpus
from morelike.text.splits import split_cleaned
from morelike.text.vocabulary import Vocabulary

SHIPPED = ("names", "mots")
RULE = "shuffle-42"
SHOWN_SYMBOLS, SHOWN_WORDS, SHOWN_DUPLICATES = 100, 12, 5
FEW_LINES = 200
MOST_SYMBOLS = 1000
LONGEST_NAME = 40


class Lists:
    """The lists of a server by their id: the shipped ones, the list of the command, and pasted ones."""

    def __init__(self, limits: PlayLimits) -> None:
        self._limits = limits
        self._known: dict[str, tuple[Corpus, str | None]] = {}
        self._lock = Lock()

    def add(self, corpus: Corpus, source: str | None) -> str:
        """Keep a list and return its id; `source` is its path or its name in the catalogue, None for a pasted list."""
        self._limits.check_list(len(corpus.words), max(map(len, corpus.words)))
        with self._lock:
            name = list_id(corpus.name, corpus.fingerprint)
            self._known[name] = (corpus, source)
            return name

    def paste(self, text: str, name: str) -> str:
        """Keep the lines of a text as a list, and return its id.

        Raises:
            ListError: there are no words, or a line is no word.
            SettingError: too many lines, or a line that is too long.
        """
        words = [line for line in text.splitlines() if line.strip()]
        corpus = corpus_of(_file_name(name), words, "lines")
        return self.add(replace(corpus, blank=text.count("\n") + 1 - len(words)), None)

    def find(self, name: str) -> tuple[Corpus, str | None]:
        """Return a list, and its path or shipped name.

        Raises:
            SettingError: there is none of this id.
        """
        if name in SHIPPED:
            name = self.add(read_corpus(name), name)
        if name not in self._known:
            raise SettingError(f"there is no list {excerpt(name)} on this page: paste it again")
        return self._known[name]

    def facts(self, name: str) -> dict[str, Any]:
        """Return what the page shows of a list."""
        corpus, _ = self.find(name)
        return {"id": list_id(corpus.name, corpus.fingerprint), **list_facts(corpus)}


def list_id(name: str, fingerprint: str) -> str:
    """Return the id of a list: its name and the beginning of the SHA-256 of its words."""
    return f"{name}-{fingerprint[:8]}"


def list_facts(corpus: Corpus) -> dict[str, Any]:
    """Return the figures of a list: its lines, alphabet, duplicates, splits and leaks, and a few of its words."""
    words = corpus.words
    counts = Counter(words)
    repeated = [[word, count] for word, count in counts.most_common(SHOWN_DUPLICATES) if count > 1]
    characters = Counter(character for word in words for character in word)
    splits = split_cleaned(words, RULE)
    symbols = Vocabulary.of(words).size - 1
    return {
        "name": corpus.name,
        "lines": len(words),
        "distinct": len(counts),
        "duplicates": repeated,
        "symbols": symbols,
        "alphabet": [[character, count] for character, count in characters.most_common(SHOWN_SYMBOLS)],
        "longest": max(words, key=len),
        "leaks": {"dev": splits.leaks.dev, "test": splits.leaks.test},
        "splits": {name: len(part) for name, part in splits.parts.items()},
        "examples": [words[i * len(words) // SHOWN_WORDS] for i in range(min(SHOWN_WORDS, len(words)))],
        "few": len(words) < FEW_LINES,
        "many_symbols": symbols > MOST_SYMBOLS,
    }


def _file_name(name: str) -> str:
    """Return a list's name as part of the name of a run folder."""
    kept = "".join(character if character.isalnum() else "-" for character in name).strip("-")
    return kept[:LONGEST_NAME] or "pasted"
