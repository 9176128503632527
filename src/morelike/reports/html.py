"""HTML built from small functions: whatever is not `Html` already is text, and is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TypeAlias

from morelike.text.visible import visible

__all__ = ["Child", "Html", "code", "element", "join", "table", "word"]


class Html(str):
    """Markup that may stand in a page as it is; only the functions here make it."""

    __slots__ = ()


Child: TypeAlias = "str | Html | None"


def element(tag: str, *children: Child, **attributes: str) -> Html:
    """Return an element; children and attributes are escaped, None leaves a child out.

    An attribute's name ends in `_` where Python has the word for itself, and other underscores become hyphens.

    >>> element("p", "a < b", class_="note", data_x='"')
    '<p class="note" data-x="&quot;">a &lt; b</p>'
    """
    names = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    opened = "".join(f' {name}="{escape(value)}"' for name, value in names.items())
    if tag in ("meta", "br", "link"):
        return Html(f"<{tag}{opened}>")
    return Html(f"<{tag}{opened}>{join(children)}</{tag}>")


def join(children: Iterable[Child], between: str = "") -> Html:
    """Return children one after another, text among them escaped."""
    parts = (each if isinstance(each, Html) else escape(each) for each in children if each is not None)
    return Html(escape(between).join(parts))


def word(text: str) -> Html:
    """Return a word of a list: isolated, so that one written from right to left leaves its surroundings alone.

    >>> word("<script>")
    '<bdi>&lt;script&gt;</bdi>'
    """
    return element("bdi", visible(text))


def code(*lines: str) -> Html:
    """Return commands as a block."""
    return element("pre", element("code", "\n".join(lines)))


def table(head: Sequence[str], rows: Iterable[Sequence[Child]], *, numbers: int = 0, kind: str = "") -> Html:
    """Return a table whose last `numbers` columns are figures; it scrolls on its own where it is too wide."""
    first_number = len(head) - numbers

    def cells(tag: str, row: Sequence[Child]) -> Html:
        return join(
            element(tag, cell, **({"class_": "number"} if i >= first_number else {})) for i, cell in enumerate(row)
        )

    body = join(element("tr", cells("td", row)) for row in rows)
    titles = element("thead", element("tr", cells("th", head))) if any(head) else None
    whole = element("table", titles, element("tbody", body), **({"class_": kind} if kind else {}))
    return element("div", whole, class_="scroll")
