"""Reading a list in blocks: memory does not grow with the list. Every reader of lists uses this module."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import ClassVar

from morelike.errors import ListError, SettingError, excerpt
from morelike.text.columns import Columns, read_count
from morelike.text.decoding import BLOCK_BYTES, TextBlock, decode_blocks, line_error, too_long
from morelike.text.formats.options import DEFAULTS, ReadingOptions
from morelike.text.formats.rows import is_json_object
from morelike.text.formats.table import Table, TableRow, begins_with_header, has_header, open_table, table_of_blocks
from morelike.text.sources import display_name
from morelike.text.words import MAX_LINE_LENGTH, clean, normalize

LINE_BREAKS = {"\n", "\0"}
COUNT_FIRST = re.compile(r"\s*(\d+)[ \t](.*)")
"""A line of `uniq -c`: a count, and the word after one space or tab."""


@dataclass(frozen=True)
class WordBlock:
    """Some lines of a list.

    Attributes:
        words: the cleaned words.
        lines: the number of the line of each word.
        counts: the count of each word, or None if the list has no counts.
        labels: the label of each word, or None if no word of the block has a label.
        blank: the number of lines without a word.
        trimmed: the number of words that had white space at their ends.
        rows: the rows of a table with all their columns, the rows without a word too; None for plain lines.
    """

    words: list[str]
    lines: Sequence[int]
    counts: list[int] | None
    labels: list[str] | None
    blank: int
    trimmed: int = 0
    rows: list[TableRow] | None = None


class BlockReader:
    """An iterable over the blocks of a list.

    Attributes:
        source: the name of the source in error messages.
        bytes_read: the number of bytes that were read.
        counted: whether a count was found.
        zero_count: the place of the first count that is 0, such as `'list.tsv', line 2`; `""` if there is none.
    """

    ROWS_AT_ONCE: ClassVar[int] = 32_768
    """Rows of a table in a block, at most."""

    def __init__(
        self,
        read: Callable[[int], bytes],
        source: str | Path,
        block_bytes: int = BLOCK_BYTES,
        options: ReadingOptions = DEFAULTS,
        *,
        words_only: bool = False,
    ) -> None:
        """Prepare to read; with `words_only` the counts and labels of a table are columns like any other."""
        self.source = display_name(source)
        self.bytes_read = 0
        self.counted = False
        self.zero_count = ""
        self._format = options.format_of(source)
        self._options = options
        self._read = read
        self._block_bytes = block_bytes
        self._words_only = words_only
        self._columns: Columns | None = None

    def __iter__(self) -> Iterator[WordBlock]:
        """Yield the blocks of the list.

        Raises:
            ListError: a byte is not valid UTF-8 or is NUL, a line is too long, or a line does not have the columns of
                the list; or plain lines are JSON objects. The message gives the line's number.
            SettingError: a table has no column of words.
        """
        if self._format in ("lines", "tsv"):
            blocks = decode_blocks(self._read_bytes, self.source, block_bytes=self._block_bytes)
            yield from self._plain_or_table(blocks)
        else:
            yield from self._table_blocks(open_table(self._read_bytes, self.source, self._format, self._options))

    def _read_bytes(self, size: int) -> bytes:
        data = self._read(size)
        self.bytes_read += len(data)
        return data

    def _plain_or_table(self, blocks: Iterator[TextBlock]) -> Iterator[WordBlock]:
        """Yield the blocks of plain lines, or of a table if the first line names columns."""
        for block in blocks:
            lines = enumerate(block.lines, block.first_line)
            number, first = next(((number, line) for number, line in lines if line.strip()), (0, ""))
            blocks = chain([block], blocks)
            if number and self._is_table(first):
                table = table_of_blocks(blocks, self.source, self._format, self._options)
                yield from self._table_blocks(table)
                return
            if number:
                self._refuse_json(number, first)
                self._find_counts(number, first, block)
                yield from chain.from_iterable(map(self._plain_blocks, blocks))
                return
            yield self._words_alone(next(blocks))

    def _is_table(self, first: str) -> bool:
        """Return whether the first line names columns.

        Raises:
            SettingError: a column is asked for, and plain lines have none.
        """
        column = self._options.column
        if self._format == "tsv":
            return column is not None or has_header(first.split("\t"), None)
        if self._options.counts != "none" and begins_with_header(first, column):
            return True
        if column is not None:
            raise SettingError(f"--column {column}: plain lines have no columns (see --in-format)")
        return False

    def _refuse_json(self, number: int, first: str) -> None:
        """Raise an error if the first line is a JSON object and no option says that the lines are plain.

        Raises:
            ListError: the line is a JSON object.
        """
        if self._options.format is None and is_json_object(first):
            raise ListError(
                f"{self.source}, line {number}: this line is a JSON object: read the list with --in-format jsonl, "
                "or each line as a word with --in-format lines"
            )

    def _find_counts(self, number: int, first: str, block: TextBlock) -> None:
        """Decide where the counts of the list are.

        Raises:
            ListError: the lines look like the output of `uniq -c`, and no option says what they are.
        """
        self._columns = Columns.of(number, first)
        self.counted = {"columns": self._columns.counted, "first": True, "none": False}[self._options.counts]
        if self._options.counts != "columns" or first[0] != " " or not COUNT_FIRST.match(first):
            return
        if all(COUNT_FIRST.match(line) for line in block.lines if line.strip()):
            raise ListError(
                f"{self.source}: each line begins with a number, as `uniq -c` writes: read the numbers as counts with "
                "--counts first, or the lines as words with --counts none"
            )

    def _plain_blocks(self, block: TextBlock) -> Iterator[WordBlock]:
        """Yield the words of a block; the lines before a line that does not fit come before its error."""
        if not self.counted and (self._options.counts == "none" or "\t" not in block.text):
            yield self._words_alone(block)
            return
        numbers, words, counts, labels = [], [], [], []
        blank = trimmed = 0
        error = None
        for number, line in enumerate(block.lines, block.first_line):
            if not line or line.isspace():
                blank += 1
                continue
            try:
                given, count, label = self._split(line, number)
                word = self._clean(given, number)
            except ListError as caught:
                error = caught
                break
            trimmed += word is not given and given.strip() != given
            if not count and not self.zero_count:
                self.zero_count = f"{self.source}, line {number}"
            numbers.append(number)
            words.append(word)
            counts.append(count)
            labels.append(label)
        shown = labels if any(labels) else None
        yield WordBlock(words, numbers, counts if self.counted else None, shown, blank, trimmed)
        if error:
            raise error

    def _words_alone(self, block: TextBlock) -> WordBlock:
        """Return a block of words without counts. No line end composes with a character: the text is normalized once.

        The white space at the ends of the words is counted only if some is missing from the words.
        """
        text = self._normalized(block)
        lines = TextBlock(block.first_line, text).lines
        words, trimmed = [word for line in lines if (word := line.strip())], 0
        if sum(map(len, words)) + text.count("\n") < len(text):
            trimmed = sum(line != line.strip() != "" for line in lines)
        last = block.first_line + len(lines)
        numbers: Sequence[int] = range(block.first_line, last)
        if len(words) < len(lines):
            numbers = [number for number, line in zip(numbers, lines, strict=True) if line and not line.isspace()]
        return WordBlock(words, numbers, None, None, len(lines) - len(words), trimmed)

    def _split(self, line: str, number: int) -> tuple[str, int, str]:
        """Return the word, the count and the label of a line."""
        if self._options.counts != "first":
            assert self._columns
            return self._columns.split(line, self.source, number)
        match = COUNT_FIRST.fullmatch(line)
        count = read_count(match[1]) if match else None
        if not match or count is None or not match[2].strip():
            raise line_error(self.source, number, f"expected a count and a word, got {excerpt(line)}")
        return match[2], count, ""

    def _table_blocks(self, table: Table) -> Iterator[WordBlock]:
        """Yield the words of a table; the rows before a row that does not fit come before its error."""
        self.counted = table.count is not None and not self._words_only
        error, rows = None, iter(table)
        while not error:
            taken: list[TableRow] = []
            ended = True
            try:
                for row in islice(rows, self.ROWS_AT_ONCE):
                    ended = False
                    if row is None:
                        break
                    taken.append(row)
            except ListError as caught:
                error = caught
            if taken:
                yield self._table_block(table, taken)
            if ended:
                break
        if error:
            raise error

    def _table_block(self, table: Table, rows: list[TableRow]) -> WordBlock:
        filled = [row for row in rows if row.word and not row.word.isspace()]
        words = [self._clean(row.word, row.number) for row in filled]
        counts = [table.count_of(row) for row in filled] if self.counted else None
        labels = [clean(table.label_of(row)) for row in filled] if table.label and not self._words_only else []
        if not self._words_only and (broken := next((row for row in filled if set(row.word) & LINE_BREAKS), None)):
            reason = f"{excerpt(broken.word)} holds a line end or a NUL: a word is one line of text"
            raise line_error(self.source, broken.number, reason)
        if counts and not self.zero_count and 0 in counts:
            self.zero_count = f"{self.source}, line {filled[counts.index(0)].number}"
        trimmed = sum(row.word != row.word.strip() for row in filled)
        numbers = [row.number for row in filled]
        blank = len(rows) - len(words)
        return WordBlock(words, numbers, counts, labels if any(labels) else None, blank, trimmed, rows)

    def _normalized(self, block: TextBlock) -> str:
        """Return the text of a block in normal form C."""
        text = block.text
        try:
            text = normalize(block.text)
        except ListError:
            pass
        else:
            if text is block.text:  # the decoder has checked the lengths of its lines
                return text
        for number, line in enumerate(block.lines, block.first_line):
            self._clean(line, number)
        return text

    def _clean(self, word: str, number: int) -> str:
        """Return a word in normal form C, without white space at its ends.

        Raises:
            ListError: the word is too long, or cannot be normalized.
        """
        try:
            word = normalize(word)
        except ListError as error:
            raise line_error(self.source, number, str(error)) from None
        if len(word) > MAX_LINE_LENGTH:
            raise line_error(self.source, number, too_long(f"{len(word):,}", MAX_LINE_LENGTH))
        return word.strip()
