"""The picture of a learning-rate range test: the loss by learning rate."""

from __future__ import annotations

from math import log10
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from morelike.arrays import Float
from morelike.pictures.figure import Figure
from morelike.pictures.style import COLOURS, FAINT, apply_style

WORST_SHOWN = 1.5  # times the first loss; a higher loss would make the rest of the curve flat


def range_test_figure(
    rates: Float[NDArray[Any], " steps"],
    losses: Float[NDArray[Any], " steps"],
    smoothed: Float[NDArray[Any], " steps"],
    suggestion: float,
) -> go.Figure:
    """Return the loss and the smoothed loss by learning rate, on a logarithmic axis, with the suggested rate marked."""
    finite = np.where(np.isfinite(losses), losses, np.nan)
    figure = Figure(
        [
            go.Scatter(x=rates, y=finite, mode="markers", name="each step", marker={"size": 3, "color": FAINT}),
            go.Scatter(
                x=rates,
                y=np.where(np.isfinite(smoothed), smoothed, np.nan),
                mode="lines",
                name="smoothed",
                line={"color": COLOURS[0], "width": 3},
            ),
        ]
    )
    figure.add_vline(x=suggestion, line={"color": COLOURS[1], "dash": "dash"})
    figure.add_annotation(
        x=log10(suggestion),  # on a logarithmic axis, a note stands at a power of ten
        y=1,
        yref="y domain",
        text=f"suggested: {suggestion:.2g}",
        showarrow=False,
        xanchor="left",
        yanchor="top",
        xshift=8,
    )
    apply_style(figure, "Learning-rate range test", "learning rate", "loss, nats per character")
    figure.update_xaxes(type="log")
    first = float(np.nanmax(finite[: max(len(finite) // 20, 1)]))
    return figure.update_yaxes(range=[0.95 * float(np.nanmin(finite)), WORST_SHOWN * first])
