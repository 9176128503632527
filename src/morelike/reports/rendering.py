"""HTML from the templates of this package. Every value is escaped unless it is `Markup`."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from morelike.pictures.figure_json import escape_json, figure_json
from morelike.pictures.web_page import content_security_policy, dark_colours, drawing_script, drawing_style
from morelike.text.printable import printable


def setting_text(value: Any) -> str:
    """Return the value of a setting as text for a reader.

    >>> [setting_text(value) for value in (True, 20_000, 0.5, "gru")]
    ['yes', '20,000', '0.5', 'gru']
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def columns_of(figures: Sized, most: int) -> int:
    """Return the number of columns that leaves the last row of figures as full as possible.

    >>> [columns_of("x" * count, 4) for count in (1, 3, 4, 5, 6, 8, 9, 10)]
    [1, 3, 4, 3, 3, 4, 3, 4]
    """
    count = len(figures)
    return count if count <= most else min((most, most - 1), key=lambda columns: -count % columns)


MEASURES = {"gradient:data": "gradient, relative to the weight", "update:data": "update, relative to the weight"}
"""The names of measurements for a reader of a report."""


@cache
def asset(name: str) -> Markup:
    """Return a file of the templates folder as it is: the style of a page, or its script."""
    return Markup((resources.files("morelike.reports") / "templates" / name).read_text("utf-8"))


ENVIRONMENT = Environment(
    loader=PackageLoader("morelike.reports"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
ENVIRONMENT.filters |= {
    "columns": columns_of,
    "escape_json": escape_json,
    "figure_json": figure_json,
    "measure": lambda name: MEASURES.get(name, name),
    "number": format,
    "setting": setting_text,
    "visible": printable,
}


@dataclass(frozen=True)
class Section:
    """A section of a page. `gist` stands beside its heading; a folded section shows nothing else."""

    heading: str
    gist: str = ""
    folded: bool = False


def render_page(kind: str, title: str, sections: Mapping[str, Section], **values: Any) -> str:
    """Return a page: one file of HTML that needs no network.

    Args:
        kind: the folder of the templates: `head`, and one for each section.
        title: the title of the document.
        sections: the sections by template name. A section whose template renders to nothing is left out.
        values: the variables of these templates.
    """
    rendered = {
        name: Markup(ENVIRONMENT.get_template(f"{kind}/{name}.html.jinja").render(values))
        for name in ("head", *sections)
    }
    scripts = drawing_script(), asset("page.js")
    return ENVIRONMENT.get_template("page.html.jinja").render(
        title=title,
        head=rendered["head"],
        sections=[(name, section, rendered[name]) for name, section in sections.items() if rendered[name].strip()],
        style=drawing_style() + asset("page.css"),
        dark_colours=dark_colours(),
        scripts=scripts,
        policy=content_security_policy(scripts),
    )
