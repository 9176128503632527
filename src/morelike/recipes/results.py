"""The result of a recipe as rows, as JSON and as a section of a page."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from morelike.recipes.run import MeasuredFigure, RecipeResult

HEAD = """# Published and ours

Each table is the output of `morelike recipe run NAME --list FOLDER --markdown docs/results.md`. Losses are nats per
character, the end of each word included. A table NAME on LIST is the output without `--list`, where the list of the
published figures is missing: the recipe runs on a shipped list, and the reference is our own figure of an earlier run.
"""


def result_columns(result: RecipeResult) -> list[str]:
    """Return the names of the columns of `result_rows`."""
    return ["figure", "reference" if result.recipe.instead_of else "published", "must be", "ours", "within"]


def result_rows(result: RecipeResult) -> Iterator[list[str]]:
    """Yield a row for each figure: its name, the known value, the bounds, our value, and whether it meets them.

    The known value is the published one, or our reference on the sibling of the list. The last cell is empty where
    nothing is expected.
    """
    for figure in result.figures:
        expected = figure.expected
        known = expected.reference if result.recipe.instead_of else expected.published
        verdict = ("yes" if figure.within_bounds else "NO") if expected.has_bounds else ""
        yield [
            _name(result, figure),
            "" if known is None else f"{known:.7g}",
            expected.bound,
            _number(figure.ours),
            verdict,
        ]


def to_dict(result: RecipeResult) -> dict[str, Any]:
    """Return the result as a dictionary for JSON."""
    figures = [
        {
            "run": figure.run,
            "figure": figure.expected.figure,
            "published": figure.expected.published,
            "reference": figure.expected.reference,
            "bound": figure.expected.bound,
            "ours": figure.ours,
            "within": figure.within_bounds if figure.expected.has_bounds else None,
        }
        for figure in result.figures
    ]
    return {
        "recipe": result.recipe.name,
        "list": result.recipe.data.list or None,
        "instead_of": result.recipe.instead_of or None,
        "within": result.within_bounds if result.recipe.has_bounds else None,
        "figures": figures,
        "seconds": result.seconds,
        "runs": [{"run": name, "path": str(path)} for name, path in result.kept],
    }


def to_markdown(result: RecipeResult) -> str:
    """Return a section of a page: title, source, the table of figures, the durations and the machine."""
    recipe = result.recipe
    notes = {_name(result, figure): figure.expected.note for figure in result.figures if figure.expected.note}
    rows = [[f"{row[0]} ({notes[row[0]]})" if row[0] in notes else row[0], *row[1:]] for row in result_rows(result)]
    seconds = ", ".join(f"{name} {taken:.1f} s" for name, taken in result.seconds.items())
    lines = [
        f"## {recipe.title_of_results}",
        "",
        f"{recipe.title}. Source: {recipe.source}.",
        *([recipe.about] if recipe.about else []),
        "",
        "| " + " | ".join(result_columns(result)) + " |",
        "|---|---|---|---|---|",
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
        f"{seconds}, in total, on {_machine()}.",
    ]
    return "\n".join(lines) + "\n"


def replace_section(page: str, name: str, section: str) -> str:
    """Return a page in which the section of this name is replaced or added. Sections are sorted by name.

    >>> replace_section("# T\\n\\n## b\\n\\nold\\n", "b", "## b\\n\\nnew\\n")
    '# T\\n\\n## b\\n\\nnew\\n'
    """
    head, *sections = re.split(r"^(?=## )", page or HEAD, flags=re.MULTILINE)
    by_name = {each.splitlines()[0][3:]: each.strip() + "\n" for each in sections} | {name: section}
    return "\n".join([head.strip() + "\n", *(by_name[each] for each in sorted(by_name))])


def _name(result: RecipeResult, figure: MeasuredFigure) -> str:
    several = len(result.recipe.run) > 1 or result.recipe.mixture is not None
    return f"{figure.run}: {figure.expected.figure}" if several else figure.expected.figure


def _number(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if value == int(value) else f"{value:.6g}"


def _machine() -> str:
    processor = platform.processor() or platform.machine()
    return f"{os.cpu_count()} cores ({processor}), jax {version('jax')}, numpy {version('numpy')}"
