"""The first pass of building a store: a list's code points, lengths, hashes and parts, written as they are read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.text.block_reader import BlockReader, WordBlock
from morelike.text.known_words import hashes_of
from morelike.text.splits import hashed_parts, unsplit_note
from morelike.text.store.format import PARTS, SPLIT, SplitFacts, StoreFacts
from morelike.text.vocabulary import CODE_POINTS, NEWLINE

__all__ = ["RAW", "Scanned", "scan"]

RAW = {"codes": "<u4", "lengths": "<i4", "parts": "<u1", "hashes": "<u8", "counts": "<i8"}
"""The files of the first pass and their types: code points (line ends too), then a number for each line."""


@dataclass
class Scanned:
    """What the first pass learns; `blocks` holds the lines and the code points of each block."""

    name: str
    lines: int = 0
    blank: int = 0
    longest: int = 0
    counted: bool = False
    blocks: list[tuple[int, int]] = field(default_factory=list)
    cut: list[int] = field(default_factory=lambda: [0] * len(PARTS))
    characters: list[int] = field(default_factory=lambda: [0] * len(PARTS))
    distinct: list[int] = field(default_factory=lambda: [0] * len(PARTS))
    seen: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(CODE_POINTS, dtype=bool))
    words_digest: Any = field(default_factory=hashlib.sha256)
    counts_digest: Any = field(default_factory=hashlib.sha256)

    @property
    def note(self) -> str:
        """Why nothing is held out, empty if something is."""
        return unsplit_note(SPLIT, self.cut)

    def alphabet(self) -> Iterator[str]:
        """Yield the list's characters in their order."""
        yield from (chr(code) for code in np.flatnonzero(self.seen).tolist() if code != NEWLINE)

    def sizes(self) -> list[tuple[int, int]]:
        """Return the lines and the characters of each part, as it is stored."""
        if self.note:
            return [(self.lines, sum(self.characters)), *[(0, 0)] * (len(PARTS) - 1)]
        return list(zip(self.cut, self.characters, strict=True))

    def facts(self) -> StoreFacts:
        """Return the facts of the store, once its hashes are counted."""
        parts = [SplitFacts(*size, distinct) for size, distinct in zip(self.sizes(), self.distinct, strict=True)]
        return StoreFacts(
            name=self.name,
            sha256=self.words_digest.hexdigest(),
            symbols=sum(1 for _ in self.alphabet()) + 1,
            blank=self.blank,
            longest=self.longest,
            note=self.note,
            counts_sha256=self.counts_digest.hexdigest() if self.counted else None,
            parts=dict(zip(PARTS, parts, strict=True)),
        )


def scan(reader: BlockReader, raw: Path, scanned: Scanned) -> Iterator[None]:
    """Write what the blocks of a list hold into the folder `raw`, and yield after each."""
    with ExitStack() as stack:
        files = {name: stack.enter_context((raw / name).open("wb")) for name in RAW}
        for block in reader:
            for name, array in _arrays(block, scanned):
                files[name].write(array.astype(RAW[name], copy=False).tobytes())
            scanned.counted = reader.counted
            yield


def _arrays(block: WordBlock, scanned: Scanned) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield a block's arrays by the names of their files, and take note of what they hold."""
    text = "".join([word + "\n" for word in block.words])
    codes = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    lengths = np.diff(np.flatnonzero(codes == NEWLINE), prepend=-1)
    parts = hashed_parts(block.words)
    scanned.blocks.append((len(lengths), len(codes)))
    scanned.lines += len(lengths)
    scanned.blank += block.blank
    scanned.longest = max(scanned.longest, int(lengths.max(initial=1)) - 1)
    scanned.seen[codes] = True
    for part in range(len(PARTS)):
        own = parts == part
        scanned.cut[part] += int(np.count_nonzero(own))
        scanned.characters[part] += int((lengths[own] - 1).sum())
    scanned.words_digest.update(text.encode())
    yield "codes", codes
    yield "lengths", lengths
    yield "parts", parts
    yield "hashes", hashes_of(block.words)
    if block.counts is not None:
        scanned.counts_digest.update(_lines_of(block.counts))
        yield "counts", np.array(block.counts, dtype=np.int64)


def _lines_of(counts: Sequence[int]) -> bytes:
    return "".join([f"{count}\n" for count in counts]).encode()
