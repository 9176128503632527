"""Reading a list in blocks, by the rules of `reading.read_corpus`: memory does not grow with the list."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from morelike.text.columns import Columns
from morelike.text.decoding import BLOCK_BYTES, TextBlock, decode_blocks, line_error
from morelike.text.sources import display_name
from morelike.text.words import clean

COUNTS_ONLY = Columns(counted=True, labelled=False)


@dataclass(frozen=True)
class WordBlock:
    """Some lines of a list: the cleaned words, their counts if the list has counts, and the number of blank lines."""

    words: list[str]
    counts: list[int] | None
    blank: int


class BlockReader:
    """An iterable over the blocks of a list.

    Attributes:
        source: the name of the source in error messages.
        bytes_read: the number of bytes that were read.
        counted: whether a count was found.
    """

    def __init__(self, read: Callable[[int], bytes], source: str | Path, block_bytes: int = BLOCK_BYTES) -> None:
        self.source = display_name(source)
        self.bytes_read = 0
        self.counted = False
        self._read = read
        self._block_bytes = block_bytes
        self._first_word: tuple[str, int] | None = None
        """The first line that is not blank, and its number."""

    def __iter__(self) -> Iterator[WordBlock]:
        """Yield the blocks of the list.

        Raises:
            ListError: a byte is not valid UTF-8 or is NUL, a line is too long, or the columns are not
                `word<TAB>count`. The message gives the line's number.
        """
        for block in decode_blocks(self._read_bytes, self.source, block_bytes=self._block_bytes):
            lines = block.lines
            self._find_counts(block, lines)
            if self.counted:
                numbered = enumerate(lines, block.first_line)
                pairs = [self._split(line, number) for number, line in numbered if line.strip()]
                words, counts = [clean(word) for word, _ in pairs], [count for _, count in pairs]
                yield WordBlock(words, counts, len(lines) - len(words))
            else:
                words = _clean_lines(block.text)
                yield WordBlock(words, None, len(lines) - len(words))

    def _read_bytes(self, size: int) -> bytes:
        data = self._read(size)
        self.bytes_read += len(data)
        return data

    def _find_counts(self, block: TextBlock, lines: list[str]) -> None:
        """Set `counted` at the first tab of the list. The first line must have a count then."""
        if self._first_word is None:
            numbered = enumerate(lines, block.first_line)
            self._first_word = next(((line, number) for number, line in numbered if line.strip()), None)
        if not self.counted and "\t" in block.text:
            self.counted = True
            if self._first_word:
                self._split(*self._first_word)

    def _split(self, line: str, number: int) -> tuple[str, int]:
        if line.count("\t") > 1 and "".join(line.split("\t")[2:]).strip():
            reason = "a third column, which is a label, and a store keeps none; leave the column out"
            raise line_error(self.source, number, reason)
        word, count, _ = COUNTS_ONLY.split(line, self.source, number)
        return word, count


def _clean_lines(text: str) -> list[str]:
    """Return the words of a text, cleaned. No line end composes with a character, so the text is normalized at once."""
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return [word for line in text.split("\n") if (word := line.strip())]
