"""Histograms of weights, activations and gradients."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from math import ceil
from typing import Protocol, runtime_checkable

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from morelike.errors import SettingError
from morelike.pictures.figure import Figure
from morelike.pictures.style import COLOURS, TITLE_HEIGHT, apply_style, escape_label

HEIGHT = 200  # pixels of one histogram
COUNT_AXIS = {"nticks": 4, "rangemode": "tozero"}
VALUE_AXIS = {"nticks": 4, "showgrid": False, "exponentformat": "power"}


@runtime_checkable
class HistogramData(Protocol):
    """The counts of values between edges. There is one edge more than counts."""

    @property
    def counts(self) -> Iterable[float]:
        """The number of values between two edges."""

    @property
    def edges(self) -> Iterable[float]:
        """The edges, in ascending order."""


def histogram_figure(histogram: HistogramData, name: str) -> go.Figure:
    """Return one histogram."""
    figure = apply_style(Figure(_bars(histogram, name)), escape_label(name), "", "")
    figure.update_yaxes(**COUNT_AXIS).update_xaxes(**VALUE_AXIS)
    return figure.update_layout(
        height=HEIGHT, bargap=0, showlegend=False, margin={"l": 46, "r": 8, "t": TITLE_HEIGHT + 6, "b": 30}
    )


def histograms_figure(histograms: Mapping[str, HistogramData], *, columns: int = 3) -> go.Figure:
    """Return several histograms by name, each with its own axis.

    Raises:
        SettingError: there are no histograms.
    """
    if not histograms:
        raise SettingError("no histograms to show: the model has no weights that are learned by gradients")
    rows = ceil(len(histograms) / columns)
    figure = make_subplots(
        figure=Figure(),
        rows=rows,
        cols=min(columns, len(histograms)),
        subplot_titles=[escape_label(name) for name in histograms],
        vertical_spacing=0.4 / max(rows, 2),
    )
    for i, (name, histogram) in enumerate(histograms.items()):
        figure.add_trace(_bars(histogram, name), row=i // columns + 1, col=i % columns + 1)
    apply_style(figure, "Inside the network", "", "").update_layout(bargap=0, showlegend=False)
    return figure.update_yaxes(**COUNT_AXIS).update_xaxes(**VALUE_AXIS).update_layout(height=HEIGHT * rows + 120)


def _bars(histogram: HistogramData, name: str) -> go.Bar:
    counts, edges = list(histogram.counts), list(histogram.edges)
    if len(edges) != len(counts) + 1:
        raise SettingError(f"{name}: {len(counts)} counts and {len(edges)} edges: one edge more than counts")
    return go.Bar(
        x=[(low + high) / 2 for low, high in itertools.pairwise(edges)],
        y=counts,
        width=[high - low for low, high in itertools.pairwise(edges)],
        marker={"color": COLOURS[0], "line": {"width": 0}},
        hovertemplate="about %{x:.3g}: %{y:,}<extra></extra>",
    )
