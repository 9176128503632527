"""How objects show themselves: a short `repr`, a small table in a notebook, and their pictures.

The tables have no colours, so they suit light and dark notebooks. They hold no script, and words are text.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib import import_module
from typing import Any

from morelike.errors import excerpt
from morelike.installation import require

MOST_CHARACTERS = 200
"""Characters of a `repr`."""
MOST_ROWS = 20
"""Rows of a table; the others are counted."""
NUMBER = "text-align: right"
TEXT = "text-align: left"


@dataclass(frozen=True)
class Summary:
    """What an object shows of itself: facts by name, and perhaps a table. A fact that is None is left out.

    `details` are facts that only a notebook shows.
    """

    facts: Mapping[str, Any]
    details: Mapping[str, Any] = field(default_factory=dict)
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()


class Summarized(ABC):
    """An object with a `repr` of one line and a small table in a notebook; both show its `_summary`."""

    @abstractmethod
    def _summary(self) -> Summary:
        """Return what the object shows of itself."""

    def __repr__(self) -> str:
        facts = self._summary().facts.items()
        shown = ", ".join(f"{name}={_code(value)}" for name, value in facts if value is not None)
        line = f"{type(self).__name__}({shown})"
        return line if len(line) <= MOST_CHARACTERS else line[: MOST_CHARACTERS - 2] + "…)"

    def _repr_html_(self) -> str:
        return summary_html(type(self).__name__, self._summary())


def summary_html(title: str, summary: Summary) -> str:
    """Return a summary as HTML: a title, a table of facts, and a table of rows.

    >>> summary_html("Split", Summary({"name": "<b>"})).count("&lt;b&gt;")
    1
    """
    facts = {name: value for name, value in (*summary.facts.items(), *summary.details.items()) if value is not None}
    parts = [f"<strong>{escape(title)}</strong>"]
    if facts:
        parts.append(_table((), [(name.replace("_", " "), value) for name, value in facts.items()]))
    if summary.rows:
        parts.append(_table(summary.columns, summary.rows))
    return f"<div>{''.join(parts)}</div>"


def shown(value: object) -> str:
    """Return a value for a reader: numbers with five significant digits or separators, intervals in words.

    >>> shown(1.959123), shown(32033), shown((1.9, 2.05)), shown(True), shown("emma")
    ('1.9591', '32,033', '1.9 to 2.05', 'yes', 'emma')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(each, float) for each in value):
        return f"{value[0]:.5g} to {value[1]:.5g}"
    return str(value)


def _code(value: object) -> str:
    """Return a value as in a call: numbers with five significant digits, long texts shortened."""
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, tuple):
        return f"({', '.join(map(_code, value))})"
    return excerpt(value)


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a table as HTML. Without names of columns, the first cell of each row is its head."""
    lines = ["".join(f'<th style="{TEXT}">{escape(name)}</th>' for name in columns)] if columns else []
    for row in rows[:MOST_ROWS]:
        head = "" if columns else f'<th style="{TEXT}">{escape(str(row[0]))}</th>'
        lines.append(head + "".join(map(_cell, row if columns else row[1:])))
    if len(rows) > MOST_ROWS:
        lines.append(f'<td style="{TEXT}" colspan="{len(columns)}">… and {len(rows) - MOST_ROWS:,} more</td>')
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _cell(value: object) -> str:
    if value is None:
        return "<td></td>"
    style = NUMBER if isinstance(value, int | float | tuple) and not isinstance(value, bool) else TEXT
    return f'<td style="{style}"><bdi>{escape(shown(value))}</bdi></td>'


class Plots:
    """The attribute `plot` of a class: the pictures of an object, each a method (see `morelike.notebook.plots`).

    It is no property: IPython completes the names of what a descriptor returns, but calls no property for it.
    """

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """Return the pictures of the object."""
        if instance is None:
            return self
        # By its name: pictures are made of models, so a model must not import them.
        require("plotly")
        return import_module("morelike.notebook.plots").ModelPlots(getattr(instance, "model", instance))
