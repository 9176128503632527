"""The page: one file of HTML with its style, its scripts and its data in it, which fetches nothing from anywhere."""

from __future__ import annotations

from collections.abc import Sequence

from morelike.reports.drawn import asset, script_sources, scripts
from morelike.reports.facts import Facts
from morelike.reports.html import Child, Html, element, join
from morelike.reports.sections import cards, lead, sections

__all__ = ["page", "run_page"]


def run_page(facts: Facts) -> str:
    """Return the report of one run as HTML."""
    named = str(facts.meta.get("list", "words"))
    head = [
        element("p", f"morelike · {facts.path.name}", class_="above"),
        element("h1", element("bdi", named), f", learned by {facts.kind}"),
        lead(facts),
        cards(facts),
        *(element("p", sentence, class_="missing") for sentence in facts.missing),
    ]
    return page(facts.name, head, list(sections(facts)))


def page(title: str, head: Sequence[Child], parts: Sequence[tuple[str, str, Html]]) -> str:
    """Return a whole page: a head, links to the parts, and the parts with their titles."""
    links = element(
        "nav", join(element("a", name, href=f"#{anchor}") for anchor, name, _ in parts), aria_label="Sections"
    )
    body = [
        element("header", *head, links),
        element(
            "main", join(element("section", element("h2", name), content, id=anchor) for anchor, name, content in parts)
        ),
        element(
            "footer", element("p", "Written by morelike. This file is whole: it needs no network and fetches nothing.")
        ),
        element(
            "noscript", element("p", "The pictures of this page are drawn by JavaScript, which is switched off here.")
        ),
        *scripts(),
    ]
    policy = (
        f"default-src 'none'; script-src {script_sources()}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    top = [
        Html('<meta charset="utf-8">'),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", f"{title} · morelike"),
        element("style", asset("page.css")),
    ]
    whole = element("html", element("head", *top), element("body", *body), lang="en")
    return f"<!doctype html>\n{whole}\n"
