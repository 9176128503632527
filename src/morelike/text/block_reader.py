"""Reading a list block by block, by the rules of `reading.read_corpus`, so that a list of any length fits memory."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from morelike.text.columns import Columns
from morelike.text.decoding import BYTES_AT_ONCE, TextBlock, decoded_blocks, line_error
from morelike.text.sources import shown
from morelike.text.words import clean

__all__ = ["BlockReader", "WordBlock"]

WITH_COUNTS = Columns(counted=True, labelled=False)


@dataclass(frozen=True)
class WordBlock:
    """Some lines of a list: cleaned words, their counts if the list has any, and the number of blank lines."""

    words: list[str]
    counts: list[int] | None
    blank: int


class BlockReader:
    """Reads a list block by block.

    `source` is the source as an error names it, `bytes_read` the number of bytes so far, and `counted` whether the list
    has counts.
    """

    def __init__(self, read: Callable[[int], bytes], source: str | Path, at_once: int = BYTES_AT_ONCE) -> None:
        self.source = shown(source)
        self.bytes_read = 0
        self.counted = False
        self._read = read
        self._at_once = at_once
        self._first_uncounted: tuple[int, str] | None = None

    def __iter__(self) -> Iterator[WordBlock]:
        """Yield the list's blocks.

        Raises:
            ListError: not UTF-8, a NUL byte, a line that is too long, a column that is no count; it names the line.
        """

        def read(size: int) -> bytes:
            data = self._read(size)
            self.bytes_read += len(data)
            return data

        for block in decoded_blocks(read, self.source, at_once=self._at_once):
            lines = block.lines
            if self._has_counts(block.text):
                words, counts = self._counted(lines, block.number)
            else:
                words, counts = self._uncounted(block), None
            yield WordBlock(words, counts, len(lines) - len(words))

    def _has_counts(self, text: str) -> bool:
        """Return whether a tab was seen anywhere; the lines before the first one must then have had a count too."""
        if not self.counted and "\t" in text:
            self.counted = True
            if self._first_uncounted:
                number, line = self._first_uncounted
                self._word_and_count(line, number)
        return self.counted

    def _counted(self, lines: list[str], first: int) -> tuple[list[str], list[int]]:
        pairs = [self._word_and_count(line, number) for number, line in enumerate(lines, first) if line.strip()]
        return [clean(word) for word, _ in pairs], [count for _, count in pairs]

    def _word_and_count(self, line: str, number: int) -> tuple[str, int]:
        if "".join(line.split("\t")[2:]).strip():
            reason = "a third column, which is a label, and a store keeps none; leave the column out"
            raise line_error(self.source, number, reason)
        word, count, _ = WITH_COUNTS.split(line, f"{self.source}, line {number}")
        return word, count

    def _uncounted(self, block: TextBlock) -> list[str]:
        if self._first_uncounted is None:
            numbered = enumerate(block.lines, block.number)
            self._first_uncounted = next(((number, line) for number, line in numbered if line.strip()), None)
        text = block.text
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)  # no line end composes with a character
        return [word for line in text.split("\n") if (word := line.strip())]
