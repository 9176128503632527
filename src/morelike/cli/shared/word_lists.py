"""What the commands about single words share: words from arguments or a pipe, the list to compare with, columns."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Any, TypeAlias

from cyclopts import Parameter

from morelike.cli.shared.output import person
from morelike.errors import SettingError
from morelike.evaluation.lexical import COLUMNS, NEAREST, Measures
from morelike.text.reading import read_lines

__all__ = ["Among", "cells", "say_if_few", "words_from"]

Among: TypeAlias = Annotated[
    str | None,
    Parameter(name="--list", help="the list to compare with [default: the one that the model learned from]"),
]

PLACES = {"length": 0, "neighbours": 0, "old20": 2, "bigrams": 3, "trigrams": 3, "bits": 3}


def words_from(words: Sequence[str], model: str, command: str) -> list[str]:
    """Return the words that were given, or those that come through a pipe.

    Raises:
        SettingError: neither.
        ListError: the pipe gives no words.
    """
    if words:
        return list(words)
    if sys.stdin.isatty():
        raise SettingError(f"no words: name them (`morelike {command} {model} emma`) or send a list through a pipe")
    return read_lines("-")


def cells(row: dict[str, Any]) -> list[str]:
    """Return the columns of a word's measures as they are printed."""
    return [f"{row[column]:.{PLACES[column]}f}" for column in COLUMNS]


def say_if_few(measures: Measures) -> None:
    """Say so where a list is too small for 20 neighbours."""
    if measures.nearest < NEAREST:
        person().print(f"The list is too small for {NEAREST} neighbours: old20 is the mean over {measures.nearest}.")
