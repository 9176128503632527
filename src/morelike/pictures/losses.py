"""Pictures of training: the loss of the steps, its logarithm, and train against dev."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from morelike.arrays import Float
from morelike.pictures.style import COLOURS, FAINT, as_label, styled

__all__ = ["curves_figure", "loss_figure", "rate_figure", "smoothed", "train_and_dev_figure"]

SMOOTHED = 0.02  # of the curve's length, to either side
STEEP = 0.2  # of the steps, at most

Curve = Float[NDArray[Any], " points"]
AnyCurve = Float[NDArray[Any], " _"]


def loss_figure(steps: Curve, losses: Curve, *, log10: bool = False) -> go.Figure:
    """Return the loss along the steps: each measurement, and a smoothed line; with `log10` of its logarithm.

    The logarithm shows late progress, which the steep beginning of the plain curve presses flat.
    """
    values = np.log10(np.maximum(losses, 1e-12)) if log10 else losses
    figure = go.Figure(
        [
            go.Scatter(
                x=steps,
                y=values,
                mode="lines" if len(steps) > 1 else "markers",
                name="measured",
                line={"color": FAINT, "width": 1},
                hovertemplate="step %{x:,.0f}: %{y:.4f}<extra></extra>",
            ),
            go.Scatter(
                x=steps,
                y=smoothed(values),
                mode="lines",
                name="smoothed",
                line={"color": COLOURS[0], "width": 2.5},
                hovertemplate="about step %{x:,.0f}: %{y:.4f}<extra></extra>",
            ),
        ]
    )
    what = "log10 of the loss" if log10 else "loss"
    return _along_steps(figure, f"{what[0].upper()}{what[1:]} in training", f"{what}, nats per character")


def train_and_dev_figure(
    steps: Curve,
    train: Curve,
    dev_steps: Float[NDArray[Any], " looks"],
    dev: Float[NDArray[Any], " looks"],
) -> go.Figure:
    """Return the smoothed loss of training against the exact loss on dev, with the best look at dev marked."""
    best = int(np.argmin(dev))
    figure = go.Figure(
        [
            go.Scatter(
                x=steps, y=smoothed(train), mode="lines", name="train", line={"color": COLOURS[0], "width": 2.5}
            ),
            go.Scatter(
                x=dev_steps,
                y=dev,
                mode="lines+markers",
                name="dev",
                line={"color": COLOURS[1], "width": 2.5},
                marker={"size": 7},
            ),
            go.Scatter(
                x=dev_steps[[best]],
                y=dev[[best]],
                mode="markers",
                name=f"best: {dev[best]:.4f}",
                marker={"size": 15, "symbol": "circle-open", "color": COLOURS[1], "line": {"width": 2.5}},
            ),
        ]
    )
    figure.update_traces(hovertemplate="step %{x:,.0f}: %{y:.4f}")
    figure = _along_steps(figure, "Train against dev", "loss, nats per character")
    steep = min(float(dev_steps[0]), STEEP * float(steps[-1]))  # the beginning would press the rest flat
    seen = np.concatenate([dev, smoothed(train)[steps >= steep]])
    low, high = float(seen.min()), float(seen.max())
    margin = 0.08 * max(high - low, 1e-3)
    return figure.update_yaxes(range=[low - margin, high + 2 * margin])


def rate_figure(steps: Curve, rates: Curve) -> go.Figure:
    """Return the learning rate along the steps."""
    figure = go.Figure(
        go.Scatter(
            x=steps,
            y=rates,
            mode="lines",
            line={"color": COLOURS[2], "width": 2.5},
            hovertemplate="step %{x:,.0f}: %{y:.3g}<extra></extra>",
        )
    )
    styled(figure, "Learning rate", "step", "learning rate").update_yaxes(rangemode="tozero")
    return figure.update_xaxes(tickformat=",", rangemode="tozero", nticks=6)


def curves_figure(curves: Mapping[str, tuple[AnyCurve, AnyCurve]], what: str) -> go.Figure:
    """Return the curves of several runs together: of each its steps and values, by the run's name."""
    figure = go.Figure(
        [
            go.Scatter(
                x=steps,
                y=values,
                mode="lines+markers" if len(steps) <= 30 else "lines",
                name=as_label(name),
                line={"color": COLOURS[i % len(COLOURS)], "width": 2.5, "dash": DASHES[i // len(COLOURS) % 3]},
                hovertemplate="step %{x:,.0f}: %{y:.4f}",
            )
            for i, (name, (steps, values)) in enumerate(curves.items())
        ]
    )
    return _along_steps(figure, what, f"{what}, nats per character")


DASHES = ("solid", "dash", "dot")


def smoothed(values: Curve) -> Curve:
    """Return each value averaged with its neighbours, up to 2 % of the curve to either side, fewer at its ends.

    >>> smoothed(np.array([1.0, 2.0, 3.0])).tolist()
    [1.0, 2.0, 3.0]
    """
    count = len(values)
    at = np.arange(count)
    reach = np.minimum(np.minimum(at, count - 1 - at), int(SMOOTHED * count))
    sums = np.concatenate([[0.0], np.cumsum(values)])
    means: Curve = (sums[at + reach + 1] - sums[at - reach]) / (2 * reach + 1)
    return means


def _along_steps(figure: go.Figure, title: str, y: str) -> go.Figure:
    return styled(figure, title, "step", y).update_xaxes(tickformat=",", rangemode="tozero", nticks=6)
