"""Plotly figures as JSON for a page. The script of the page draws them."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
from markupsafe import Markup
from plotly.io.json import to_json_plotly

from morelike.pictures.style import TITLE_HEIGHT


def figure_json(figure: go.Figure) -> str:
    """Return a figure as JSON, without its title: the page shows a title of its own."""
    content: dict[str, Any] = figure.to_dict()
    layout = {name: value for name, value in content["layout"].items() if name != "title"}
    layout["margin"] = {**layout["margin"], "t": layout["margin"]["t"] - TITLE_HEIGHT}
    return str(to_json_plotly({"data": content["data"], "layout": layout}))


def escape_json(text: str) -> Markup:
    """Return JSON for a script element: no character can end the element or start markup.

    >>> print(escape_json('"</script>"'))
    "\\u003c/script\\u003e"
    """
    for character in "<>&\u2028\u2029":  # in JSON these characters occur only inside strings
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)
