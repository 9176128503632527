"""The rows of CSV, TSV, JSON Lines and XLSX, with the number of the line on which each row ends."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import BytesIO
from typing import Any, TypeAlias

from morelike.errors import ListError
from morelike.text.decoding import TextBlock, line_error

Numbered: TypeAlias = Iterator[tuple[int, Any] | None]
"""Numbered lines or rows. None: the next line is still to be read from the source, which may be a slow pipe."""

DELIMITERS = ",;\t"
"""CSV in the order of preference: with commas, with semicolons as where the comma is the decimal sign, with tabs."""
MAX_CELLS = 16_384
"""Cells of a row of a spreadsheet, at most: as many as Excel has columns."""


def numbered_lines(blocks: Iterable[TextBlock]) -> Numbered:
    """Yield the number and the text of each line, and None after each block."""
    for block in blocks:
        yield from enumerate(block.lines, block.first_line)
        yield None


def csv_rows(blocks: Iterable[TextBlock], source: str) -> Numbered:
    """Yield the cells of each row of CSV; a blank line has none. The first line decides the delimiter.

    Raises:
        ListError: a row that is not CSV. The message gives the line's number.
    """
    numbered = numbered_lines(blocks)
    first = next(numbered, None)
    if first is None:
        return
    delimiter = next((each for each in DELIMITERS if each in first[1]), DELIMITERS[0])
    number, at_pause = first[0], False

    def lines() -> Iterator[str]:
        nonlocal number, at_pause
        yield first[1] + "\n"
        for each in numbered:
            at_pause = each is None
            if each is None:
                yield ""  # the parser reads nothing from it, within quotes or not
            else:
                number = each[0]
                yield each[1] + "\n"

    rows = csv.reader(lines(), delimiter=delimiter, strict=True)
    try:
        for cells in rows:
            yield None if at_pause and not cells else (number, cells)
    except csv.Error as error:
        raise line_error(source, number, f"this is not CSV: {error}") from None


def tsv_rows(numbered: Numbered) -> Numbered:
    """Yield the cells of each row of TSV, which has no quotes; a blank line has none."""
    for each in numbered:
        yield each and (each[0], each[1].split("\t") if each[1] else [])


def is_json_object(line: str) -> bool:
    """Return whether a line is a JSON object with at least one key.

    >>> is_json_object('{"word": "anna"}'), is_json_object("{}"), is_json_object("{anna}")
    (True, False, False)
    """
    if not line.lstrip().startswith("{"):
        return False
    try:
        return bool(json.loads(line))
    except (ValueError, RecursionError):
        return False


def jsonl_rows(numbered: Numbered, key: str, source: str) -> Numbered:
    """Yield the object of each line; a string alone is the value of `key`, and a blank line has none.

    Raises:
        ListError: a line that is neither an object with a string `key` nor a string. The message gives its number.
    """
    for each in numbered:
        if each is None or not each[1] or each[1].isspace():
            yield each and (each[0], {})
            continue
        number, line = each
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            raise line_error(source, number, "this is not JSON; in JSON Lines each line is one value") from None
        row = {key: value} if isinstance(value, str) else value
        if not isinstance(row, dict) or not isinstance(row.get(key), str):
            raise line_error(source, number, f"expected a string, or an object with a string '{key}' (see --column)")
        yield number, row


def xlsx_rows(file: BytesIO, source: str) -> Numbered:
    """Yield the cells of each row of a workbook's first sheet, as text.

    Raises:
        ListError: openpyxl is not installed, or the file is no workbook.
    """
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise ListError(
            f"{source}: reading .xlsx needs openpyxl: pip install 'morelike[xlsx]', or save the list as .csv"
        ) from None
    try:
        sheet = load_workbook(file, read_only=True, data_only=True).worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(max_col=MAX_CELLS, values_only=True), 1):
            texts = [_cell_text(cell) for cell in cells]
            while texts and not texts[-1]:
                texts.pop()
            yield number, texts
    except Exception as error:  # openpyxl and zipfile raise many kinds of error on a file that is no workbook
        raise ListError(f"{source} is not a workbook that can be read: {error or type(error).__name__}") from None


def _cell_text(cell: object) -> str:
    """Return the value of a cell as a person reads it; whole numbers have no decimals."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, datetime) else str(cell)
