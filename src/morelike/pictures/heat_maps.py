"""Heat maps of pairs of characters: the counts of each pair, and the bigram model of these counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.errors import SettingError
from morelike.pictures.figure import Figure
from morelike.pictures.style import INK, SEQUENTIAL, TITLE_HEIGHT, apply_style, escape_symbol

MOST_VALUES = 40  # symbols; with more, a cell is narrower than a number
CELL = 26  # pixels


def count_figure(counts: Int[NDArray[Any], "V V"], symbols: Sequence[str]) -> go.Figure:
    """Return how often each symbol (column) follows each symbol (row), with the counts as text if they fit.

    `symbols` are characters; `""` is the end of a word, and also the position before its first character.

    Raises:
        SettingError: the number of symbols does not fit the rows and columns.
    """
    texts = [[_short_count(count) for count in row] for row in counts.tolist()]
    return _heat_map(counts, counts, texts, symbols, "Counts of character pairs")


def bigram_figure(counts: Int[NDArray[Any], "V V"], symbols: Sequence[str]) -> go.Figure:
    """Return the bigram model of these counts: each row gives the shares of the next symbol in per cent.

    Raises:
        SettingError: the number of symbols does not fit the rows and columns.
    """
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    texts = [[f"{share:.0f}" if share >= 0.5 else "" for share in row] for row in shares]
    return _heat_map(shares, counts, texts, symbols, "The next character, per cent")


def _heat_map(values: Any, counts: Any, texts: list[list[str]], symbols: Sequence[str], title: str) -> go.Figure:
    if counts.shape != (len(symbols), len(symbols)):
        raise SettingError(f"{len(symbols)} symbols and counts of shape {counts.shape}: one row and column for each")
    marks = [escape_symbol(symbol) for symbol in symbols]
    totals = np.maximum(counts.sum(axis=1), 1)
    hover = [
        [
            f"{first} then {second}: {counts[i, j]:,} times, {counts[i, j] / totals[i]:.1%}"
            for j, second in enumerate(marks)
        ]
        for i, first in enumerate(marks)
    ]
    figure = Figure(
        go.Heatmap(
            z=np.sqrt(values),  # the square root distinguishes rare pairs from pairs that never occur
            text=texts,
            texttemplate="%{text}" if len(symbols) <= MOST_VALUES else None,
            textfont={"size": 10, "color": INK},
            hovertext=hover,
            hovertemplate="%{hovertext}<extra></extra>",
            colorscale=[[i / 3, colour] for i, colour in enumerate(SEQUENTIAL)],
            showscale=False,
            xgap=1,
            ygap=1,
        )
    )
    apply_style(figure, title, "the next character", "a character")
    ticks = {"tickvals": list(range(len(symbols))), "ticktext": marks, "showgrid": False, "tickangle": 0}
    figure.update_xaxes(**ticks, side="top")
    return figure.update_yaxes(**ticks, autorange="reversed").update_layout(
        meta="pairs",
        height=max(CELL * len(symbols) + 120, 260),
        margin={"l": 50, "r": 10, "t": TITLE_HEIGHT + 50, "b": 10},
    )


def _short_count(count: int) -> str:
    """Return a count in at most four characters, and an empty text for 0.

    >>> [_short_count(count) for count in (0, 7, 950, 1234, 45678, 2_500_000)]
    ['', '7', '950', '1.2k', '46k', '2.5M']
    """
    if count < 1000:
        return str(count) if count else ""
    size, unit = (count / 1e3, "k") if count < 999_500 else (count / 1e6, "M")
    return f"{size:.1f}{unit}" if size < 9.95 else f"{size:.0f}{unit}"
