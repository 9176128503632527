"""The picture of a network: layers as columns of connected neurons, with the matrices on arrows."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import plotly.graph_objects as go

from morelike.pictures.diagram import Diagram, DiagramLayer
from morelike.pictures.figure import Figure
from morelike.pictures.style import COLOURS, FAINT, STRUCTURE, TITLE_HEIGHT, apply_style

MOST_NEURONS = 9  # circles in a column
MOST_GROUPS = 16
GROUP_GAP = 0.7  # extra space between groups, in heights of a neuron


@dataclass(frozen=True)
class NeuronColumn:
    """The positions of a layer's neurons: the heights of the circles of each group, and of the dots for the others."""

    x: float
    groups: list[list[float]]
    dots: list[float]

    @property
    def heights(self) -> list[float]:
        """The heights of all circles, from the top."""
        return [y for group in self.groups for y in group]


def network_figure(diagram: Diagram) -> go.Figure:
    """Return a network as columns of neurons, each connected with its inputs in the column before.

    At most 9 neurons of a column are drawn, with dots for the others. The numbers above give the size of each layer. A
    loop shows the recurrence of a layer.
    """
    columns = [_column(float(x), layer) for x, layer in enumerate(diagram.layers)]
    top = max(max(column.heights) for column in columns)
    bottom = min(min(column.heights) for column in columns)
    figure = Figure()
    figure.add_scatter(**_edges(columns), mode="lines", line={"color": FAINT, "width": 0.7}, hoverinfo="skip")
    _draw_neurons(figure, columns, diagram)
    loops = any(layer.loop for layer in diagram.layers)
    names = top + (3.2 if loops else 1.2) + (1.2 if diagram.repeated else 0)
    for column, layer in zip(columns, diagram.layers, strict=True):
        size = f"{layer.groups} × {layer.neurons:,}" if layer.groups > 1 else f"{layer.neurons:,}"
        name = layer.name.replace(" ", "<br>", 1)
        _add_text(figure, column.x, names, f"{name}<br><b>{size}</b>", yanchor="bottom")
        if layer.loop:
            _draw_loop(figure, column.x, max(column.heights), layer.loop)
    for x, matrix in enumerate(diagram.matrices):
        _draw_arrow(figure, x, bottom - 1.1, matrix.name, " × ".join(f"{size:,}" for size in matrix.shape))
    for first, last, times in diagram.repeated:
        _draw_frame(figure, first, last, times, bottom - 0.7, top + (2.9 if loops else 0.7))
    apply_style(figure, "The network", "", "").update_layout(
        showlegend=False, margin={"l": 5, "r": 5, "t": TITLE_HEIGHT, "b": 5}
    )
    figure.update_xaxes(visible=False, range=[-0.5, len(columns) - 0.5])
    figure.update_yaxes(visible=False, range=[bottom - 2.8, names + 2.2])
    return figure.update_layout(height=480)


def _column(x: float, layer: DiagramLayer) -> NeuronColumn:
    """Return the neurons of a layer. The middle of the column is at height 0."""
    count = min(layer.groups, MOST_GROUPS)
    shown = min(layer.neurons, max(MOST_NEURONS // count, 1))
    omitted = layer.neurons > shown and shown > 2
    groups: list[list[float]] = []
    dots: list[float] = []
    y = 0.0
    for _ in range(count):
        group = []
        for neuron in range(shown):
            if omitted and neuron == shown - 1:  # the dots are above the last neuron
                dots.append(y)
                y -= 1
            group.append(y)
            y -= 1
        groups.append(group)
        y -= GROUP_GAP if count <= MOST_NEURONS else 0
    squeeze = min(1.0, (MOST_NEURONS + 2) / max(groups[0][0] - groups[-1][-1], 1))
    middle = (groups[0][0] + groups[-1][-1]) / 2
    centred = [[squeeze * (each - middle) for each in group] for group in groups]
    return NeuronColumn(x, centred, [squeeze * (each - middle) for each in dots])


def _edges(columns: list[NeuronColumn]) -> dict[str, list[float | None]]:
    x: list[float | None] = []
    y: list[float | None] = []
    for left, right in itertools.pairwise(columns):
        for j, group in enumerate(right.groups):
            first = j * len(left.groups) // len(right.groups)
            last = max((j + 1) * len(left.groups) // len(right.groups), first + 1)
            for start in (height for inputs in left.groups[first:last] for height in inputs):
                for end in group:
                    x += [left.x, right.x, None]
                    y += [start, end, None]
    return {"x": x, "y": y}


def _draw_neurons(figure: go.Figure, columns: list[NeuronColumn], diagram: Diagram) -> None:
    for i, (column, layer) in enumerate(zip(columns, diagram.layers, strict=True)):
        colour = COLOURS[1] if i == 0 else COLOURS[2] if i == len(columns) - 1 else COLOURS[0]
        figure.add_scatter(
            x=[column.x] * len(column.heights),
            y=column.heights,
            mode="markers",
            marker={"size": 15, "color": colour},
            hovertemplate=f"{layer.name}: {layer.neurons:,} neurons<extra></extra>",
        )
        for y in column.dots:
            _add_text(figure, column.x, y, "⋮", size=16)


def _draw_loop(figure: go.Figure, x: float, y: float, text: str) -> None:
    figure.add_shape(
        type="path",
        path=f"M {x - 0.06},{y + 0.4} C {x - 0.3},{y + 2.4} {x + 0.3},{y + 2.4} {x + 0.06},{y + 0.4}",
        line={"color": STRUCTURE, "width": 1.5},
    )
    figure.add_annotation(
        x=x + 0.06, y=y + 0.4, ax=x + 0.09, ay=y + 0.9, axref="x", ayref="y", arrowhead=2, arrowcolor=STRUCTURE, text=""
    )
    _add_text(figure, x, y + 2.0, text, size=11, yanchor="bottom")


def _draw_arrow(figure: go.Figure, x: int, y: float, name: str, shape: str) -> None:
    figure.add_annotation(
        x=x + 0.85,
        y=y,
        ax=x + 0.15,
        ay=y,
        axref="x",
        ayref="y",
        arrowhead=2,
        arrowcolor=STRUCTURE,
        arrowwidth=1.5,
        text="",
    )
    _add_text(figure, x + 0.5, y - 0.15, f"{name}<br>{shape}", size=11, yanchor="top")


def _draw_frame(figure: go.Figure, first: int, last: int, times: int, bottom: float, top: float) -> None:
    edge = {"x0": first - 0.42, "x1": last + 0.42, "y0": bottom, "y1": top}
    figure.add_shape(type="rect", **edge, line={"color": STRUCTURE, "width": 1, "dash": "dot"}, layer="below")
    _add_text(figure, (first + last) / 2, top, f"{times} times", yanchor="bottom")


def _add_text(figure: go.Figure, x: float, y: float, text: str, *, size: int = 12, yanchor: str = "middle") -> None:
    figure.add_annotation(x=x, y=y, text=text, showarrow=False, font={"size": size}, yanchor=yanchor)
