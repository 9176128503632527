"""Pictures as a page holds them: plotly's figures as JSON in the page, drawn there by the page's own script."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from json import dumps
from typing import Any

from plotly.io.json import to_json_plotly
from plotly.offline import get_plotlyjs

from morelike.pictures.style import DARK, TITLE
from morelike.reports.html import Html, element, join

__all__ = ["Picture", "asset", "csp_hash", "json_block", "picture", "scripts"]


@dataclass(frozen=True)
class Picture:
    """One place of a page with a picture; of several figures the reader chooses by their names.

    `caption` says how to read it; `least_width` in pixels lets a narrow screen scroll instead of pressing it flat.
    """

    name: str
    title: str
    figures: Mapping[str, Any]
    caption: str = ""
    least_width: int = 0


def picture(drawn: Picture) -> Html:
    """Return the place of a picture and its data; the page's script draws it there."""
    names = [f"{drawn.name}-{i}" for i in range(len(drawn.figures))]
    height = next(iter(drawn.figures.values())).layout.height or 360
    choice: Html | None = None
    if len(names) > 1:
        buttons = (
            element("button", label, type="button", aria_pressed="true" if i == 0 else "false", data_figure=name)
            for i, (label, name) in enumerate(zip(drawn.figures, names, strict=True))
        )
        choice = element("div", join(buttons), class_="choice", role="group", aria_label="what to show")
    least = {"data_least": str(drawn.least_width)} if drawn.least_width else {}
    plot = element(
        "div",
        class_="plot",
        data_figure=names[0],
        role="img",
        aria_label=drawn.title,
        style=f"height:{height}px",
        **least,
    )
    return element(
        "figure",
        element("div", element("h3", drawn.title), choice, class_="figure-head"),
        element("div", plot, class_="scroll"),
        element("figcaption", drawn.caption) if drawn.caption else None,
        *(json_block(name, _plain(figure)) for name, figure in zip(names, drawn.figures.values(), strict=True)),
        class_="picture",
        id=f"picture-{drawn.name}",
    )


def json_block(name: str, text: str) -> Html:
    """Return JSON as a block of data in a page: nothing in it can end the block or be read as markup.

    >>> json_block("words", '"</script>"')
    '<script type="application/json" id="words">"\\\\u003c/script\\\\u003e"</script>'
    """
    for character in "<>&\u2028\u2029":  # within JSON these stand in strings alone
        text = text.replace(character, f"\\u{ord(character):04x}")
    return element("script", Html(text), type="application/json", id=name)


def scripts() -> Iterator[Html]:
    """Yield what draws the pictures: plotly.js, once, and the page's own script with the colours of a dark page."""
    yield json_block("dark-colours", dumps(DARK))
    yield element("script", Html(_plotly()))
    yield element("script", asset("page.js"))


def csp_hash(script: str) -> str:
    """Return the source expression that allows this one inline script, and no other, to run (CSP level 2)."""
    return f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def script_sources() -> str:
    """Return the scripts that a page may run."""
    return " ".join(csp_hash(script) for script in (_plotly(), asset("page.js")))


@cache
def asset(name: str) -> Html:
    """Return a file of ours that a page contains: its style or its script."""
    return Html((resources.files("morelike.reports") / name).read_text("utf-8"))


@cache
def _plotly() -> str:
    return str(get_plotlyjs()).replace("</script", "<\\/script")


def _plain(figure: Any) -> str:
    """Return a figure without its title: the page has its own."""
    whole = figure.to_dict()
    layout = {name: value for name, value in whole["layout"].items() if name != "title"}
    layout["margin"] = {**layout["margin"], "t": layout["margin"]["t"] - TITLE}
    return str(to_json_plotly({"data": whole["data"], "layout": layout}))
