"""What came out of a recipe, as rows, as JSON and as the section of a page."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from morelike.recipes.run import Measured, Outcome

__all__ = ["as_markdown", "as_object", "put_into", "shown"]

HEAD = """# Published and ours

Each table is the output of `morelike recipe run NAME --list FOLDER --markdown docs/results.md`. Losses are nats per
character, the end of each word included.
"""


def shown(outcome: Outcome) -> Iterator[list[str]]:
    """Yield a row for each figure: its name, what was published, what must hold, ours, and whether it does."""
    for each in outcome.figures:
        expected = each.expected
        published = "" if expected.published is None else f"{expected.published:.7g}"
        yield [_name(outcome, each), published, expected.bound, _number(each.ours), "yes" if each.within else "NO"]


def as_object(outcome: Outcome) -> dict[str, Any]:
    """Return the figures as one object for JSON."""
    figures = [
        {
            "run": each.run,
            "figure": each.expected.figure,
            "published": each.expected.published,
            "bound": each.expected.bound,
            "ours": each.ours,
            "within": each.within,
        }
        for each in outcome.figures
    ]
    return {"recipe": outcome.recipe.name, "within": outcome.within, "figures": figures, "seconds": outcome.seconds}


def as_markdown(outcome: Outcome) -> str:
    """Return the section of a page: title, source, the table, and how long it took on which machine."""
    recipe = outcome.recipe
    notes = {_name(outcome, each): each.expected.note for each in outcome.figures if each.expected.note}
    rows = [[f"{row[0]} ({notes[row[0]]})" if row[0] in notes else row[0], *row[1:]] for row in shown(outcome)]
    seconds = ", ".join(f"{name} {taken:.1f} s" for name, taken in outcome.seconds.items())
    lines = [
        f"## {recipe.name}",
        "",
        f"{recipe.title}. Source: {recipe.source}.",
        *([recipe.about] if recipe.about else []),
        "",
        "| figure | published | must be | ours | within |",
        "|---|---|---|---|---|",
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
        f"{seconds}, all in all, on {_machine()}.",
    ]
    return "\n".join(lines) + "\n"


def put_into(page: str, name: str, section: str) -> str:
    """Return a page with the section of this name in its place, sections sorted by name.

    >>> put_into("# T\\n\\n## b\\n\\nold\\n", "b", "## b\\n\\nnew\\n")
    '# T\\n\\n## b\\n\\nnew\\n'
    """
    head, *sections = re.split(r"^(?=## )", page or HEAD, flags=re.MULTILINE)
    by_name = {each.splitlines()[0][3:]: each.strip() + "\n" for each in sections} | {name: section}
    return "\n".join([head.strip() + "\n", *(by_name[each] for each in sorted(by_name))])


def _name(outcome: Outcome, each: Measured) -> str:
    several = len(outcome.recipe.run) > 1 or outcome.recipe.mixture is not None
    return f"{each.run}: {each.expected.figure}" if several else each.expected.figure


def _number(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if value == int(value) else f"{value:.6g}"


def _machine() -> str:
    processor = platform.processor() or platform.machine()
    return f"{os.cpu_count()} cores ({processor}), jax {version('jax')}, numpy {version('numpy')}"
