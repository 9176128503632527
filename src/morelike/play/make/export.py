"""Starred words as a file: CSV, a workbook, or plain lines.

A spreadsheet takes a cell that begins with = + - @ or a tab for a formula, and a formula can send data away (OWASP, CSV
Injection). In CSV such a word gets an apostrophe at its beginning. A workbook says that its cells are text.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO, StringIO
from typing import Any, Literal, NamedTuple, TypeAlias

from morelike.errors import SettingError

Format: TypeAlias = Literal["csv", "xlsx", "txt"]
Cell: TypeAlias = str | int | float | None
Row: TypeAlias = Sequence[Cell]
COLUMNS = ("word", "bits", "mark", "nearest", "distance", "edited_from")
FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""The beginnings that are guarded. Apostrophes before them count too, so that one apostrophe can always be removed."""
UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
"""Characters that XML cannot hold, and the beginning of what stands for them in a workbook."""


class Exported(NamedTuple):
    """The bytes of a file, and its media type."""

    data: bytes
    media_type: str


def exported(words: Sequence[Mapping[str, Any]], edited: Mapping[str, str], form: Format) -> Exported:
    """Return described words as a file; `edited` holds for some words the word from which they were made.

    Raises:
        SettingError: a workbook, but openpyxl is not installed.
    """
    return WRITERS[form]([_row(word, edited) for word in words])


def _row(word: Mapping[str, Any], edited: Mapping[str, str]) -> Row:
    nearest = word["nearest"] or {"word": None, "distance": None}
    return (
        word["word"], word["bits"], word["mark"], nearest["word"], nearest["distance"], edited.get(word["word"])
    )  # fmt: skip


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    >>> guarded("=1+1"), guarded("'=1+1"), guarded("anna"), guarded("'anna")
    ("'=1+1", "''=1+1", 'anna', "'anna")
    """
    return f"'{text}" if FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Return the text that `guarded` was given.

    >>> unguarded("'=1+1"), unguarded("''=1+1"), unguarded("'anna")
    ('=1+1', "'=1+1", "'anna")
    """
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def _csv(rows: Sequence[Row]) -> Exported:
    """Return CSV with every text in quotes, and a byte-order mark, by which spreadsheets know UTF-8."""
    text = StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerows([guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in [COLUMNS, *rows])
    return Exported(text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8")


def _lines(rows: Sequence[Row]) -> Exported:
    return Exported("".join(f"{row[0]}\n" for row in rows).encode(), "text/plain; charset=utf-8")


def _workbook(rows: Sequence[Row]) -> Exported:
    try:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
    except ImportError:
        raise SettingError(
            "a workbook needs openpyxl: pip install 'morelike[xlsx]', or save the words as CSV"
        ) from None
    book = Workbook(write_only=True)
    sheet = book.create_sheet("words")

    def cell(value: Cell) -> Any:
        if not isinstance(value, str):
            return value
        made = WriteOnlyCell(sheet, UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", value))
        made.data_type = "s"  # otherwise = begins a formula, and #N/A is an error
        made.quotePrefix = True  # and it stays text when a person edits it
        return made

    for row in [COLUMNS, *rows]:
        sheet.append([cell(value) for value in row])
    data = BytesIO()
    book.save(data)
    return Exported(data.getvalue(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


WRITERS: Mapping[Format, Callable[[Sequence[Row]], Exported]] = {"csv": _csv, "xlsx": _workbook, "txt": _lines}
