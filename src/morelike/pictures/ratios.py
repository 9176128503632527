"""The picture of gradients and updates relative to the weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import plotly.graph_objects as go

from morelike.errors import SettingError
from morelike.pictures.figure import Figure
from morelike.pictures.style import COLOURS, STRUCTURE, apply_style, escape_label

ROW_HEIGHT = 30  # pixels


@runtime_checkable
class WeightRatios(Protocol):
    """A weight with the ratios of its gradient and its update to the weight itself, None if they do not exist."""

    @property
    def name(self) -> str:
        """The name of the weight."""

    @property
    def gradient_to_data(self) -> float | None:
        """Standard deviation of the gradient, divided by that of the weight."""

    @property
    def update_to_data(self) -> float | None:
        """Standard deviation of the update by one step, divided by that of the weight."""


def ratios_figure(weights: Sequence[WeightRatios], guide: float) -> go.Figure:
    """Return the ratios of each weight on a logarithmic scale, with the guide line for updates.

    Raises:
        SettingError: no weight has an update.
    """
    shown = [weight for weight in weights if weight.update_to_data]
    if not shown:
        raise SettingError("no ratios to show: none of the weights has an update")
    rows = list(range(len(shown)))
    figure = Figure()
    for name, colour, symbol, ratios in (
        ("gradient", COLOURS[1], "diamond-open", [weight.gradient_to_data or None for weight in shown]),
        ("update", COLOURS[0], "circle", [weight.update_to_data for weight in shown]),
    ):
        figure.add_scatter(
            x=ratios,
            y=rows,
            name=name,
            mode="markers",
            marker={"size": 10, "color": colour, "symbol": symbol},
            hovertemplate=f"{name} %{{x:.2g}}<extra></extra>",
        )
    apply_style(
        figure,
        "Gradients and updates relative to the weights",
        "standard deviation, relative to that of the weight",
        "",
    )
    figure.add_vline(guide, line={"color": STRUCTURE, "dash": "dash", "width": 1.5})
    figure.update_xaxes(type="log", tickformat="~g", dtick=1)
    names = [escape_label(weight.name) for weight in shown]
    figure.update_yaxes(tickvals=rows, ticktext=names, range=[len(rows) - 0.5, -0.5])
    return figure.update_layout(height=ROW_HEIGHT * len(shown) + 150)
