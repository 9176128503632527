"""Histograms of numbers inside a network: weights, activations, gradients."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from math import ceil
from typing import Protocol, runtime_checkable

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from morelike.errors import SettingError
from morelike.pictures.style import COLOURS, TITLE_HEIGHT, as_label, styled

__all__ = ["Binned", "histogram_figure", "histograms_figure"]

HEIGHT = 200  # pixels of each


@runtime_checkable
class Binned(Protocol):
    """Counts of numbers between edges, one edge more than counts."""

    @property
    def counts(self) -> Iterable[float]:
        """How many numbers lie between two edges."""

    @property
    def edges(self) -> Iterable[float]:
        """The edges, rising."""


def histogram_figure(histogram: Binned, name: str) -> go.Figure:
    """Return one histogram."""
    figure = styled(go.Figure(_bars(histogram, name)), as_label(name), "", "")
    figure.update_yaxes(visible=False).update_xaxes(nticks=4, showgrid=False)
    return figure.update_layout(
        height=HEIGHT, bargap=0, showlegend=False, margin={"l": 8, "r": 8, "t": TITLE_HEIGHT + 6, "b": 30}
    )


def histograms_figure(histograms: Mapping[str, Binned], *, columns: int = 3) -> go.Figure:
    """Return histograms side by side, by name; each has an axis of its own.

    Raises:
        SettingError: none given.
    """
    if not histograms:
        raise SettingError("no histograms to show: the model has no weights that are learned by gradients")
    rows = ceil(len(histograms) / columns)
    figure = make_subplots(
        rows=rows,
        cols=min(columns, len(histograms)),
        subplot_titles=[as_label(name) for name in histograms],
        vertical_spacing=0.4 / max(rows, 2),
    )
    for i, (name, histogram) in enumerate(histograms.items()):
        figure.add_trace(_bars(histogram, name), row=i // columns + 1, col=i % columns + 1)
    styled(figure, "Inside the network", "", "").update_layout(bargap=0, showlegend=False)
    return figure.update_yaxes(showticklabels=False).update_layout(height=HEIGHT * rows + 120)


def _bars(histogram: Binned, name: str) -> go.Bar:
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
