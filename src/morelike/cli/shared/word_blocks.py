"""Reading words in blocks, at constant memory: from a file, a pipe or a shipped list; every error names its line."""

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

__all__ = ["Block", "Reader"]

WORDS_AT_ONCE = 32_768
CHARACTERS_AT_ONCE = 1 << 20
LONGEST_ROW = 1 << 20
"""Characters of a row of a table at most: one file without line ends would fill the memory."""

Rows: TypeAlias = Iterator[tuple[int, str]]


@dataclass(frozen=True)
class Block:
    """Some of the words of a source, and the numbers of the lines on which they stand."""

    words: list[str]
    lines: list[int]


@dataclass
class Reader:
    """The words of a source, block by block; `blank` counts the lines or rows without one, once all are read.

    `source` is a path, `-` for standard input, or the name of a shipped list; `column` the one that holds the words.
    """

    source: str
    form: Format
    column: str | None = None
    blank: int = 0

    @property
    def shown(self) -> str:
        """The source as an error names it."""
        return display_name(self.source)

    def __iter__(self) -> Iterator[Block]:
        """Yield the blocks.

        Raises:
            ListError: no such file, not UTF-8, a line that is not of the format, or no word at all; the line is named.
            SettingError: no such column.
        """
        if self.column is not None and self.form == "lines":
            raise SettingError(f"--column {self.column}: plain lines have no columns (see --in-format)")
        readers: dict[Format, Callable[[Iterator[str]], Rows]] = {
            "lines": self._of_lines,
            "csv": self._of_table,
            "tsv": self._of_table,
            "jsonl": self._of_jsonl,
        }
        longest = MAX_LINE_LENGTH if self.form == "lines" else LONGEST_ROW
        with open_source(self.source) as (_, file):
            blocks = decode_blocks(file.read1, self.shown, max_length=longest)  # a slow pipe is not waited for
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
                    yield Block(words, lines)
                    words, lines, characters = [], [], 0
            if words:
                yield Block(words, lines)
            if not found:
                raise ListError(f"{self.shown} is empty: give it words, one a line or row")

    def _of_lines(self, lines: Iterator[str]) -> Rows:
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
                raise self._broken(
                    number,
                    "a tab makes the second column a count, here and on every line: expected word<TAB>count, with or "
                    "without <TAB>label",
                )
            yield number, word

    def _of_table(self, lines: Iterator[str]) -> Rows:
        if self.form == "csv":
            rows = csv.reader((f"{line}\n" for line in lines), strict=True)
        else:
            rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        try:
            names = next(rows, None)
            if names is None:
                return
            at = self._column_among(names)
            for row in rows:
                if row and len(row) != len(names):
                    raise self._broken(rows.line_num, f"{len(row)} fields, where the first line names {len(names)}")
                yield rows.line_num, row[at] if row else ""
        except csv.Error as error:
            raise self._broken(rows.line_num, f"this is not {self.form.upper()}: {error}") from None

    def _column_among(self, names: Sequence[str]) -> int:
        wanted = self.column if self.column is not None else "word"
        if wanted in names:
            return names.index(wanted)
        if self.column is None and len(names) == 1:
            return 0
        hint = (
            did_you_mean(wanted, names) if self.column is not None else ": say with --column which one holds the words"
        )
        raise SettingError(f"{self.shown} has no column '{wanted}'; its first line names {', '.join(names)}{hint}")

    def _of_jsonl(self, lines: Iterator[str]) -> Rows:
        key = self.column if self.column is not None else "word"
        for number, line in enumerate(lines, 1):
            if not line or line.isspace():
                yield number, ""
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                raise self._broken(number, "this is not JSON; in JSON Lines each line is one value") from None
            word = value.get(key) if isinstance(value, dict) else value
            if not isinstance(word, str):
                raise self._broken(number, f"expected a string, or an object with a string '{key}' (see --column)")
            yield number, word

    def _broken(self, number: int, reason: str) -> ListError:
        return line_error(self.shown, number, reason)
