"""The picture of a search for settings: how much each setting decides of the loss."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from morelike.errors import SettingError
from morelike.pictures.figure import Figure
from morelike.pictures.style import COLOURS, apply_style, escape_label

ROW_HEIGHT = 36  # pixels


def importance_figure(importance: Mapping[str, float], study: str) -> go.Figure:
    """Return a bar for each setting, the most important at the top.

    `importance` holds each setting's share of the differences in loss between trials; the shares sum to 1.

    Raises:
        SettingError: there are no settings.
    """
    if not importance:
        raise SettingError(f"the study '{study}' has too few complete trials to compare settings: let it go on")
    ordered = sorted(importance, key=lambda name: -importance[name])
    rows = list(range(len(ordered)))
    figure = Figure(
        go.Bar(
            x=[importance[name] for name in ordered],
            y=rows,
            orientation="h",
            marker={"color": COLOURS[0]},
            hovertemplate="%{x:.1%}<extra></extra>",
        )
    )
    apply_style(figure, f"Importance of each setting, {escape_label(study)}", "share of the differences in loss", "")
    figure.update_xaxes(tickformat=".0%", rangemode="tozero")
    names = [escape_label(name) for name in ordered]
    figure.update_yaxes(tickvals=rows, ticktext=names, range=[len(rows) - 0.5, -0.5])
    return figure.update_layout(height=ROW_HEIGHT * len(ordered) + 150)
