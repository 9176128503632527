"""`morelike lists`: the word lists that ship with morelike, and their sources."""

from __future__ import annotations

import dataclasses

from morelike.cli.shared.output import print_json, print_rows
from morelike.cli.shared.parameters import Json
from morelike.text.sources import shipped_lists


def lists(*, as_json: Json = False) -> None:
    """List the word lists that ship with morelike. Every command that takes a list accepts their names.

    Examples:
      morelike lists
      morelike train mots
    """
    shipped = list(shipped_lists().values())
    if as_json:
        print_json([dataclasses.asdict(each) for each in shipped])
    else:
        columns = ["name", "lines", "what", "source", "licence", "date"]
        rows = [[each.name, f"{each.lines:,}", each.title, each.source, each.licence, each.date] for each in shipped]
        print_rows(columns, rows)
