"""The look that all pictures share, how text stands in one, and how one is written to a file."""

from __future__ import annotations

from pathlib import Path

import plotly.graph_objects as go

from morelike.errors import MorelikeError, SettingError
from morelike.text.visible import visible, visible_symbol

__all__ = [
    "COLOURS",
    "DARK",
    "FAINT",
    "SEQUENTIAL",
    "STRUCTURE",
    "TITLE_HEIGHT",
    "as_label",
    "as_symbol",
    "save",
    "styled",
]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Colours that a colour-blind reader tells apart (Okabe and Ito 2008)."""

FAINT = "#b4bcc8"
"""What stands behind: single measurements, structure."""
STRUCTURE = "#7b8594"
"""Lines and names that are neither data nor text."""
GRID = "#e6e9ee"
SEQUENTIAL = ("#f3f6fa", "#9fcbe8", "#2b86bf", "#0b3f6f")
"""From little to much."""

DARK = {
    "#0072B2": "#58a6dd",
    "#D55E00": "#f0803c",
    "#009E73": "#2fbf95",
    "#CC79A7": "#dc9abf",
    "#E69F00": "#f0b541",
    "#56B4E9": "#8fd0f5",
    FAINT: "#525c6b",
    STRUCTURE: "#8b95a5",
    GRID: "#2a303a",
    "#f3f6fa": "#1d232c",
    "#9fcbe8": "#24506f",
    "#2b86bf": "#3f94cb",
    "#0b3f6f": "#c8e6fa",
}
"""What each colour becomes on a dark page."""

AXIS = {
    "showgrid": True,
    "gridcolor": GRID,
    "zeroline": False,
    "automargin": True,
    "ticks": "",
    "title": {"font": {"size": 13}, "standoff": 8},
}
TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": "system-ui, sans-serif", "size": 14},
        "colorway": COLOURS,
        "paper_bgcolor": "white",
        "plot_bgcolor": "white",
        "hovermode": "closest",
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right"},
        "xaxis": AXIS,
        "yaxis": AXIS,
    }
)
"""Ours in place of one of plotly's, which take 7 ms a picture to be checked."""

LONGEST_LABEL = 40
TITLE_HEIGHT = 46
LEGEND_HEIGHT = 38
"""Pixels above a picture that its title and its legend take."""


def styled(figure: go.Figure, title: str, x: str, y: str) -> go.Figure:
    """Return the figure with a title and named axes."""
    return figure.update_layout(
        template=TEMPLATE,
        title={"text": title, "x": 0.02},
        xaxis={"title": {"text": x}},
        yaxis={"title": {"text": y}},
        margin={"l": 60, "r": 20, "t": TITLE_HEIGHT + (LEGEND_HEIGHT if len(figure.data) > 1 else 14), "b": 48},
    )


def as_label(word: str) -> str:
    """Return a word as plotly shows it letter for letter: plotly reads a few HTML tags in its texts.

    >>> as_label("<b>&amp;")
    '&lt;b&gt;&amp;amp;'
    """
    return _escaped(visible(word if len(word) <= LONGEST_LABEL else word[: LONGEST_LABEL - 1] + "…"))


def as_symbol(character: str) -> str:
    """Return a character as plotly shows it where it stands alone; `""` is the end of a word.

    >>> [as_symbol(character) for character in ("a", " ", "", "<")]
    ['a', '␣', '⏎', '&lt;']
    """
    return _escaped(visible_symbol(character))


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


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
