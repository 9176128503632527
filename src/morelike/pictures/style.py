"""The common style of all pictures, and their texts."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from morelike.text.printable import printable, printable_symbol

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Colours that colour-blind readers can distinguish (Okabe and Ito 2008)."""

FAINT = "#b4bcc8"
"""A pale colour for single measurements and for connections."""
STRUCTURE = "#7b8594"
"""The colour of lines that are neither data nor text."""
GRID = "#e6e9ee"
INK = "#1a212c"
"""The colour of text."""
SEQUENTIAL = ("#f3f6fa", "#c9e0f3", "#8fc3ea", "#4d9dd9")
"""The colours of a scale, from low to high. Ink is readable on all of them."""

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
    "#c9e0f3": "#234a66",
    "#8fc3ea": "#2b7fb5",
    "#4d9dd9": "#7cc4f2",
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
        "font": {"family": "system-ui, sans-serif", "size": 14, "color": INK},
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


def run_colours(names: Sequence[str]) -> dict[str, str]:
    """Return the colour of each run by its name: the same in all pictures of a page."""
    return {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names)}


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


def plain_label(text: str) -> str:
    """Return an escaped label as the text that a reader sees, without tags.

    >>> plain_label("&lt;b&gt;&amp;amp; <b>4</b>")
    '<b>&amp; 4'
    """
    untagged = text.replace("<br>", " ").replace("<b>", "").replace("</b>", "")
    return untagged.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def ink_on(colour: str) -> str:
    """Return black or white: the one that is easier to read on a colour. Its contrast is at least 4.58.

    >>> ink_on("#0072B2"), ink_on("#E69F00")
    ('#ffffff', '#000000')
    """
    light = luminance(colour) + 0.05
    return "#000000" if light / 0.05 >= 1.05 / light else "#ffffff"


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour `#rrggbb`, from 0 for black to 1 for white (WCAG 2.1)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
