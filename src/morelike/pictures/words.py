"""Pictures of words: how surprising each character is, how long they are, and how many are new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from morelike.arrays import Float, Int
from morelike.errors import SettingError
from morelike.pictures.style import COLOURS, SEQUENTIAL, TITLE_HEIGHT, as_label, as_symbol, styled

__all__ = ["lengths_figure", "novelty_figure", "surprisal_figure"]

BITS_SHOWN = 8.0
"""Bits from which on all colours are the darkest: one choice of 256."""
LONGEST_SHOWN = 40
NARROWEST = 16
"""Characters that a row has room for at least, so that short words are not drawn broad."""
PARTS = {"new": COLOURS[2], "train": COLOURS[0], "dev": COLOURS[4], "test": COLOURS[3]}


def surprisal_figure(groups: Mapping[str, Sequence[tuple[Sequence[str], Float[NDArray[Any], " _"]]]]) -> go.Figure:
    """Return each word as a row of its characters, coloured by how surprising each one is; groups have their titles.

    Args:
        groups: words by what they are; of each its symbols (`""` is the end) and their surprisal in nats. Only the
            first 40 symbols are shown.

    Raises:
        SettingError: no words, or a word with more or fewer figures than symbols.
    """
    words = [word for group in groups.values() for word in group]
    if not words:
        raise SettingError("no words to show the surprisal of: give at least one")
    for symbols, nats in words:
        if len(symbols) != len(nats):
            raise SettingError(f"{len(symbols)} symbols and {len(nats)} figures: one for each")
    columns = min(max(NARROWEST, *(len(symbols) for symbols, _ in words)), LONGEST_SHOWN)
    titled: list[tuple[Sequence[str], Any]] = []
    titles: dict[int, str] = {}
    for title, group in groups.items():
        if title and group:
            titles[len(titled)] = title
            titled.append(([], np.zeros(0)))
        titled += group
    figure = go.Figure(_cells(titled, columns))
    styled(figure, "Surprisal of each character", "", "bits per character")
    for row, title in titles.items():
        figure.add_annotation(
            x=-0.5, y=row + 0.15, text=as_label(title), showarrow=False, xanchor="left", font={"size": 13}
        )
    marked = [row for row in range(len(titled)) if row not in titles]
    averages = [f"{float(np.mean(titled[row][1])) / log(2):.2f}" for row in marked]
    figure.update_xaxes(visible=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, tickvals=marked, ticktext=averages)
    return figure.update_layout(
        height=34 * len(titled) + 110, margin={"l": 50, "r": 10, "t": TITLE_HEIGHT + 46, "b": 10}
    )


def _cells(rows: Sequence[tuple[Sequence[str], Any]], columns: int) -> go.Heatmap:
    """Return rows of characters with their bits as colours; what is beyond a row's end stays empty."""
    bits = np.full((len(rows), columns), np.nan)
    marks = [[""] * columns for _ in rows]
    for row, (symbols, nats) in enumerate(rows):
        shown = min(len(nats), columns)
        bits[row, :shown] = nats[:shown] / log(2)
        marks[row][:shown] = [as_symbol(symbol) for symbol in symbols[:shown]]
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
        textfont={"size": 15},
        hovertemplate="%{text}: %{z:.2f} bits<extra></extra>",
        hoverongaps=False,
        colorscale=[[i / 3, colour] for i, colour in enumerate(SEQUENTIAL)],
        zmin=0,
        zmax=BITS_SHOWN,
        colorbar={
            **bar,
            "tickvals": [0, 2, 4, 6, 7.9],
            "ticktext": ["0", "2", "4", "6", "8+"],
            "title": {"text": "bits", "side": "top"},
            "outlinewidth": 0,
        },
        xgap=2,
        ygap=3,
    )


def lengths_figure(train: Mapping[int, int] | None, samples: Mapping[int, int]) -> go.Figure:
    """Return how long the words of train and the samples are: counts by length, shown as shares.

    Raises:
        SettingError: no samples and no train words.
    """
    given = {"train": train or {}, "samples": samples}
    counted = {name: counts for name, counts in given.items() if counts}
    if not counted:
        raise SettingError("no lengths to show: give words or samples")
    figure = go.Figure()
    if "train" in counted:
        x, y = _shares(counted["train"])
        figure.add_bar(x=x, y=y, name="train", marker={"color": COLOURS[0], "opacity": 0.55})
    if "samples" in counted:
        x, y = _shares(counted["samples"])
        figure.add_scatter(
            x=x, y=y, name="samples", mode="lines+markers", line={"color": COLOURS[1], "width": 2.5}, marker={"size": 7}
        )
    figure.update_traces(hovertemplate="%{x} characters: %{y:.1%}")
    styled(figure, "Length of the words", "characters", "share of the words")
    longest = max(_almost_all(counts) for counts in counted.values())
    figure.update_xaxes(range=[0.5, longest + 0.5], dtick=max(1, round(longest / 15)), showgrid=False)
    return figure.update_yaxes(tickformat=".0%", rangemode="tozero").update_layout(bargap=0.15)


def novelty_figure(counts: Mapping[str, Mapping[str, int]]) -> go.Figure:
    """Return how many samples of each model are new, or stand in train, dev or test, as one bar of shares for each.

    Raises:
        SettingError: no samples.
    """
    totals = {name: sum(found.values()) for name, found in counts.items()}
    if not counts or not all(totals.values()):
        raise SettingError("no samples to tell new from known: give at least one")
    rows = list(range(len(counts)))
    figure = go.Figure(
        [
            go.Bar(
                x=[counts[name].get(part, 0) / totals[name] for name in counts],
                y=rows,
                orientation="h",
                name=part if part == "new" else f"in {part}",
                marker={"color": colour},
                texttemplate="%{x:.1%}",
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                hovertemplate="%{x:.1%}",
            )
            for part, colour in PARTS.items()
            if any(found.get(part, 0) for found in counts.values())
        ]
    )
    styled(figure, "Samples as they come: new, or in the list", "share of the samples", "")
    figure.update_yaxes(
        tickvals=rows, ticktext=[as_label(name) for name in counts], autorange="reversed", showgrid=False
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


def _almost_all(counts: Mapping[int, int]) -> int:
    """Return the length that 999 of 1,000 words do not exceed."""
    left: Int[NDArray[Any], " lengths"] = np.cumsum([counts[length] for length in sorted(counts)])
    return sorted(counts)[int(np.searchsorted(left, 0.999 * left[-1]))]
