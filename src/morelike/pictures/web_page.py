"""A picture as a page of its own, and the script and style that draw pictures in any page.

The script draws figures of plotly as SVG, as wide as there is room. It knows the kinds of marks that the pictures of
this package have, and no others; a test checks that no picture has another one.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib import resources

import plotly.graph_objects as go
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from morelike.pictures.figure_json import escape_json, figure_json
from morelike.pictures.style import DARK_COLOURS, plain_label

SCRIPTS = ("numbers", "shapes", "axes", "chart", "heat_map", "picture")
ENVIRONMENT = Environment(
    loader=PackageLoader("morelike.pictures", "browser"), autoescape=True, undefined=StrictUndefined
)
NOTEBOOK_HEIGHT = 460
FONT_SIZE = 13
"""The size of the labels that the script draws, in pixels."""
SLIDE_HEAD = 64
"""The height of the title on the page of a slide, with its margins, in pixels."""


@cache
def drawing_style() -> Markup:
    """Return the style sheet of pictures, with the colours of light and of dark pages."""
    return _file("picture.css")


@cache
def drawing_script() -> Markup:
    """Return the script that draws every picture of a page."""
    return Markup("\n").join(_file(f"{name}.js") for name in SCRIPTS)


def dark_colours() -> str:
    """Return the colour on a dark page for each colour on a light page, as JSON."""
    return json.dumps(DARK_COLOURS)


def content_security_policy(scripts: Sequence[str]) -> str:
    """Return the Content-Security-Policy of a page: its own scripts may run, and nothing is fetched."""
    hashes = " ".join(_hash_source(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


def picture_page(figure: go.Figure, slide: tuple[int, int, float] | None = None) -> str:
    """Return a page of HTML with one picture that fills the window. It needs no network.

    Args:
        figure: the picture.
        slide: the width and height of a slide and its size of type. The picture is drawn on a smaller page, which is
            enlarged to the window, so that its type has this size on a screen as wide as the slide.
    """
    script = drawing_script()
    scale = slide[2] / FONT_SIZE if slide else 1.0
    return ENVIRONMENT.get_template("page.html.jinja").render(
        title=plain_label(figure.layout.title.text or "Picture"),
        name="picture",
        style=drawing_style(),
        script=script,
        policy=content_security_policy([script]),
        dark_colours=escape_json(dark_colours()),
        figure=escape_json(figure_json(figure)),
        slide_head=SLIDE_HEAD,
        slide=[round(side / scale) for side in slide[:2]] if slide else None,
    )


def notebook_html(figure: go.Figure) -> str:
    """Return a picture for a cell of a notebook: a frame with a page of its own, which needs no network."""
    height = int(figure.layout.height or NOTEBOOK_HEIGHT) + 60
    page = escape(picture_page(figure), quote=True)
    return f'<iframe srcdoc="{page}" style="width: 100%; height: {height}px; border: 0"></iframe>'


def _file(name: str) -> Markup:
    return Markup((resources.files("morelike.pictures") / "browser" / name).read_text("utf-8"))


def _hash_source(script: str) -> str:
    """Return the source expression that allows one inline script (CSP level 2)."""
    return f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
