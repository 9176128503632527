"""The formats of words and rows in pipes and files: plain lines, CSV, TSV and JSON Lines.

The first line of CSV and TSV names the columns. TSV has no quoting, so a word with a tab needs CSV or JSON Lines.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedWriter, TextIOWrapper
from pathlib import Path
from typing import Any, Literal, TextIO, TypeAlias

from morelike.cli.shared.output import finite, print_note
from morelike.errors import SettingError, excerpt
from morelike.storage.atomic_files import atomic_file, is_special

Format: TypeAlias = Literal["lines", "csv", "tsv", "jsonl"]
ENDINGS: dict[str, Format] = {".txt": "lines", ".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


@dataclass(frozen=True)
class OutputColumn:
    """A column of the output: its name, which is the same in all formats, and the format of its numbers in tables.

    A `boolean` column is true or false in JSON, and yes or no in tables.
    """

    name: str
    spec: str = ""
    boolean: bool = False

    def cell(self, row: Mapping[str, Any]) -> str:
        """Return the value of a row as a table shows it."""
        value = row[self.name]
        return ("yes" if value else "no") if self.boolean else format(value, self.spec)


WORD = OutputColumn("word")


def format_of(path: Path | None, given: Format | None, default: Format) -> Format:
    """Return the given format, or the format of a file's ending, or the default where there is no file.

    Raises:
        SettingError: an ending that belongs to no format.
    """
    if given is not None or path is None or is_special(path):
        return given or default
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise SettingError(f"'{path}': its ending names no format: use one of {', '.join(ENDINGS)}, or name the format")
    return ENDINGS[ending]


def header(form: Format, names: Sequence[str]) -> str:
    """Return the first line of a format, which names the columns; empty for formats without a header."""
    return (
        encoder(form, list(map(OutputColumn, names)))({name: name for name in names}) if form in ("csv", "tsv") else ""
    )


def encoder(form: Format, columns: Sequence[OutputColumn]) -> Callable[[Mapping[str, Any]], str]:
    """Return a function from a row to its line, with the line end; in plain lines a row is its word alone.

    >>> columns = [OutputColumn("word"), OutputColumn("nats", ".2f")]
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
    names = [column.name for column in columns]
    to_line = "\t".join(f"{{:{column.spec}}}" for column in columns).format  # twice as fast as `cell`
    return lambda row: _tab_separated(to_line(*[row[name] for name in names]), row, columns)


@contextmanager
def open_output(path: Path | None, source: str | None) -> Iterator[TextIO]:
    """Yield the output file, or standard output, which stays open; see `open_file`.

    Raises:
        SettingError: the file cannot be written, or the words are read from it.
    """
    if path is None:
        yield sys.stdout
        return
    with open_file(path, source) as file:
        text = TextIOWrapper(file, "utf-8", newline="\n")
        try:
            yield text
            text.flush()
        finally:
            text.detach()


@contextmanager
def open_file(path: Path, source: str | None = None) -> Iterator[BufferedWriter]:
    """Yield the output file.

    The file is whole or absent: an error leaves the file that was there. A file that is replaced is noted. A pipe or a
    device is written directly.

    Raises:
        SettingError: the file cannot be written, or the words are read from it.
    """
    replaced = path.is_file()
    if source and replaced and Path(source).exists() and path.samefile(source):
        raise SettingError(f"the words are read from '{path}': write to another file")
    if replaced and not os.access(path, os.W_OK):
        raise SettingError(f"'{path}' cannot be written: it is read-only")
    with _refused(path), path.open("wb") if is_special(path) else atomic_file(path) as file:
        yield file
    if replaced:
        print_note(f"Replaced: {path}")


@contextmanager
def _refused(path: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SettingError(f"'{path}' cannot be written: {error.strerror}") from None


class _Echo:
    """A file for `csv.writer` whose `write` returns the line, so that `writerow` returns it too."""

    def write(self, line: str) -> str:
        return line


def _tab_separated(line: str, row: Mapping[str, Any], columns: Sequence[OutputColumn]) -> str:
    if line.count("\t") >= len(columns) or "\n" in line:
        word = row[columns[0].name]
        raise SettingError(f"{excerpt(word)} holds a tab or a line end, which TSV cannot hold: write CSV or JSON Lines")
    return line + "\n"
