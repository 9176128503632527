"""Read words in batches, in constant memory, from a file, a pipe or a shipped list; every error names its line."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from morelike.cli.shared.formats import Format
from morelike.errors import ListError, SettingError, did_you_mean
from morelike.text.decoding import decode_blocks, line_error
from morelike.text.sources import display_name, open_source
from morelike.text.words import MAX_LINE_LENGTH

WORDS_AT_ONCE = 32_768
CHARACTERS_AT_ONCE = 1 << 20
MAX_ROW_LENGTH = 1 << 20
"""The most characters in a row of a table: a file without line ends would fill the memory."""

Rows: TypeAlias = Iterator[tuple[int, str]]


@dataclass(frozen=True)
class WordBatch:
    """Consecutive words of a source, and the line number of each; without numbers if the command line named them."""

    words: list[str]
    lines: list[int]


@dataclass
class WordReader:
    """The words of a source, in batches.

    `source` is a path, `-` for standard input, or the name of a shipped list. `column` names the column that holds the
    words. `blank` counts the lines or rows without a word; the count is complete when all batches have been read.
    """

    source: str
    form: Format
    column: str | None = None
    blank: int = 0

    @property
    def shown(self) -> str:
        """The source as an error names it."""
        return display_name(self.source)

    def __iter__(self) -> Iterator[WordBatch]:
        """Yield the batches.

        Raises:
            ListError: no such file, bytes that are not UTF-8, a line that breaks the format, or no word at all. The
                message names the line.
            SettingError: no such column.
        """
        if self.column is not None and self.form == "lines":
            raise SettingError(f"--column {self.column}: plain lines have no columns (see --in-format)")
        readers: dict[Format, Callable[[Iterator[str]], Rows]] = {
            "lines": self._lines,
            "csv": self._table,
            "tsv": self._table,
            "jsonl": self._jsonl,
        }
        longest = MAX_LINE_LENGTH if self.form == "lines" else MAX_ROW_LENGTH
        with open_source(self.source) as (_, file):
            blocks = decode_blocks(file.read1, self.shown, max_length=longest)  # `read1` does not wait for a slow pipe
            decoded = (line for block in blocks for line in block.lines)
            words: list[str] = []
            lines: list[int] = []
            characters = 0
            found = False
            for number, word in readers[self.form](decoded):
                if not word or word.isspace():
                    self.blank += 1
                    continue
                words.append(word)
                lines.append(number)
                characters += len(word)
                found = True
                if len(words) == WORDS_AT_ONCE or characters > CHARACTERS_AT_ONCE:
                    yield WordBatch(words, lines)
                    words, lines, characters = [], [], 0
            if words:
                yield WordBatch(words, lines)
            if not found:
                raise ListError(f"{self.shown} is empty: write one word on each line or row")

    def _lines(self, lines: Iterator[str]) -> Rows:
        has_counts: bool | None = None
        for number, line in enumerate(lines, 1):
            if not line or line.isspace():
                yield number, ""
                continue
            word, tab, columns = line.partition("\t")
            occurrences, labelled, _ = columns.partition("\t")
            if has_counts is None:
                has_counts = bool(tab)
            fits = occurrences.strip().isdecimal() or (labelled and not occurrences.strip())
            if has_counts != bool(tab) or (tab and not (word.strip() and fits)):
                raise self._error(
                    number,
                    "a tab makes the second column a count on every line: expected word<TAB>count or "
                    "word<TAB>count<TAB>label",
                )
            yield number, word

    def _table(self, lines: Iterator[str]) -> Rows:
        if self.form == "csv":
            rows = csv.reader((f"{line}\n" for line in lines), strict=True)
        else:
            rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        try:
            names = next(rows, None)
            if names is None:
                return
            index = self._column_index(names)
            for row in rows:
                if row and len(row) != len(names):
                    raise self._error(rows.line_num, f"{len(row)} fields, where the first line names {len(names)}")
                yield rows.line_num, row[index] if row else ""
        except csv.Error as error:
            raise self._error(rows.line_num, f"this is not {self.form.upper()}: {error}") from None

    def _column_index(self, names: Sequence[str]) -> int:
        wanted = self.column if self.column is not None else "word"
        if wanted in names:
            return names.index(wanted)
        if self.column is None and len(names) == 1:
            return 0
        hint = (
            did_you_mean(wanted, names)
            if self.column is not None
            else ": name the column that holds the words with --column"
        )
        raise SettingError(f"{self.shown} has no column '{wanted}'; its first line names {', '.join(names)}{hint}")

    def _jsonl(self, lines: Iterator[str]) -> Rows:
        key = self.column if self.column is not None else "word"
        for number, line in enumerate(lines, 1):
            if not line or line.isspace():
                yield number, ""
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                raise self._error(number, "this is not JSON; in JSON Lines each line is one value") from None
            word = value.get(key) if isinstance(value, dict) else value
            if not isinstance(word, str):
                raise self._error(number, f"expected a string, or an object with a string '{key}' (see --column)")
            yield number, word

    def _error(self, number: int, reason: str) -> ListError:
        return line_error(self.shown, number, reason)
