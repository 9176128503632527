"""HTML from the templates of this package. Every value is escaped unless it is `Markup`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from morelike.pictures.style import DARK_COLOURS
from morelike.reports.figure_json import escape_json, figure_json
from morelike.reports.page_assets import asset, content_security_policy, page_scripts
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


ENVIRONMENT = Environment(
    loader=PackageLoader("morelike.reports"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
ENVIRONMENT.filters |= {
    "escape_json": escape_json,
    "figure_json": figure_json,
    "number": format,
    "setting": setting_text,
    "visible": printable,
}


def render_page(kind: str, title: str, sections: Mapping[str, str], **values: Any) -> str:
    """Return a page: one file of HTML that needs no network.

    Args:
        kind: the folder of the templates: `head`, and one for each section.
        title: the title of the document.
        sections: the section titles by template name. A section whose template renders to nothing is left out.
        values: the variables of these templates.
    """
    rendered = {
        name: Markup(ENVIRONMENT.get_template(f"{kind}/{name}.html.jinja").render(values))
        for name in ("head", *sections)
    }
    return ENVIRONMENT.get_template("page.html.jinja").render(
        title=title,
        head=rendered["head"],
        sections=[(name, heading, rendered[name]) for name, heading in sections.items() if rendered[name].strip()],
        style=asset("page.css"),
        dark_colours=json.dumps(DARK_COLOURS),
        scripts=page_scripts(),
        policy=content_security_policy(),
    )
