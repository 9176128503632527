"""`morelike lists`: the word lists that ship with morelike, and where they come from."""

from __future__ import annotations

import dataclasses

from morelike.cli.shared.output import Json, print_json, print_rows
from morelike.text.sources import shipped_lists

__all__ = ["EXAMPLES", "lists"]

EXAMPLES = """\
Examples:

  morelike lists
  morelike train mots
"""


def lists(*, as_json: Json = False) -> int:
    """List the word lists that ship with morelike: use a name wherever a list is asked for."""
    shipped = list(shipped_lists().values())
    if as_json:
        print_json([dataclasses.asdict(each) for each in shipped])
        return 0
    columns = ["name", "lines", "what", "source", "licence", "date"]
    print_rows(
        columns, [[each.name, f"{each.lines:,}", each.title, each.source, each.licence, each.date] for each in shipped]
    )
    return 0
