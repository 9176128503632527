"""Plotly figures as JSON for a page. The script of the page draws them."""

from __future__ import annotations

import base64
import json
from math import isfinite
from typing import Any

import numpy as np
import plotly.graph_objects as go
from markupsafe import Markup

from morelike.pictures.style import TITLE_HEIGHT

DIGITS = 6
"""Significant digits of a number in a page: more than a reader sees at any size."""


def figure_json(figure: go.Figure) -> str:
    """Return a figure as JSON, without its title: the page shows a title of its own."""
    content: dict[str, Any] = figure.to_dict()
    layout = {name: value for name, value in content["layout"].items() if name not in ("title", "template")}
    layout["margin"] = {**layout["margin"], "t": layout["margin"]["t"] - TITLE_HEIGHT}
    plain = _plain({"data": content["data"], "layout": layout})
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def escape_json(text: str) -> Markup:
    """Return JSON for a script element: no character can end the element or start markup.

    >>> print(escape_json('"</script>"'))
    "\\u003c/script\\u003e"
    """
    for character in "<>&\u2028\u2029":  # in JSON these characters occur only inside strings
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: arrays are lists, numbers are short, and a number that is not finite is null."""
    if isinstance(value, dict):
        if "bdata" in value:  # plotly's form of an array
            array = np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"])
            return _plain(array.reshape([int(size) for size in str(value.get("shape", len(array))).split(",")]))
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [_plain(each) for each in (value.tolist() if isinstance(value, np.ndarray) else value)]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return _short(value) if isfinite(value) else None
    return value


def _short(value: float) -> float | int:
    rounded = float(f"{value:.{DIGITS}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded
