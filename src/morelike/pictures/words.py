"""Pictures of words: the surprisal of each character, the word lengths, and the share of new words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from morelike.arrays import Float, Int
from morelike.errors import SettingError
from morelike.pictures.figure import Figure
from morelike.pictures.style import (
    COLOURS,
    INK,
    SEQUENTIAL,
    TITLE_HEIGHT,
    apply_style,
    escape_label,
    escape_symbol,
    ink_on,
)

BITS_SHOWN = 8.0
"""Higher surprisals all have the darkest colour. 8 bits are a choice of 256."""
LONGEST_SHOWN = 40
NARROWEST = 16
"""The least number of columns, so that the cells of short words are not too wide."""
SPLIT_COLOURS = {"new": COLOURS[2], "train": COLOURS[0], "dev": COLOURS[4], "test": COLOURS[3]}


def surprisal_figure(groups: Mapping[str, Sequence[tuple[Sequence[str], Float[NDArray[Any], " _"]]]]) -> go.Figure:
    """Return each word as a row of characters, coloured by surprisal. Each group of words has a title.

    Args:
        groups: words by the title of their group. A word is given by its symbols (`""` is the end) and their surprisal
            in nats. Only the first 40 symbols are shown.

    Raises:
        SettingError: there are no words, or a word does not have one surprisal for each symbol.
    """
    words = [word for group in groups.values() for word in group]
    if not words:
        raise SettingError("no words to show the surprisal of: give at least one")
    for symbols, nats in words:
        if len(symbols) != len(nats):
            raise SettingError(f"{len(symbols)} symbols and {len(nats)} figures: one for each")
    columns = min(max(NARROWEST, *(len(symbols) for symbols, _ in words)), LONGEST_SHOWN)
    rows: list[tuple[Sequence[str], Any]] = []
    titles: dict[int, str] = {}
    for title, group in groups.items():
        if title and group:
            titles[len(rows)] = title
            rows.append(([], np.zeros(0)))
        rows += group
    figure = Figure(_cells(rows, columns))
    apply_style(figure, "Surprisal of each character", "", "bits per character")
    for row, title in titles.items():
        figure.add_annotation(
            x=-0.5, y=row + 0.15, text=escape_label(title), showarrow=False, xanchor="left", font={"size": 13}
        )
    word_rows = [row for row in range(len(rows)) if row not in titles]
    averages = [f"{float(np.mean(rows[row][1])) / log(2):.2f}" for row in word_rows]
    figure.update_xaxes(visible=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, tickvals=word_rows, ticktext=averages)
    return figure.update_layout(height=34 * len(rows) + 110, margin={"l": 50, "r": 10, "t": TITLE_HEIGHT + 46, "b": 10})


def _cells(rows: Sequence[tuple[Sequence[str], Any]], columns: int) -> go.Heatmap:
    """Return rows of characters coloured by their bits. Cells after the end of a row are empty."""
    bits = np.full((len(rows), columns), np.nan)
    marks = [[""] * columns for _ in rows]
    for row, (symbols, nats) in enumerate(rows):
        shown = min(len(nats), columns)
        bits[row, :shown] = nats[:shown] / log(2)
        marks[row][:shown] = [escape_symbol(symbol) for symbol in symbols[:shown]]
    bar = {
        "orientation": "h",
        "y": 1,
        "yanchor": "bottom",
        "ypad": 4,
        "thickness": 8,
        "len": 0.4,
        "x": 1,
        "xanchor": "right",
    }
    return go.Heatmap(
        z=bits,
        text=marks,
        texttemplate="%{text}",
        textfont={"size": 15, "color": INK},
        hovertemplate="%{text}: %{z:.2f} bits<extra></extra>",
        hoverongaps=False,
        colorscale=[[i / 3, colour] for i, colour in enumerate(SEQUENTIAL)],
        zmin=0,
        zmax=BITS_SHOWN,
        colorbar={
            **bar,
            "tickvals": [0, 2, 4, 6, 8],
            "ticktext": ["0", "2", "4", "6", "8+"],
            "title": {"text": "bits", "side": "top"},
            "outlinewidth": 0,
        },
        xgap=2,
        ygap=3,
    )


def lengths_figure(train: Mapping[int, int] | None, samples: Mapping[int, int]) -> go.Figure:
    """Return the word lengths of train and of the samples as shares. Both are given as counts by length.

    Raises:
        SettingError: there are no samples and no words of train.
    """
    lengths = {"train": train or {}, "samples": samples}
    counted = {name: counts for name, counts in lengths.items() if counts}
    if not counted:
        raise SettingError("no lengths to show: give words or samples")
    figure = Figure()
    if "train" in counted:
        x, y = _shares(counted["train"])
        figure.add_bar(x=x, y=y, name="train", marker={"color": COLOURS[0], "opacity": 0.55})
    if "samples" in counted:
        x, y = _shares(counted["samples"])
        figure.add_scatter(
            x=x, y=y, name="samples", mode="lines+markers", line={"color": COLOURS[1], "width": 2.5}, marker={"size": 7}
        )
    figure.update_traces(hovertemplate="%{x} characters: %{y:.1%}")
    apply_style(figure, "Word lengths", "characters", "share of the words")
    longest = max(_longest_shown(counts) for counts in counted.values())
    figure.update_xaxes(range=[0.5, longest + 0.5], dtick=max(1, round(longest / 15)), showgrid=False)
    return figure.update_yaxes(tickformat=".0%", rangemode="tozero").update_layout(bargap=0.15)


def novelty_figure(counts: Mapping[str, Mapping[str, int]]) -> go.Figure:
    """Return for each model a bar with the shares of samples that are new, or are in train, dev or test.

    Raises:
        SettingError: there are no samples.
    """
    totals = {name: sum(found.values()) for name, found in counts.items()}
    if not counts or not all(totals.values()):
        raise SettingError("no samples to show: give at least one")
    rows = list(range(len(counts)))
    figure = Figure(
        [
            go.Bar(
                x=[counts[name].get(split, 0) / totals[name] for name in counts],
                y=rows,
                orientation="h",
                name=split if split == "new" else f"in {split}",
                marker={"color": colour},
                texttemplate="%{x:.1%}",
                textposition="inside",
                textfont={"color": ink_on(colour)},
                insidetextanchor="middle",
                textangle=0,
                hovertemplate="%{x:.1%}",
            )
            for split, colour in SPLIT_COLOURS.items()
            if any(found.get(split, 0) for found in counts.values())
        ]
    )
    apply_style(figure, "Unfiltered samples: new, or in the list", "share of the samples", "")
    figure.update_yaxes(
        tickvals=rows, ticktext=[escape_label(name) for name in counts], autorange="reversed", showgrid=False
    )
    figure.update_xaxes(tickformat=".0%", range=[0, 1])
    return figure.update_layout(
        barmode="stack",
        height=44 * len(counts) + 140,
        legend_traceorder="normal",
        uniformtext={"mode": "hide", "minsize": 11},
    )


def _shares(counts: Mapping[int, int]) -> tuple[list[int], list[float]]:
    lengths = list(range(min(counts), min(max(counts), min(counts) + 1000) + 1))
    total = sum(counts.values())
    return lengths, [counts.get(length, 0) / total for length in lengths]


def _longest_shown(counts: Mapping[int, int]) -> int:
    """Return the length that 99.9 % of the words do not exceed."""
    cumulative: Int[NDArray[Any], " lengths"] = np.cumsum([counts[length] for length in sorted(counts)])
    return sorted(counts)[int(np.searchsorted(cumulative, 0.999 * cumulative[-1]))]
