"""Read words in batches, in constant memory, from a file, a pipe or a named list; every error names its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from morelike.errors import ListError
from morelike.text.block_reader import BlockReader, WordBlock
from morelike.text.formats.options import DEFAULTS, ReadingOptions
from morelike.text.sources import display_name, open_source

WORDS_AT_ONCE = 32_768
CHARACTERS_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class WordBatch:
    """Consecutive words of a source, and the line number of each; without numbers if the command line named them.

    `rest` holds the other columns of each word's row, by name; it is None for words without other columns. A row of a
    table without a word has the word `""`.
    """

    words: Sequence[str]
    lines: Sequence[int]
    rest: Sequence[Mapping[str, Any]] | None = None

    def slice(self, start: int, end: int) -> WordBatch:
        """Return some consecutive words of the batch."""
        rest = None if self.rest is None else self.rest[start:end]
        return WordBatch(self.words[start:end], self.lines[start:end], rest)


@dataclass
class WordReader:
    """The words of a source, in batches.

    `source` is a path, `-` for standard input, or the name of a list of the catalogue. `blank` counts the plain
    lines without a word; the count is complete when all batches have been read.
    """

    source: str
    options: ReadingOptions = DEFAULTS
    blank: int = 0

    @property
    def shown(self) -> str:
        """The source as an error names it."""
        return display_name(self.source)

    def __iter__(self) -> Iterator[WordBatch]:
        """Yield the batches. The words of a slow pipe are yielded as they come.

        Raises:
            ListError: no such file, bytes that are not UTF-8, a line that breaks the format, or no word at all. The
                message names the line.
            SettingError: no such column.
        """
        found = False
        with open_source(self.source) as (_, file):
            # `read1` does not wait for more of a slow pipe
            for block in BlockReader(file.read1, self.source, options=self.options, words_only=True):
                found = found or bool(block.words)
                if block.rows is None:
                    self.blank += block.blank
                yield from _batches(block)
        if not found:
            raise ListError(f"{self.shown} is empty: write one word on each line or row")


def _batches(block: WordBlock) -> Iterator[WordBatch]:
    """Yield a block in batches, each of at most `WORDS_AT_ONCE` words and of little more than `CHARACTERS_AT_ONCE`."""
    whole = _with_all_rows(block)
    start = characters = 0
    for i, word in enumerate(whole.words):
        characters += len(word)
        if i + 1 - start == WORDS_AT_ONCE or characters > CHARACTERS_AT_ONCE:
            yield whole.slice(start, i + 1)
            start, characters = i + 1, 0
    if start < len(whole.words):
        yield whole.slice(start, len(whole.words))


def _with_all_rows(block: WordBlock) -> WordBatch:
    """Return a block as one batch; the rows of a table are kept even without a word, and blank lines are not."""
    if block.rows is None:
        return WordBatch(block.words, block.lines)
    words = iter(block.words)
    rows = [row for row in block.rows if row.columns]
    return WordBatch(
        [next(words) if row.word and not row.word.isspace() else "" for row in rows],
        [row.number for row in rows],
        [row.rest for row in rows],
    )
