"""Pictures of training: the training loss, the dev loss and the learning rate by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from morelike.arrays import Float
from morelike.pictures.figure import Figure
from morelike.pictures.style import COLOURS, FAINT, apply_style, escape_label, run_colours

SMOOTHED = 0.02
"""The share of the curve on each side of a point of which the median is taken."""
FITTED = 15
"""The fewest points to which a line is fitted at the end of a curve."""
STEEP = 0.2
"""The largest share of the steps that the vertical axis ignores at the beginning, where the loss falls steeply."""
DASHES = ("solid", "dash", "dot")

Curve = Float[NDArray[Any], " points"]
AnyCurve = Float[NDArray[Any], " _"]


def loss_figure(steps: Curve, losses: Curve, *, log10: bool = False) -> go.Figure:
    """Return the training loss by step, measured and smoothed; with `log10` its logarithm.

    The logarithm shows late progress: the plain curve looks flat there because of its steep beginning.
    """
    values = np.log10(np.maximum(losses, 1e-12)) if log10 else losses
    figure = Figure(
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
    quantity = "log10 of the training loss" if log10 else "training loss"
    return _style_step_axis(figure, f"{quantity[0].upper()}{quantity[1:]}", f"{quantity}, nats per character")


def train_and_dev_figure(
    steps: Curve,
    train: Curve,
    dev_steps: Float[NDArray[Any], " evaluations"],
    dev: Float[NDArray[Any], " evaluations"],
) -> go.Figure:
    """Return the smoothed training loss and the exact dev loss, with the least dev loss marked."""
    best = int(np.argmin(dev))
    figure = Figure(
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
    figure = _style_step_axis(figure, "Train and dev loss", "loss, nats per character")
    steep = min(float(dev_steps[0]), STEEP * float(steps[-1]))
    shown = np.concatenate([dev, smoothed(train)[steps >= steep]])
    low, high = float(shown.min()), float(shown.max())
    margin = 0.08 * max(high - low, 1e-3)
    return figure.update_yaxes(range=[low - margin, high + 2 * margin])


def rate_figure(steps: Curve, rates: Curve) -> go.Figure:
    """Return the learning rate by step."""
    figure = Figure(
        go.Scatter(
            x=steps,
            y=rates,
            mode="lines",
            line={"color": COLOURS[2], "width": 2.5},
            hovertemplate="step %{x:,.0f}: %{y:.3g}<extra></extra>",
        )
    )
    apply_style(figure, "Learning rate", "step", "learning rate").update_yaxes(rangemode="tozero")
    return figure.update_xaxes(tickformat=",", rangemode="tozero", nticks=6)


def curves_figure(
    curves: Mapping[str, tuple[AnyCurve, AnyCurve]], quantity: str, colours: Mapping[str, str] | None = None
) -> go.Figure:
    """Return the curves of several runs. Each run has a name, its steps and its values.

    `colours` gives each run its colour by name. By default the runs take the colours of the palette in turn.
    """
    colours = colours or run_colours(list(curves))
    figure = Figure(
        [
            go.Scatter(
                x=steps,
                y=values,
                mode="lines+markers" if len(steps) <= 30 else "lines",
                name=escape_label(name),
                line={"color": colours[name], "width": 2.5, "dash": DASHES[i // len(COLOURS) % 3]},
                hovertemplate="step %{x:,.0f}: %{y:.4f}",
            )
            for i, (name, (steps, values)) in enumerate(curves.items())
        ]
    )
    return _style_step_axis(figure, quantity, f"{quantity}, nats per character")


def smoothed(values: Curve) -> Curve:
    """Return the median of each value and its neighbours: 2 % of the curve on each side.

    A median keeps a sharp drop sharp, where a mean makes a ramp of it. Near the beginning, where a loss falls steeply,
    there are as many neighbours after the value as before it. Near the end a line is fitted by the median of all slopes
    (Theil 1950, Sen 1968), so that the last value is not a single measurement.

    >>> smoothed(np.array([1.0, 2.0, 3.0])).tolist()
    [1.0, 2.0, 3.0]
    >>> smoothed(np.repeat([3.0, 1.0], 50)).tolist() == [3.0] * 50 + [1.0] * 50
    True
    """
    reach = int(SMOOTHED * len(values))
    if not reach:
        return values
    first = [np.median(values[: 2 * i + 1]) for i in range(reach)]
    middle = np.median(np.lib.stride_tricks.sliding_window_view(values, 2 * reach + 1), axis=1)
    end = values[-max(2 * reach + 1, FITTED) :]
    left, right = np.triu_indices(len(end), 1)
    slope = np.median((end[right] - end[left]) / (right - left))
    from_middle = np.arange(len(end) - reach, len(end)) - (len(end) - 1) / 2
    last = np.clip(np.median(end) + slope * from_middle, end.min(), end.max())
    return np.concatenate([first, middle, last])


def _style_step_axis(figure: go.Figure, title: str, y: str) -> go.Figure:
    return apply_style(figure, title, "step", y).update_xaxes(tickformat=",", rangemode="tozero", nticks=6)
