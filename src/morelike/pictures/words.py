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
from morelike.pictures.style import COLOURS, SEQUENTIAL, as_label, as_symbol, styled

__all__ = ["lengths_figure", "novelty_figure", "surprisal_figure"]

BITS_SHOWN = 8.0
"""Bits from which on all colours are the darkest: one choice of 256."""
LONGEST_SHOWN = 40
PARTS = {"new": COLOURS[2], "train": COLOURS[0], "dev": COLOURS[4], "test": COLOURS[3]}


def surprisal_figure(words: Sequence[tuple[Sequence[str], Float[NDArray[Any], " T"]]]) -> go.Figure:
    """Return each word as a row of its characters, coloured by how surprising each one is.

    Args:
        words: of each its symbols (`""` is the end) and their surprisal in nats. More than 40 are cut.

    Raises:
        SettingError: no words, or a word with more or fewer figures than symbols.
    """
    if not words:
        raise SettingError("no words to show the surprisal of: give at least one")
    for symbols, nats in words:
        if len(symbols) != len(nats):
            raise SettingError(f"{len(symbols)} symbols and {len(nats)} figures: one for each")
    width = min(max(len(symbols) for symbols, _ in words), LONGEST_SHOWN)
    bits = np.full((len(words), width), np.nan)
    marks = [[""] * width for _ in words]
    for row, (symbols, nats) in enumerate(words):
        bits[row, : len(nats)] = nats[:width] / log(2)
        marks[row][: len(symbols)] = [as_symbol(symbol) for symbol in symbols[:width]]
    figure = go.Figure(
        go.Heatmap(
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
                "orientation": "h",
                "y": 1.02,
                "yanchor": "bottom",
                "thickness": 8,
                "len": 0.5,
                "x": 1,
                "xanchor": "right",
                "tickvals": [0, 2, 4, 6, 8],
                "ticktext": ["0 bits", "2", "4", "6", "8 or more"],
                "outlinewidth": 0,
            },
            xgap=2,
            ygap=4,
        )
    )
    totals = [f"{float(np.mean(nats)) / log(2):.2f}" for _, nats in words]
    styled(figure, "Surprisal of each character", "", "bits per character, on average")
    figure.update_xaxes(visible=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, tickvals=list(range(len(words))), ticktext=totals)
    return figure.update_layout(height=38 * len(words) + 130, margin={"l": 50, "r": 10, "t": 100, "b": 10})


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
    figure.update_yaxes(tickvals=rows, ticktext=[as_label(name) for name in counts], autorange="reversed", showgrid=False)
    figure.update_xaxes(tickformat=".0%", range=[0, 1])
    return figure.update_layout(
        barmode="stack", height=46 * len(counts) + 150, legend_traceorder="normal", uniformtext={"mode": "hide", "minsize": 11}
    )


def _shares(counts: Mapping[int, int]) -> tuple[list[int], list[float]]:
    lengths = list(range(min(counts), min(max(counts), min(counts) + 1000) + 1))
    total = sum(counts.values())
    return lengths, [counts.get(length, 0) / total for length in lengths]


def _almost_all(counts: Mapping[int, int]) -> int:
    """Return the length that 999 of 1,000 words do not exceed."""
    left: Int[NDArray[Any], " lengths"] = np.cumsum([counts[length] for length in sorted(counts)])
    return sorted(counts)[int(np.searchsorted(left, 0.999 * left[-1]))]
