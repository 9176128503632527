"""The first pass of building a store: a list is read block by block, and its lines are written as raw arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.errors import ListError
from morelike.text.block_reader import BlockReader, WordBlock
from morelike.text.decoding import line_error
from morelike.text.known_words import hash_words
from morelike.text.splits import SPLIT_NAMES, fallback_note, hash_splits
from morelike.text.store.format import SPLIT_RULE, SplitFacts, StoreFacts
from morelike.text.vocabulary import CODE_POINTS, NEWLINE

RAW_FILES = {"codes": "<u4", "lengths": "<i4", "splits": "<u1", "hashes": "<u8", "counts": "<i8"}
"""The raw files and their types: the code points of all lines with their line ends, then one number per line each."""


def _zero_per_split() -> NDArray[np.int64]:
    return np.zeros(len(SPLIT_NAMES), dtype=np.int64)


@dataclass
class ListStatistics:
    """The statistics of a list, which are updated with each block.

    Attributes:
        name: the name of the list.
        lines: the number of lines.
        blank: the number of blank lines that were dropped.
        longest: the number of characters of the longest line.
        counted: whether the list has counts.
        blocks: the numbers of lines and of code points of each block.
        split_lines: the number of lines of each split.
        split_characters: the number of characters of each split, without line ends.
        distinct: the number of distinct lines of each split, known after the second pass.
        seen: for each code point, whether it occurs.
        words_digest: the SHA-256 of the words.
        counts_digest: the SHA-256 of the counts.
    """

    name: str
    lines: int = 0
    blank: int = 0
    longest: int = 0
    counted: bool = False
    blocks: list[tuple[int, int]] = field(default_factory=list)
    split_lines: NDArray[np.int64] = field(default_factory=_zero_per_split)
    split_characters: NDArray[np.int64] = field(default_factory=_zero_per_split)
    distinct: list[int] = field(default_factory=list)
    seen: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(CODE_POINTS, dtype=bool))
    words_digest: Any = field(default_factory=hashlib.sha256)
    counts_digest: Any = field(default_factory=hashlib.sha256)

    @property
    def note(self) -> str:
        """Why the list is not split; `""` if it is split."""
        return fallback_note(SPLIT_RULE, self.split_lines.tolist())

    @property
    def code_points(self) -> NDArray[np.int64]:
        """The code points of the vocabulary, sorted."""
        found = np.flatnonzero(self.seen)
        return np.setdiff1d(found, [NEWLINE])

    def sizes(self) -> list[tuple[int, int]]:
        """Return the numbers of lines and of characters of each stored split."""
        if self.note:
            return [(self.lines, int(self.split_characters.sum())), *[(0, 0)] * (len(SPLIT_NAMES) - 1)]
        return list(zip(self.split_lines.tolist(), self.split_characters.tolist(), strict=True))

    def facts(self) -> StoreFacts:
        """Return the facts of the store, after the second pass."""
        splits = [SplitFacts(*size, distinct) for size, distinct in zip(self.sizes(), self.distinct, strict=True)]
        return StoreFacts(
            name=self.name,
            sha256=self.words_digest.hexdigest(),
            symbols=len(self.code_points) + 1,
            blank=self.blank,
            longest=self.longest,
            note=self.note,
            counts_sha256=self.counts_digest.hexdigest() if self.counted else None,
            parts=dict(zip(SPLIT_NAMES, splits, strict=True)),
        )


def write_raw_files(reader: BlockReader, folder: Path, statistics: ListStatistics) -> Iterator[None]:
    """Write the raw files of a list into a folder, update its statistics, and yield after each block.

    Raises:
        ListError: as `BlockReader`; or a word has a label or the count 0. The message gives the line's number.
    """
    with ExitStack() as stack:
        files = {name: stack.enter_context((folder / name).open("wb")) for name in RAW_FILES}
        for block in reader:
            if block.labels:
                number = next(line for line, label in zip(block.lines, block.labels, strict=True) if label)
                reason = "a label, which a store does not keep; leave the column of labels out"
                raise line_error(reader.source, number, reason)
            if reader.zero_count:
                raise ListError(
                    f"{reader.zero_count}: a word has the count 0: a weight is at least 1; "
                    "remove the lines that have this count"
                )
            for name, array in _arrays(block, statistics):
                files[name].write(array.astype(RAW_FILES[name], copy=False).tobytes())
            statistics.counted = reader.counted
            yield


def _arrays(block: WordBlock, statistics: ListStatistics) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the arrays of a block with the names of their files, and update the statistics."""
    text = "".join([word + "\n" for word in block.words])
    codes = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    lengths = np.diff(np.flatnonzero(codes == NEWLINE), prepend=-1)
    splits = hash_splits(block.words)
    statistics.blocks.append((len(lengths), len(codes)))
    statistics.lines += len(lengths)
    statistics.blank += block.blank
    statistics.longest = max(statistics.longest, int(lengths.max(initial=1)) - 1)
    statistics.seen[codes] = True
    for index in range(len(SPLIT_NAMES)):
        in_split = splits == index
        statistics.split_lines[index] += np.count_nonzero(in_split)
        statistics.split_characters[index] += (lengths[in_split] - 1).sum()
    statistics.words_digest.update(text.encode())
    yield "codes", codes
    yield "lengths", lengths
    yield "splits", splits
    yield "hashes", hash_words(block.words)
    if block.counts is not None:
        statistics.counts_digest.update("".join([f"{count}\n" for count in block.counts]).encode())
        yield "counts", np.array(block.counts, dtype=np.int64)
