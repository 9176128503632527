"""The store: a list on disk, whose arrays are mapped into memory and read on access.

A store is a folder, written by `morelike.text.store.build`. Its arrays are little-endian. "By split" means that the
items of train come first, then dev, then test.

tokens.bin    uint8, uint16 or int32 (the first that holds the vocabulary): the ids of all lines by split, each line
              ending with END
offsets.bin   int64: by split, the start of each line among the tokens of its split, and the end of the last line
parts.bin     uint8: the split of each line in the order of the list: 0 train, 1 dev, 2 test
known.bin     uint64: by split, the sorted hashes of the distinct lines
counts.bin    int64: the counts by split; only if the list has counts
vocabulary.json, store.json (the facts) and MANIFEST.json (the size and the SHA-256 of each file)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.errors import ListError, VocabularyError, excerpt
from morelike.storage.atomic_files import FolderKind
from morelike.storage.manifest import Manifest, parse_json
from morelike.text.corpus import Corpus, StoredList
from morelike.text.splits import SPLIT_NAMES, Leaks, Split
from morelike.text.store.checks import ExpectedArrays, check_arrays
from morelike.text.stored_words import ListWords, SplitWords
from morelike.text.vocabulary import TokenLines, Vocabulary

FORMAT = 1
STORE_FACTS = "store.json"
"""A folder with this file is a store."""
SPLIT_RULE = "hash"
SPLIT_SIZES = ("lines", "characters", "distinct")
TEXT_FACTS, NUMBER_FACTS = ("name", "sha256", "note"), ("symbols", "blank", "longest")
STORE = FolderKind("store", STORE_FACTS, ListError, "; build the store again from its list")


@dataclass(frozen=True)
class SplitFacts:
    """The numbers of lines, of characters without line ends, and of distinct lines of one split.

    Distinct lines are counted by 64-bit hashes. Two different lines have the same hash with probability 2^-64.
    """

    lines: int
    characters: int
    distinct: int

    @property
    def tokens(self) -> int:
        """The number of characters and line ends."""
        return self.lines + self.characters


@dataclass(frozen=True)
class StoreFacts:
    """The facts about a stored list, as in `store.json`.

    Attributes:
        name: the name of the list.
        sha256: SHA-256 of the words in their order.
        symbols: the size of the vocabulary, including the end symbol.
        blank: the number of blank lines that were dropped.
        longest: the number of characters of the longest line.
        note: why the list is not split; `""` if it is split.
        counts_sha256: SHA-256 of the counts in their order, or None if the list has no counts.
        parts: the facts about train, dev and test.
    """

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
        """The number of lines of the list."""
        return sum(split.lines for split in self.parts.values())

    @property
    def characters(self) -> int:
        """The number of characters of the list, without line ends."""
        return sum(split.characters for split in self.parts.values())


def is_store(path: Path) -> bool:
    """Return whether a folder is a store, good or damaged."""
    try:
        return (path / STORE_FACTS).is_file()
    except OSError:  # the name is too long for a file, for example
        return False


def token_type(symbols: int) -> np.dtype[Any]:
    """Return the type of ids in a store whose vocabulary has this many symbols.

    >>> [token_type(symbols).name for symbols in (256, 257, 70_000)]
    ['uint8', 'uint16', 'int32']
    """
    return np.dtype("<u1" if symbols <= 1 << 8 else "<u2" if symbols <= 1 << 16 else "<i4")


@dataclass(frozen=True)
class Store(StoredList):
    """A list on disk, mapped into memory; `open` returns it."""

    path: Path
    facts: StoreFacts
    vocabulary: Vocabulary
    manifest: Manifest

    @classmethod
    def open(cls, path: str | Path) -> Store:
        """Return the store in a folder. Its files are read once, in blocks, to check ids, offsets, splits and hashes.

        `verify` compares every byte with the SHA-256 of its file.

        Raises:
            ListError: the folder is not a store or has another format, or a file is missing or damaged. The message
                names the file.
        """
        path = Path(path)
        if not is_store(path):
            raise ListError(f"'{path}' is not a store: make one with `morelike data build LIST -o {path}`")
        manifest = Manifest.read(path, STORE)
        manifest.check_sizes()
        facts = _facts(manifest)
        try:
            vocabulary = Vocabulary(tuple(_json(manifest, "vocabulary.json")["characters"]))
        except (KeyError, TypeError, VocabularyError) as error:
            raise ListError(f"'{path / 'vocabulary.json'}' is damaged: {error}") from None
        store = cls(path, facts, vocabulary, manifest)
        store._check_shapes()
        check_arrays(path, store._expected_arrays())
        return store

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the words in their order, in hexadecimal."""
        return self.facts.sha256

    @property
    def counts_fingerprint(self) -> str | None:
        """SHA-256 of the counts in their order, or None if there are no counts."""
        return self.facts.counts_sha256

    def verify(self) -> None:
        """Read every file and check it against its SHA-256.

        Raises:
            ListError: a file has changed. The message names it.
        """
        for name in self.manifest.files:
            self.manifest.read_file(name)

    def lines(self, part: str) -> TokenLines:
        """Return the lines of a split in the order of the list. They stay on disk."""
        offsets = self._section(self._offsets, part, lambda split: split.lines + 1)
        return TokenLines(self._section(self._tokens, part, lambda split: split.tokens), offsets)

    def counts(self, part: str) -> NDArray[np.int64] | None:
        """Return the counts of the lines of a split, or None if the list has no counts."""
        if self.facts.counts_sha256 is None:
            return None
        return self._section(self._map("counts.bin", "<i8"), part, lambda split: split.lines)

    def known(self, part: str) -> NDArray[np.uint64]:
        """Return the sorted hashes of the distinct lines of a split."""
        return self._section(self._map("known.bin", "<u8"), part, lambda split: split.distinct)

    def _section(self, array: NDArray[Any], name: str, size: Callable[[SplitFacts], int]) -> NDArray[Any]:
        """Return the items of one split in an array of all splits, given the number of items of a split."""
        sizes = [size(self.facts.parts[each]) for each in SPLIT_NAMES]
        index = SPLIT_NAMES.index(name)
        return array[sum(sizes[:index]) : sum(sizes[: index + 1])]

    @cached_property
    def parts(self) -> NDArray[np.uint8]:
        """The split of each line of the list: 0 for train, 1 for dev and 2 for test."""
        return self._map("parts.bin", "<u1")

    @cached_property
    def split(self) -> Split:
        """The split into train, dev and test. The words are read on access. The rule `hash` has no leaks."""
        train, dev, test = (SplitWords(self.vocabulary, self.lines(name), self.known(name)) for name in SPLIT_NAMES)
        counts = {name: counts for name in SPLIT_NAMES if (counts := self.counts(name)) is not None and len(counts)}
        return Split(SPLIT_RULE, train, dev, test, note=self.facts.note, counts=counts, counted_leaks=Leaks(0, 0))

    @cached_property
    def corpus(self) -> Corpus:
        """The list in its order, as a corpus whose words are read on access."""
        split, counts = self.split, None
        for index, name in enumerate(SPLIT_NAMES):
            if (split_counts := self.counts(name)) is not None:
                counts = np.empty(self.facts.lines, dtype=np.int64) if counts is None else counts
                counts[self.parts == index] = split_counts
        words = ListWords(self.parts, (split.train, split.dev, split.test))
        return Corpus(self.facts.name, words, counts, self.facts.blank, store=self)

    def longer_than(self, characters: int) -> int:
        """Return how many lines are longer than this; a line's end counts as one character."""
        return sum(int(np.count_nonzero(self.lines(name).lengths > characters)) for name in SPLIT_NAMES)

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

    def _expected_arrays(self) -> ExpectedArrays:
        splits = [self.facts.parts[name] for name in SPLIT_NAMES]
        return ExpectedArrays(
            lines=[split.lines for split in splits],
            tokens=[split.tokens for split in splits],
            distinct=[split.distinct for split in splits],
            symbols=self.facts.symbols,
            id_type=token_type(self.facts.symbols),
            counted=self.facts.counts_sha256 is not None,
        )

    def _check_shapes(self) -> None:
        facts = self.facts
        tokens = sum(split.tokens for split in facts.parts.values())
        sizes = {
            "tokens.bin": tokens * token_type(facts.symbols).itemsize,
            "offsets.bin": 8 * (facts.lines + len(SPLIT_NAMES)),
            "parts.bin": facts.lines,
            "known.bin": 8 * sum(split.distinct for split in facts.parts.values()),
            **({} if facts.counts_sha256 is None else {"counts.bin": 8 * facts.lines}),
        }
        for name, size in sizes.items():
            if self.manifest.files.get(name, (-1, ""))[0] != size:
                raise ListError(f"'{self.path / name}' is damaged: its size does not fit {STORE_FACTS}")
        if self.vocabulary.size != facts.symbols or "\n" in self.vocabulary.characters:
            raise ListError(f"'{self.path / 'vocabulary.json'}' is damaged: it does not fit {STORE_FACTS}")


def _whole_number(value: object) -> int:
    """Return a number of things in store.json.

    Raises:
        ValueError: it is not a whole number from 0.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{excerpt(str(value)[:20])} is not a number of things")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{excerpt(str(value)[:20])} is not a text")
    return value


def _facts(manifest: Manifest) -> StoreFacts:
    facts, path = _json(manifest, STORE_FACTS), manifest.folder
    if facts.get("format") != FORMAT:
        raise ListError(
            f"'{path}' has store format {excerpt(facts.get('format'))}; this morelike reads format {FORMAT}: build it "
            "again from its list"
        )
    try:
        sizes = {name: [_whole_number(facts["parts"][name][size]) for size in SPLIT_SIZES] for name in SPLIT_NAMES}
        splits = {name: SplitFacts(*each) for name, each in sizes.items()}
        others: dict[str, Any] = {name: _text(facts[name]) for name in TEXT_FACTS}
        others |= {name: _whole_number(facts[name]) for name in NUMBER_FACTS}
        counted = facts["counts_sha256"]
        return StoreFacts(**others, counts_sha256=None if counted is None else _text(counted), parts=splits)
    except (KeyError, TypeError, ValueError) as error:
        raise ListError(f"'{path / STORE_FACTS}' is damaged: {error}") from None


def _json(manifest: Manifest, name: str) -> dict[str, Any]:
    return parse_json(manifest.folder / name, manifest.read_file(name), ListError)
