"""A list on disk, mapped into memory: tokens, offsets, split and hashes, of which only what is read takes memory.

A store is a folder. `morelike.text.store.build` writes it; here it is opened. Its arrays are little-endian:

tokens.bin    the ids of all lines, each closed by END: train, then dev, then test; uint8, uint16 or int32, whichever
              is the first to hold the vocabulary
offsets.bin   int64: of each part in turn where its lines begin among its own tokens, and where the last one ends
parts.bin     uint8: of each line of the list, in the list's order, its part: 0 train, 1 dev, 2 test
known.bin     uint64: of each part in turn the sorted hashes of its distinct lines
counts.bin    int64: the counts, in the order of the tokens; only of a list that has them
vocabulary.json, store.json (the facts) and MANIFEST.json (size and SHA-256 of each file)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.errors import ListError, VocabularyError
from morelike.storage.atomic_files import FolderKind
from morelike.storage.manifest import Manifest, parse_json
from morelike.text.corpus import Corpus, StoredList
from morelike.text.splits import Leaks, Split
from morelike.text.stored_words import ListWords, PartWords
from morelike.text.vocabulary import TokenLines, Vocabulary

__all__ = ["FORMAT", "PARTS", "STORE", "STORE_FACTS", "SplitFacts", "Store", "StoreFacts", "is_store", "token_type"]

FORMAT = 1
PARTS = ("train", "dev", "test")
STORE_FACTS = "store.json"
"""The file by which a store is known."""
SPLIT = "hash"
STORE = FolderKind("store", STORE_FACTS, ListError, "; build the store again from its list")


@dataclass(frozen=True)
class SplitFacts:
    """One part: its lines, their characters (without ends), and how many of the lines are distinct.

    Lines are told apart by 64-bit hashes: two different ones are taken for equal once in 2^64.
    """

    lines: int
    characters: int
    distinct: int

    @property
    def tokens(self) -> int:
        """Characters and ends."""
        return self.lines + self.characters


@dataclass(frozen=True)
class StoreFacts:
    """What is known of a stored list; `symbols` counts the end symbol, `note` says why it is not split, if so."""

    name: str
    sha256: str
    symbols: int
    blank: int
    longest: int
    note: str
    counts_sha256: str | None
    parts: Mapping[str, SplitFacts]

    @property
    def lines(self) -> int:
        """Lines of the list."""
        return sum(part.lines for part in self.parts.values())

    @property
    def characters(self) -> int:
        """Characters of the list, without ends."""
        return sum(part.characters for part in self.parts.values())


def is_store(path: Path) -> bool:
    """Return whether a folder is a store, good or damaged."""
    try:
        return (path / STORE_FACTS).is_file()
    except OSError:  # such as a name that is too long for a file
        return False


def token_type(symbols: int) -> np.dtype[Any]:
    """Return the type of a vocabulary's ids in a store.

    >>> [token_type(symbols).name for symbols in (256, 257, 70_000)]
    ['uint8', 'uint16', 'int32']
    """
    return np.dtype("<u1" if symbols <= 1 << 8 else "<u2" if symbols <= 1 << 16 else "<i4")


@dataclass(frozen=True)
class Store(StoredList):
    """A list on disk, mapped into memory; see `open`."""

    path: Path
    facts: StoreFacts
    vocabulary: Vocabulary
    manifest: Manifest

    @classmethod
    def open(cls, path: str | Path) -> Store:
        """Return the store in a folder; sizes and format are checked, `verify` checks every byte.

        Raises:
            ListError: no store, of another format, or with a file that is missing, cut or damaged; it is named.
        """
        path = Path(path)
        if not is_store(path):
            raise ListError(f"'{path}' is no store: make one with `morelike data build LIST -o {path}`")
        manifest = Manifest.read(path, STORE)
        manifest.check_sizes()
        facts = _facts(manifest)
        try:
            vocabulary = Vocabulary(tuple(_json(manifest, "vocabulary.json")["characters"]))
        except (KeyError, TypeError, VocabularyError) as error:
            raise ListError(f"'{path / 'vocabulary.json'}' is damaged: {error}") from None
        store = cls(path, facts, vocabulary, manifest)
        store._check_shapes()
        return store

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the words in their order, in hexadecimal."""
        return self.facts.sha256

    @property
    def counts_fingerprint(self) -> str | None:
        """SHA-256 of the counts in their order, None if there are none."""
        return self.facts.counts_sha256

    def verify(self) -> None:
        """Read every file and check it against its SHA-256.

        Raises:
            ListError: a file is not what was written; it is named.
        """
        for name in self.manifest.files:
            self.manifest.read_file(name)

    def lines(self, part: str) -> TokenLines:
        """Return the lines of a part, in the order of the list; nothing is read before it is asked for."""
        at, facts = PARTS.index(part), self.facts.parts
        before = [facts[name] for name in PARTS[:at]]
        first, line = sum(each.tokens for each in before), sum(each.lines + 1 for each in before)
        own = facts[part]
        return TokenLines(self._tokens[first : first + own.tokens], self._offsets[line : line + own.lines + 1])

    def counts(self, part: str) -> NDArray[np.int64] | None:
        """Return the counts of a part's lines, None if the list has none."""
        if self.facts.counts_sha256 is None:
            return None
        at = sum(self.facts.parts[name].lines for name in PARTS[: PARTS.index(part)])
        return self._map("counts.bin", "<i8")[at : at + self.facts.parts[part].lines]

    def known(self, part: str) -> NDArray[np.uint64]:
        """Return the sorted hashes of a part's distinct lines."""
        at = sum(self.facts.parts[name].distinct for name in PARTS[: PARTS.index(part)])
        return self._map("known.bin", "<u8")[at : at + self.facts.parts[part].distinct]

    @cached_property
    def parts(self) -> NDArray[np.uint8]:
        """The part of each line of the list, by its place in `PARTS`."""
        return self._map("parts.bin", "<u1")

    @cached_property
    def split(self) -> Split:
        """The parts as lists of words, which are read as they are asked for; their leaks are none by construction."""
        train, dev, test = (PartWords(self.vocabulary, self.lines(part), self.known(part)) for part in PARTS)
        counts = {part: counts for part in PARTS if (counts := self.counts(part)) is not None and len(counts)}
        return Split(SPLIT, train, dev, test, note=self.facts.note, counts=counts, counted_leaks=Leaks(0, 0))

    @cached_property
    def corpus(self) -> Corpus:
        """The list, in its order, as a corpus whose words are read as they are asked for."""
        split, counts = self.split, None
        for at, part in enumerate(PARTS):
            if (own := self.counts(part)) is not None:
                counts = np.empty(self.facts.lines, dtype=np.int64) if counts is None else counts
                counts[self.parts == at] = own
        words = ListWords(self.parts, (split.train, split.dev, split.test))
        return Corpus(self.facts.name, words, counts, self.facts.blank, store=self)

    def longer_than(self, characters: int) -> int:
        """Return how many lines have more characters than this, their ends counted."""
        return sum(int(np.count_nonzero(self.lines(part).lengths > characters)) for part in PARTS)

    @cached_property
    def _tokens(self) -> NDArray[Any]:
        return self._map("tokens.bin", token_type(self.facts.symbols))

    @cached_property
    def _offsets(self) -> NDArray[np.int64]:
        return self._map("offsets.bin", "<i8")

    def _map(self, name: str, kind: Any) -> NDArray[Any]:
        try:
            return np.memmap(self.path / name, dtype=kind, mode="r")
        except (OSError, ValueError) as error:
            raise ListError(f"'{self.path / name}' cannot be mapped into memory: {error}") from None

    def _check_shapes(self) -> None:
        facts = self.facts
        tokens = sum(part.tokens for part in facts.parts.values())
        wanted = {
            "tokens.bin": tokens * token_type(facts.symbols).itemsize,
            "offsets.bin": 8 * (facts.lines + len(PARTS)),
            "parts.bin": facts.lines,
            "known.bin": 8 * sum(part.distinct for part in facts.parts.values()),
            **({} if facts.counts_sha256 is None else {"counts.bin": 8 * facts.lines}),
        }
        for name, size in wanted.items():
            if self.manifest.files.get(name, (-1, ""))[0] != size:
                raise ListError(f"'{self.path / name}' is damaged: its size does not fit what {STORE_FACTS} says")
        if self.vocabulary.size != facts.symbols:
            raise ListError(f"'{self.path / 'vocabulary.json'}' is damaged: it does not fit what {STORE_FACTS} says")


def _facts(manifest: Manifest) -> StoreFacts:
    facts, path = _json(manifest, STORE_FACTS), manifest.folder
    if facts.get("format") != FORMAT:
        raise ListError(
            f"'{path}' has store format {facts.get('format')!r}; this morelike reads format {FORMAT}: build it again "
            "from its list"
        )
    try:
        parts = {part: SplitFacts(**{name: int(facts["parts"][part][name]) for name in SIZES}) for part in PARTS}
        others = {name: kind(facts[name]) for name, kind in OTHERS.items()}
        counted = facts["counts_sha256"]
        return StoreFacts(**others, counts_sha256=None if counted is None else str(counted), parts=parts)
    except (KeyError, TypeError, ValueError) as error:
        raise ListError(f"'{path / STORE_FACTS}' is damaged: {error}") from None


OTHERS: Mapping[str, Any] = {"name": str, "sha256": str, "note": str, "symbols": int, "blank": int, "longest": int}
SIZES = ("lines", "characters", "distinct")


def _json(manifest: Manifest, name: str) -> dict[str, Any]:
    return parse_json(manifest.folder / name, manifest.read_file(name), ListError)
