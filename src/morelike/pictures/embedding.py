"""The picture of an embedding: each character at the position of its vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from morelike.arrays import Float, principal_plane
from morelike.errors import SettingError
from morelike.pictures.figure import Figure
from morelike.pictures.style import COLOURS, apply_style, escape_symbol

SIDE = 520  # pixels
LABEL_DISTANCE = 0.035  # from a point to the middle of its label, as a share of the picture's size
ENOUGH_ROOM = 0.04
CROWDED = 60
"""With more characters, points and labels are smaller."""


def embedding_figure(table: Float[NDArray[Any], "V E"], characters: Sequence[str]) -> go.Figure:
    """Return the rows of an embedding C as points labelled with their characters, the end symbol as ⏎.

    An embedding of more dimensions is projected on its two principal components. The title gives their share of the
    variance.

    Raises:
        SettingError: the embedding has one dimension, or the number of characters does not fit its rows.
    """
    if len(table) != len(characters) + 1:
        raise SettingError(f"{len(table)} rows and {len(characters)} characters: one row is the end symbol's")
    if table.shape[1] < 2:
        raise SettingError("an embedding of one dimension makes no plane: train with --embedding 2 or more")
    points, explained = principal_plane(table) if table.shape[1] > 2 else (table, 1.0)
    labels = [escape_symbol(character) for character in ("", *characters)]
    crowded = len(labels) > CROWDED
    figure = Figure(
        go.Scatter(
            x=points[:, 0],
            y=points[:, 1],
            mode="markers+text",
            text=labels,
            textfont={"size": 10 if crowded else 15},
            textposition=_label_sides(points) if not crowded else "top center",
            marker={"size": 4 if crowded else 7, "color": COLOURS[0]},
            hovertemplate="%{text}: %{x:.2f}, %{y:.2f}<extra></extra>",
        )
    )
    title = "Embedding of the characters"
    if table.shape[1] > 2:
        title += f": 2 principal components of {table.shape[1]} dimensions, {explained:.0%} of the variance"
    apply_style(figure, title, "first dimension", "second dimension")
    figure.update_xaxes(constrain="domain")
    return figure.update_yaxes(scaleanchor="x", constrain="domain").update_layout(height=SIDE, meta="square")


def _label_sides(points: Float[NDArray[Any], "V 2"]) -> list[str]:
    """Return the side of each point on which its label has the most room between other points and labels."""
    extent = max(float(np.ptp(points, axis=0).max()), 1e-9)
    sides = {
        "top center": (0, 1),
        "bottom center": (0, -1),
        "middle right": (1, 0),
        "middle left": (-1, 0),
    }
    directions = np.array(list(sides.values())) * LABEL_DISTANCE * extent
    occupied = points.astype(float).copy()
    chosen = []
    for i in range(len(points)):
        candidates = points[i] + directions
        others = np.delete(occupied, i, axis=0)
        room = np.array([np.min(np.linalg.norm(others - label, axis=1), initial=extent) for label in candidates])
        # Labels on one side are easiest to read: another side is taken only where the top is crowded.
        side = 0 if room[0] >= min(room.max(), ENOUGH_ROOM * extent) else int(room.argmax())
        occupied = np.vstack([occupied, candidates[side]])
        chosen.append(list(sides)[side])
    return chosen
