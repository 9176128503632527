"""`morelike lists`: the lists that have a name, their sources, and downloading those that do not ship."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

from morelike.cli.shared.output import print_json, print_note, print_rows, print_words
from morelike.cli.shared.parameters import Json, option
from morelike.errors import SettingError
from morelike.text.lists.catalogue import ExternalList, external_lists, shipped_lists


def lists(
    action: Annotated[Literal["list", "fetch"], option("list them, or fetch: download some")] = "list",
    /,
    *names: Annotated[str, option("fetch: the names of the lists")],
    as_json: Json = False,
) -> None:
    """List the word lists that have a name. Every command that takes a list accepts the name of a list that is here.

    Some lists do not ship. `morelike lists fetch NAME` downloads one from the address in the catalogue, checks its size
    and SHA-256, and keeps it in your data folder.

    Examples:
      morelike lists
      morelike train mots
      morelike lists fetch names_32033
    """
    if action == "fetch":
        _fetch(names, as_json=as_json)
        return
    if names:
        raise SettingError(f"`morelike lists` takes no names: to download a list, `morelike lists fetch {names[0]}`")
    found = [*shipped_lists().values(), *external_lists().values()]
    where = {each.name: _where(each) if isinstance(each, ExternalList) else "ships" for each in found}
    if as_json:
        print_json([{**dataclasses.asdict(each), "where": where[each.name]} for each in found])
        return
    columns = ["name", "lines", "where", "what", "source", "licence", "date"]
    rows = [
        [each.name, f"{each.lines:,}", where[each.name], each.title, each.source, each.licence, each.date]
        for each in found
    ]
    print_rows(columns, rows)


def _where(external: ExternalList) -> str:
    if external.is_kept():
        return str(external.path)
    return f"lists fetch {external.name}" if external.address else "not here"


def _fetch(names: tuple[str, ...], *, as_json: bool) -> None:
    """Download the lists that are not here yet, and print where each list is."""
    from morelike.text.lists.download import fetch_list, find_external  # imported here: its modules delay a cold start

    if not names:
        raise SettingError(f"which list? `morelike lists fetch NAME`; the names are {', '.join(external_lists())}")
    fetched: list[dict[str, Any]] = []
    for each in [find_external(name) for name in dict.fromkeys(names)]:
        is_new = not each.is_kept()
        path = fetch_list(each) if is_new else each.path
        fetched.append({"name": each.name, "path": str(path), "downloaded": is_new})
        if is_new:
            print_note(f"{each.name}: {each.bytes:,} bytes with the right SHA-256, from {each.address}")
        else:
            print_note(f"{each.name} is here already; nothing was downloaded.")
    if as_json:
        print_json(fetched)
    else:
        print_words(each["path"] for each in fetched)
