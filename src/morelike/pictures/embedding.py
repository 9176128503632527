"""The picture of an embedding: each character where its vector puts it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from morelike.arrays import Float
from morelike.errors import SettingError
from morelike.pictures.style import COLOURS, as_symbol, styled

__all__ = ["embedding_figure", "principal_plane"]

SIDE = 520  # pixels
LABEL_AWAY = 0.035  # of the picture's extent, from a point to the middle of its label
ENOUGH_ROOM = 0.04
CROWDED = 60
"""Characters from which on points and labels are smaller."""


def embedding_figure(table: Float[NDArray[Any], "V E"], characters: Sequence[str]) -> go.Figure:
    """Return the rows of an embedding C as points labelled with their characters, the end symbol as ⏎.

    More than two dimensions are shown through their two principal components, with the share of the variance that
    these explain.

    Raises:
        SettingError: an embedding of one dimension, or labels that are not one for each row.
    """
    if len(table) != len(characters) + 1:
        raise SettingError(f"{len(table)} rows and {len(characters)} characters: one row is the end symbol's")
    if table.shape[1] < 2:
        raise SettingError("an embedding of one dimension makes no plane: train with --embedding 2 or more")
    points, explained = principal_plane(table) if table.shape[1] > 2 else (table, 1.0)
    labels = [as_symbol(character) for character in ("", *characters)]
    crowded = len(labels) > CROWDED
    figure = go.Figure(
        go.Scatter(
            x=points[:, 0],
            y=points[:, 1],
            mode="markers+text",
            text=labels,
            textfont={"size": 10 if crowded else 15},
            textposition=_beside(points) if not crowded else "top center",
            marker={"size": 4 if crowded else 7, "color": COLOURS[0]},
            hovertemplate="%{text}: %{x:.2f}, %{y:.2f}<extra></extra>",
        )
    )
    title = "Embedding of the characters"
    if table.shape[1] > 2:
        title += f": 2 principal components of {table.shape[1]} dimensions, {explained:.0%} of the variance"
    styled(figure, title, "first dimension", "second dimension")
    figure.update_xaxes(constrain="domain")
    return figure.update_yaxes(scaleanchor="x", constrain="domain").update_layout(height=SIDE, meta="square")


def _beside(points: Float[NDArray[Any], "V 2"]) -> list[str]:
    """Return on which side of each point its label stands: where the most room is between other points and labels."""
    extent = max(float(np.ptp(points, axis=0).max()), 1e-9)
    sides = {
        "top center": (0, 1),
        "bottom center": (0, -1),
        "middle right": (1, 0),
        "middle left": (-1, 0),
    }
    directions = np.array(list(sides.values())) * LABEL_AWAY * extent
    taken = points.astype(float).copy()
    chosen = []
    for i in range(len(points)):
        places = points[i] + directions
        others = np.delete(taken, i, axis=0)
        room = np.array([np.min(np.linalg.norm(others - place, axis=1), initial=extent) for place in places])
        # Above, unless it is clearly narrower there: labels on one side are read most easily.
        side = 0 if room[0] >= min(room.max(), ENOUGH_ROOM * extent) else int(room.argmax())
        taken = np.vstack([taken, places[side]])
        chosen.append(list(sides)[side])
    return chosen


def principal_plane(table: Float[NDArray[Any], "V E"]) -> tuple[Float[NDArray[Any], "V 2"], float]:
    """Return the rows along their two principal components, and the share of the variance that these explain."""
    centred = table.astype(np.float64) - table.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    return left[:, :2] * sizes[:2], float((sizes[:2] ** 2).sum() / max((sizes**2).sum(), 1e-300))
