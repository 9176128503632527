"""The picture of a leader board: losses with their intervals, the best at the top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import plotly.graph_objects as go

from morelike.errors import SettingError
from morelike.pictures.figure import Figure
from morelike.pictures.style import COLOURS, STRUCTURE, apply_style, escape_label


@runtime_checkable
class RankedModel(Protocol):
    """A model with its loss on held-out words."""

    @property
    def name(self) -> str:
        """The name of the model."""

    @property
    def loss(self) -> float:
        """The loss in nats per character."""

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the loss."""


@dataclass(frozen=True)
class StatedModel:
    """A model of which only the name, the loss and its 95 % interval are known (nats per character)."""

    name: str
    loss: float
    interval: tuple[float, float]


def leader_board_figure(
    models: Sequence[RankedModel], split: str = "test", colours: Mapping[str, str] | None = None
) -> go.Figure:
    """Return models as points with 95 % intervals, sorted by loss with the least at the top.

    `colours` gives each model its colour by name. By default the best model has a colour of its own.

    Raises:
        SettingError: there are no models.
    """
    if not models:
        raise SettingError("no models to rank: give at least one")
    ordered = sorted(models, key=lambda model: model.loss)
    rows = list(range(len(ordered)))
    best_first = [COLOURS[1]] + [COLOURS[0]] * (len(ordered) - 1)
    drawn = [colours[model.name] for model in ordered] if colours else best_first
    figure = Figure(
        go.Scatter(
            x=[model.loss for model in ordered],
            y=rows,
            mode="markers",
            marker={"size": 12, "color": drawn},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [model.interval[1] - model.loss for model in ordered],
                "arrayminus": [model.loss - model.interval[0] for model in ordered],
                "color": STRUCTURE,
                "thickness": 2,
                "width": 5,
            },
            text=[f"{model.interval[0]:.4f} to {model.interval[1]:.4f}" for model in ordered],
            hovertemplate="%{x:.4f}, 95 % interval %{text}<extra></extra>",
        )
    )
    apply_style(figure, f"Loss on {split}", "nats per character (lower is better)", "")
    names = [escape_label(model.name) for model in ordered]
    figure.update_yaxes(tickvals=rows, ticktext=names, range=[len(rows) - 0.5, -0.5])
    return figure.update_layout(height=44 * len(ordered) + 160)
