"""How large gradients and updates are beside the weights that they change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import plotly.graph_objects as go

from morelike.errors import SettingError
from morelike.pictures.style import COLOURS, STRUCTURE, as_label, styled

__all__ = ["Measured", "ratios_figure"]

ROW = 30  # pixels of a weight


@runtime_checkable
class Measured(Protocol):
    """A weight with the spread of its gradient and of its update, as shares of its own; None where it has none."""

    @property
    def name(self) -> str:
        """What the weight is called."""

    @property
    def gradient_to_data(self) -> float | None:
        """Deviation of the gradient over that of the weight."""

    @property
    def update_to_data(self) -> float | None:
        """Deviation of one step's update over that of the weight."""


def ratios_figure(weights: Sequence[Measured], guide: float) -> go.Figure:
    """Return the ratios of each weight on a logarithmic scale, with the line by which updates are judged.

    Raises:
        SettingError: no weight has a ratio that stands on such a scale.
    """
    shown = [weight for weight in weights if weight.update_to_data]
    if not shown:
        raise SettingError("no ratios to show: none of the weights has an update")
    rows = list(range(len(shown)))
    figure = go.Figure()
    for name, colour, symbol, ratios in (
        ("gradient:data", COLOURS[1], "diamond-open", [weight.gradient_to_data or None for weight in shown]),
        ("update:data", COLOURS[0], "circle", [weight.update_to_data for weight in shown]),
    ):
        figure.add_scatter(
            x=ratios,
            y=rows,
            name=name,
            mode="markers",
            marker={"size": 10, "color": colour, "symbol": symbol},
            hovertemplate=f"{name} %{{x:.2g}}<extra></extra>",
        )
    styled(figure, "Gradients and updates beside the weights", "share of the weight's own deviation", "")
    figure.add_vline(guide, line={"color": STRUCTURE, "dash": "dash", "width": 1.5})
    figure.update_xaxes(type="log", tickformat="~g", dtick=1)
    names = [as_label(weight.name) for weight in shown]
    figure.update_yaxes(tickvals=rows, ticktext=names, range=[len(rows) - 0.5, -0.5])
    return figure.update_layout(height=ROW * len(shown) + 150)
