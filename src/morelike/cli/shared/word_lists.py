"""Shared by the commands about single words: words from arguments or a pipe, an optional list, lexical measures."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from morelike.cli.shared.formats import OutputColumn
from morelike.cli.shared.output import print_note
from morelike.errors import SettingError
from morelike.evaluation.lexical import COLUMNS, NEAREST, Measures
from morelike.text.formats.options import ReadingOptions
from morelike.text.reading import read_lines

DECIMALS = {"length": 0, "neighbours": 0, "old20": 2, "bigrams": 3, "trigrams": 3, "bits": 3}


def words_from(words: Sequence[str], model: str, command: str, reading: ReadingOptions) -> list[str]:
    """Return the words of the command line, or the lines that come through a pipe.

    Raises:
        SettingError: neither.
        ListError: the pipe has no words.
    """
    if words:
        return list(words)
    if sys.stdin.isatty():
        raise SettingError(f"no words: name them (`morelike {command} {model} emma`) or send a list through a pipe")
    return read_lines("-", reading)


def read_optional(name: str | None, reading: ReadingOptions) -> list[str] | None:
    """Return the lines of a list, or None if no list is named."""
    return None if name is None else read_lines(name, reading)


MEASURES = [OutputColumn(column, f".{DECIMALS[column]}f") for column in COLUMNS]
"""The columns of a word's measures."""


def note_few_neighbours(measures: Measures) -> None:
    """Print a note if the list is too small for 20 neighbours."""
    if measures.nearest < NEAREST:
        print_note(f"The list is too small for {NEAREST} neighbours: old20 is the mean over {measures.nearest}.")
