"""A list with named columns: which column holds the words, which the counts, which the labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from typing import Any

from morelike.errors import SettingError, did_you_mean, excerpt
from morelike.text.columns import COUNT, LABEL, read_count
from morelike.text.decoding import Read, TextBlock, decode_blocks, line_error
from morelike.text.formats.options import ListFormat, ReadingOptions
from morelike.text.formats.rows import Numbered, csv_rows, jsonl_rows, numbered_lines, tsv_rows, xlsx_rows

WORD = "word"
COUNT_NAMES = ("count", "counts", "freq", "frequency")
LABEL_NAMES = ("label", "group")
HEADERLESS = (WORD, "count", "label")
"""The columns of a table whose first line does not name them."""
LIKELY_NAMES = {"words", "name", "names", "term", "terms", "text", "token", "tokens", "string", "strings"}
"""A single column that begins with one of these may have a header, or may not."""
MAX_ROW_LENGTH = 1 << 20
"""Characters of a row, at most: a file without line ends would fill the memory."""


@dataclass(frozen=True)
class TableRow:
    """A row: the number of its line, its word, and all its columns by name; without columns if the line is blank.

    `rest` holds the columns but the word's.
    """

    number: int
    word: str
    columns: Mapping[str, Any]
    rest: Mapping[str, Any]


class Table:
    """The rows of a list with named columns, read one by one.

    Attributes:
        word: the name of the column that holds the words.
        count: the name of the column that holds the counts, or None.
        label: the name of the column that holds the labels, or None.
    """

    def __init__(self, rows: Numbered, source: str, form: ListFormat, options: ReadingOptions) -> None:
        """Read the first row, which names the columns or shows how many there are.

        Raises:
            SettingError: no column holds the words, or it cannot be told whether the first row is a header.
            ListError: the first row cannot be read.
        """
        self._source, self._form = source, form
        self.word = options.column if options.column is not None else WORD
        self.count: str | None = None
        self.label: str | None = None
        self._names: list[str] = []
        first = next((each for each in rows if each and _is_filled(each[1])), None)
        self._has_header = form != "jsonl" and first is not None and has_header(first[1], options.column)
        if first:
            self._find_columns(first[1], options)
        self._rows = rows if first is None or self._has_header else chain([first], rows)

    def __iter__(self) -> Iterator[TableRow | None]:
        """Yield the rows, and None where the next row is still to be read from a source that may be a slow pipe.

        Raises:
            ListError: a row does not have the columns of the table. The message gives the line's number.
        """
        for each in self._rows:
            if each is None:
                yield None
                continue
            number, cells = each
            if not _is_filled(cells):
                yield TableRow(number, "", {}, {})
                continue
            columns = cells if isinstance(cells, dict) else self._named(number, cells)
            rest = {name: value for name, value in columns.items() if name != self.word}
            yield TableRow(number, columns[self.word], columns, rest)

    def count_of(self, row: TableRow) -> int:
        """Return the count of a row.

        Raises:
            ListError: it is no whole number. The message gives the line's number.
        """
        given = row.columns.get(self.count) if self.count else None
        count = read_count(given if isinstance(given, str) else str(given) if type(given) is int else "")
        if count is None:
            reason = f"expected a whole number in the column '{self.count}', got {excerpt(given)}"
            raise line_error(self._source, row.number, reason)
        return count

    def label_of(self, row: TableRow) -> str:
        """Return the label of a row, `""` for none.

        Raises:
            ListError: the label is no text. The message gives the line's number.
        """
        label = row.columns.get(self.label) if self.label else ""
        if label is not None and not isinstance(label, str):
            reason = f"expected a text in the column '{self.label}', got {excerpt(label)}"
            raise line_error(self._source, row.number, reason)
        return label or ""

    def _find_columns(self, first: Any, options: ReadingOptions) -> None:
        if isinstance(first, dict):
            names = list(first)
        elif self._has_header:
            self._names = names = _distinct([name.strip() for name in first])
            self.word = options.column if options.column is not None else _find(names, [WORD]) or WORD
        else:
            self._refuse_unnamed(first, options)
            self._names = names = list(HEADERLESS[: len(first)])
            if len(first) > LABEL and not first[COUNT].strip():
                self._names = names = [WORD, "", "label"]
        if options.counts != "none":
            self.count, self.label = _find(names, COUNT_NAMES, self.word), _find(names, LABEL_NAMES, self.word)

    def _refuse_unnamed(self, first: Sequence[str], options: ReadingOptions) -> None:
        """Refuse a first row that is neither a header nor a word, a count and a label."""
        if options.column is not None or not _is_word_count_label(first):
            hint = (
                ": name the column that holds the words with --column"
                if options.column is None
                else did_you_mean(options.column, first)
            )
            named = ", ".join(name.strip() for name in first)
            raise SettingError(f"{self._source} has no column '{self.word}'; its first line names {named}{hint}")
        if len(first) == 1 and first[0].strip().lower() in LIKELY_NAMES:
            name = first[0].strip()
            raise SettingError(
                f"{self._source}: is '{name}' a word, or the name of the column? Give --in-format lines if it is a "
                f"word, or --column {name} if it is the name"
            )

    def _named(self, number: int, cells: list[str]) -> dict[str, str]:
        width = len(self._names)
        if len(cells) < width and (self._form == "xlsx" or (self._form == "tsv" and not self._has_header)):
            cells = cells + [""] * (width - len(cells))
        if len(cells) != width:
            verb = "names" if self._has_header else "has"
            raise line_error(self._source, number, f"{len(cells)} fields, where the first line {verb} {width}")
        return dict(zip(self._names, cells, strict=True))


def open_table(read: Read, source: str, form: ListFormat, options: ReadingOptions) -> Table:
    """Return the table in an open file, given its `read` method; `source` is its name in error messages.

    Raises:
        SettingError, ListError: as `Table`.
    """
    if form == "xlsx":
        return Table(xlsx_rows(BytesIO(read(-1)), source), source, form, options)
    return table_of_blocks(decode_blocks(read, source, max_length=MAX_ROW_LENGTH), source, form, options)


def table_of_blocks(blocks: Iterator[TextBlock], source: str, form: ListFormat, options: ReadingOptions) -> Table:
    """Return the table in blocks of text; plain lines have the form of TSV."""
    if form == "csv":
        rows = csv_rows(blocks, source)
    elif form == "jsonl":
        rows = jsonl_rows(numbered_lines(blocks), options.column if options.column is not None else WORD, source)
    else:
        rows = tsv_rows(numbered_lines(blocks))
    return Table(rows, source, form, options)


def has_header(first: Sequence[str], column: str | None) -> bool:
    """Return whether a first row names columns: it has the given column, or a column `word` and no number.

    >>> has_header(["id", "Word"], None), has_header(["word", "3"], None), has_header(["anna", "3"], None)
    (True, False, False)
    """
    cells = [cell.strip() for cell in first]
    if column is not None:
        return column in cells
    return WORD in map(str.lower, cells) and not any(map(str.isdecimal, cells))


def begins_with_header(line: str, column: str | None) -> bool:
    """Return whether the first plain line of a list names columns: two or more, separated by tabs.

    >>> begins_with_header("word\\tnats\\tin", None), begins_with_header("word\\t\\tnoun", None)
    (True, False)
    """
    cells = line.split("\t")
    return len(cells) > 1 and all(map(str.strip, cells)) and has_header(cells, column)


def _is_filled(cells: Any) -> bool:
    return bool(cells) and (isinstance(cells, dict) or any(map(str.strip, cells)))


def _is_word_count_label(cells: Sequence[str]) -> bool:
    word, count, label, *more = [*cells, *[""] * len(HEADERLESS)]
    return (
        bool(word.strip())
        and not any(more)
        and (count.strip().isdecimal() or (not count.strip() and bool(label)) or len(cells) == 1)
    )


def _find(names: Sequence[str], wanted: Sequence[str], other_than: str | None = None) -> str | None:
    return next((name for each in wanted for name in names if name.lower() == each and name != other_than), None)


def _distinct(names: Sequence[str]) -> list[str]:
    """Return names of which each differs from the ones before it."""
    found: list[str] = []
    for name in names:
        number, distinct = 1, name
        while distinct in found:
            number += 1
            distinct = f"{name}_{number}"
        found.append(distinct)
    return found
