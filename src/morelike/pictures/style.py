"""The common style of all pictures, their texts, and their files."""

from __future__ import annotations

from pathlib import Path

import plotly.graph_objects as go

from morelike.errors import MorelikeError, SettingError
from morelike.text.printable import printable, printable_symbol

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Colours that colour-blind readers can distinguish (Okabe and Ito 2008)."""

FAINT = "#b4bcc8"
"""A pale colour for single measurements and for connections."""
STRUCTURE = "#7b8594"
"""The colour of lines that are neither data nor text."""
GRID = "#e6e9ee"
SEQUENTIAL = ("#f3f6fa", "#9fcbe8", "#2b86bf", "#0b3f6f")
"""The colours of a scale, from low to high."""

DARK_COLOURS = {
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
"""The colour on a dark page for each colour on a light page."""

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
"""A small template of our own: plotly checks its larger ones in 7 ms for each picture."""

LONGEST_LABEL = 40
TITLE_HEIGHT = 46
LEGEND_HEIGHT = 38
"""Height of the title and of the legend above a picture, in pixels."""


def apply_style(figure: go.Figure, title: str, x: str, y: str) -> go.Figure:
    """Return the figure with the common style, a title, and titles of its axes."""
    return figure.update_layout(
        template=TEMPLATE,
        title={"text": title, "x": 0.02},
        xaxis={"title": {"text": x}},
        yaxis={"title": {"text": y}},
        margin={"l": 60, "r": 20, "t": TITLE_HEIGHT + (LEGEND_HEIGHT if len(figure.data) > 1 else 14), "b": 48},
    )


def escape_label(text: str) -> str:
    """Return a text that plotly shows unchanged: plotly interprets some HTML tags. A long text is cut.

    >>> escape_label("<b>&amp;")
    '&lt;b&gt;&amp;amp;'
    """
    return _escape(printable(text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"))


def escape_symbol(character: str) -> str:
    """Return a visible form of one character that plotly shows unchanged; `""` is the end of a word.

    >>> [escape_symbol(character) for character in ("a", " ", "", "<")]
    ['a', '␣', '⏎', '&lt;']
    """
    return _escape(printable_symbol(character))


def save(figure: go.Figure, path: Path) -> None:
    """Write a figure to a file: `.html` opens without a network, `.json` is the format of plotly.

    Raises:
        SettingError: the path has another ending.
        MorelikeError: the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in (".html", ".json"):
        raise SettingError(f"the picture '{path}': name a file that ends in .html or .json")
    content = figure.to_html(include_plotlyjs=True) if ending == ".html" else figure.to_json()
    try:
        path.write_text(content, "utf-8")
    except OSError as error:
        raise MorelikeError(f"the picture '{path}' cannot be written: {error.strerror}") from None


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
