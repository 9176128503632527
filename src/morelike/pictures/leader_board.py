"""The picture of a leader board: losses with their intervals, the best on top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import plotly.graph_objects as go

from morelike.errors import SettingError
from morelike.pictures.style import COLOURS, STRUCTURE, as_label, styled

__all__ = ["Placed", "leader_board_figure"]


@runtime_checkable
class Placed(Protocol):
    """A model's place: its name, and its loss with the 95 % interval, in nats per character."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def loss(self) -> float:
        """Nats per character."""

    @property
    def interval(self) -> tuple[float, float]:
        """Of 95 %."""


def leader_board_figure(places: Sequence[Placed], part: str = "test") -> go.Figure:
    """Return models as points with 95 % intervals, from the least loss at the top to the greatest.

    Raises:
        SettingError: no models.
    """
    if not places:
        raise SettingError("no models to rank: give at least one")
    ordered = sorted(places, key=lambda place: place.loss)
    rows = list(range(len(ordered)))
    figure = go.Figure(
        go.Scatter(
            x=[place.loss for place in ordered],
            y=rows,
            mode="markers",
            marker={"size": 12, "color": [COLOURS[1]] + [COLOURS[0]] * (len(ordered) - 1)},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [place.interval[1] - place.loss for place in ordered],
                "arrayminus": [place.loss - place.interval[0] for place in ordered],
                "color": STRUCTURE,
                "thickness": 2,
                "width": 5,
            },
            text=[f"{place.interval[0]:.4f} to {place.interval[1]:.4f}" for place in ordered],
            hovertemplate="%{x:.4f}, 95 % interval %{text}<extra></extra>",
        )
    )
    styled(figure, f"Loss on {part}", "nats per character; less is better", "")
    names = [as_label(place.name) for place in ordered]
    figure.update_yaxes(tickvals=rows, ticktext=names, range=[len(rows) - 0.5, -0.5])
    return figure.update_layout(height=44 * len(ordered) + 160)
