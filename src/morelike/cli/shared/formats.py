"""The formats of words and rows in pipes and files: plain lines, CSV, TSV and JSON Lines.

The first line of CSV and TSV names the columns. TSV has no quoting, so a word with a tab needs CSV or JSON Lines.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TextIO, TypeAlias

from morelike.cli.shared.output import finite
from morelike.errors import SettingError
from morelike.text.sources import shipped_lists

Format: TypeAlias = Literal["lines", "csv", "tsv", "jsonl"]
ENDINGS: dict[str, Format] = {".txt": "lines", ".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


@dataclass(frozen=True)
class OutputColumn:
    """A column of the output: its name in tables, its key in JSON, and the format of its numbers in tables.

    A `boolean` column is true or false in JSON, and yes or no in tables.
    """

    name: str
    key: str
    spec: str = ""
    boolean: bool = False

    def cell(self, row: Mapping[str, Any]) -> str:
        """Return the value of a row as a table shows it."""
        value = row[self.key]
        return ("yes" if value else "no") if self.boolean else format(value, self.spec)


WORD = OutputColumn("word", "word")


def format_of(path: str | Path | None, given: Format | None, default: Format) -> Format:
    """Return the given format, or the format of a file's ending, or the default where there is no file.

    Raises:
        SettingError: an ending that belongs to no format.
    """
    if given is not None or path is None or str(path) == "-" or str(path) in shipped_lists():
        return given or default
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise SettingError(f"'{path}': its ending names no format: use one of {', '.join(ENDINGS)}, or name the format")
    return ENDINGS[ending]


def header(form: Format, columns: Sequence[OutputColumn]) -> str:
    """Return the first line of a format, which names the columns; empty for formats without a header."""
    names = {column.key: column.name for column in columns}
    return encoder(form, [OutputColumn("", key) for key in names])(names) if form in ("csv", "tsv") else ""


def encoder(form: Format, columns: Sequence[OutputColumn]) -> Callable[[Mapping[str, Any]], str]:
    """Return a function from a row to its line, with the line end; in plain lines a row is its word alone.

    >>> columns = [OutputColumn("word", "word"), OutputColumn("nats", "nats", ".2f")]
    >>> encoder("csv", columns)({"word": 'a"b', "nats": 1.5})
    '"a""b",1.50\\n'
    """
    if form == "lines":
        return lambda row: f"{row['word']}\n"
    if form == "jsonl":
        return lambda row: json.dumps(finite(row), ensure_ascii=False) + "\n"
    if form == "csv":
        to_line = csv.writer(_Echo(), lineterminator="\n").writerow
        return lambda row: str(to_line([column.cell(row) for column in columns]))
    if any(column.boolean for column in columns):
        return lambda row: _tab_separated("\t".join([column.cell(row) for column in columns]), row, columns)
    cells = "\t".join(f"{{{column.key}:{column.spec}}}" for column in columns).format_map  # twice as fast as `cell`
    return lambda row: _tab_separated(cells(row), row, columns)


def open_output(path: Path | None, source: str | None) -> AbstractContextManager[TextIO]:
    """Return the output file, or standard output, which stays open.

    Raises:
        SettingError: the file cannot be written, or the words are read from it.
    """
    if path is None:
        return nullcontext(sys.stdout)
    if source and path.exists() and Path(source).exists() and path.samefile(source):
        raise SettingError(f"the words are read from '{path}': write to another file")
    try:
        return path.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise SettingError(f"'{path}' cannot be written: {error.strerror}") from None


class _Echo:
    """A file for `csv.writer` whose `write` returns the line, so that `writerow` returns it too."""

    def write(self, line: str) -> str:
        return line


def _tab_separated(line: str, row: Mapping[str, Any], columns: Sequence[OutputColumn]) -> str:
    if line.count("\t") >= len(columns) or "\n" in line:
        word = row[columns[0].key]
        raise SettingError(f"{word!r} holds a tab or a line end, which TSV cannot hold: write CSV or JSON Lines")
    return line + "\n"
