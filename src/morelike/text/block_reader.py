"""Reading a list block by block, by the rules of `corpus.read_corpus`, so that a list of any length fits memory."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from morelike.errors import ListError
from morelike.text.columns import Columns
from morelike.text.sources import shown
from morelike.text.words import LONGEST_LINE, clean

__all__ = ["Block", "Reader"]

AT_ONCE = 1 << 20
"""Bytes that are read at once."""
WITH_COUNTS = Columns(counted=True, labelled=False)
LONGEST_IN_BYTES = 4 * LONGEST_LINE + 2


@dataclass(frozen=True)
class Block:
    """Some lines of a list: cleaned words, their counts if the list has any, and how many lines were blank."""

    words: list[str]
    counts: list[int] | None
    blank: int


class Reader:
    """Reads a list block by block; it knows how far it is, and whether the list has counts."""

    def __init__(self, read: Callable[[int], bytes], source: str | Path, at_once: int = AT_ONCE) -> None:
        self._read = read
        self.shown = shown(source)
        self._at_once = at_once
        self._number = 1  # of the next line
        self._uncounted: tuple[int, str] | None = None  # the first line without a count
        self.read = 0
        """Bytes that were read."""
        self.counted = False

    def __iter__(self) -> Iterator[Block]:
        """Yield the list's blocks.

        Raises:
            ListError: not UTF-8, a NUL byte, a line that is too long, a column that is no count; it names the line.
        """
        rest = b""
        while data := self._some():
            data = rest + data
            end = data.rfind(b"\n") + 1
            data, rest = data[:end], data[end:]
            if data:
                yield self._block(data)
            if len(rest) > LONGEST_IN_BYTES:
                raise self._broken(
                    self._number,
                    f"more than {LONGEST_LINE:,} characters; a line is one thing here, of at most {LONGEST_LINE:,} "
                    "characters",
                )
        if rest:
            yield self._block(rest)

    def _some(self) -> bytes:
        try:
            data = self._read(self._at_once)
        except OSError as error:
            raise ListError(f"{self.shown} cannot be read: {error.strerror}") from None
        self.read += len(data)
        return data

    def _block(self, data: bytes) -> Block:
        text = self._decoded(data)
        lines = text.split("\n")
        if not lines[-1]:
            lines.pop()
        if max(map(len, lines)) > LONGEST_LINE:
            self._refuse_long(lines)
        if self._has_counts(text):
            words, counts = self._counted(lines)
        else:
            words, counts = self._plain(lines), None
        block = Block(words, counts, len(lines) - len(words))
        self._number += len(lines)
        return block

    def _decoded(self, data: bytes) -> str:
        if (nul := data.find(b"\0")) >= 0:
            line = self._number + data.count(b"\n", 0, nul)
            raise self._broken(line, "a NUL byte, so this is not a text file; save it as UTF-8 text")
        try:
            return data.decode("utf-8-sig" if self._number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            # `start` counts from behind a byte-order mark, which holds no line end.
            line = self._number + error.object.count(b"\n", 0, error.start)
            byte = error.object[error.start]
            raise self._broken(line, f"byte 0x{byte:02x} is not valid UTF-8; save the list as UTF-8") from None

    def _refuse_long(self, lines: list[str]) -> None:
        for number, line in enumerate(lines, self._number):
            if len(line.removesuffix("\r")) > LONGEST_LINE:
                raise self._broken(
                    number,
                    f"{len(line.removesuffix(chr(13))):,} characters; a line is one thing here, of at most "
                    f"{LONGEST_LINE:,} characters",
                )

    def _has_counts(self, text: str) -> bool:
        """Return whether a tab was seen anywhere; the lines before the first one must then have had a count too."""
        if not self.counted and "\t" in text:
            self.counted = True
            if self._uncounted:
                number, line = self._uncounted
                self._word_and_count(line, number)
        return self.counted

    def _counted(self, lines: list[str]) -> tuple[list[str], list[int]]:
        pairs = [
            self._word_and_count(line.removesuffix("\r"), number)
            for number, line in enumerate(lines, self._number)
            if line.strip()
        ]
        return [clean(word) for word, _ in pairs], [count for _, count in pairs]

    def _word_and_count(self, line: str, number: int) -> tuple[str, int]:
        if "".join(line.split("\t")[2:]).strip():
            raise self._broken(number, "a third column, which is a label, and a store keeps none; leave the column out")
        word, count, _ = WITH_COUNTS.split(line, f"{self.shown}, line {number}")
        return word, count

    def _plain(self, lines: list[str]) -> list[str]:
        if self._uncounted is None:
            at = next((i for i, line in enumerate(lines) if line.strip()), None)
            self._uncounted = None if at is None else (self._number + at, lines[at].removesuffix("\r"))
        text = "\n".join(lines)
        if not unicodedata.is_normalized("NFC", text):
            lines = unicodedata.normalize("NFC", text).split("\n")  # no line end composes with what is beside it
        return [word for line in lines if (word := line.strip())]

    def _broken(self, number: int, what: str) -> ListError:
        return ListError(f"{self.shown}, line {number}: {what}")
