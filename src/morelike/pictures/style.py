"""The look that all pictures share, and how one is written to a file."""

from __future__ import annotations

from pathlib import Path

import plotly.graph_objects as go

from morelike.errors import MorelikeError, SettingError

__all__ = ["COLOURS", "save", "styled"]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Colours that a colour-blind reader tells apart (Okabe and Ito 2008)."""


def styled(figure: go.Figure, title: str, x: str, y: str) -> go.Figure:
    """Return the figure with a title and named axes."""
    axis = {"showgrid": True, "gridcolor": "#e5e5e5", "zeroline": False, "automargin": True}
    return figure.update_layout(
        title={"text": title, "x": 0.02},
        template="plotly_white",
        font={"family": "system-ui, sans-serif", "size": 14},
        xaxis={"title": x, **axis},
        yaxis={"title": y, **axis},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right"},
        margin={"l": 60, "r": 20, "t": 80, "b": 60},
    )


def save(figure: go.Figure, path: Path) -> None:
    """Write a figure: `.html`, one file that opens without a network, or `.json`, plotly's own form.

    Raises:
        SettingError: another ending.
        MorelikeError: the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in (".html", ".json"):
        raise SettingError(f"the picture '{path}': name a file that ends in .html or .json")
    written = figure.to_html(include_plotlyjs=True) if ending == ".html" else figure.to_json()
    try:
        path.write_text(written, "utf-8")
    except OSError as error:
        raise MorelikeError(f"the picture '{path}' cannot be written: {error.strerror}") from None
