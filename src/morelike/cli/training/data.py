"""`morelike data`: build a store of a list larger than memory, and show what a store holds."""

from __future__ import annotations

import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from rich.progress import Progress, TextColumn, TimeElapsedColumn

from morelike.cli.shared.output import print_json, print_note, print_rows, progress_bar
from morelike.cli.shared.parameters import PLAIN_LISTS, Json, ListFlags, option
from morelike.errors import SettingError
from morelike.text.store.build import BuildProgress, build_store
from morelike.text.store.format import Store


def data(
    action: Annotated[Literal["build", "show"], option("the action")],
    source: Annotated[
        str,
        option(
            "build: a file, `-` for standard input, or the name of a list of `morelike lists`; show: a store",
            "LIST",
            allow_leading_hyphen=True,
        ),
    ],
    /,
    *,
    out: Annotated[Path | None, option("build: the folder of the store", "--out", "-o")] = None,
    force: Annotated[bool, option("build: replace a store that exists")] = False,
    check: Annotated[bool, option("show: check every byte of the store")] = False,
    lists: ListFlags = PLAIN_LISTS,
    as_json: Json = False,
) -> None:
    """Build a store of a list, or show what a store holds.

    A store is the list on disk, prepared for training: ids, split and hashes in memory-mapped arrays. Neither building
    nor training loads the whole list. Train from a store with `morelike train STORE`.

    Examples:
      morelike data build words.txt -o words.store
      zcat words.txt.gz | morelike data build - -o words.store --force
      morelike data show words.store
      morelike data show words.store --check --json
      morelike train words.store --epochs 1
    """
    if action == "show":
        if out is not None or force:
            raise SettingError("-o and --force are options of `data build`: `data show` takes neither")
        store = Store.open(source)
        if check:
            store.verify()
        _show(store, as_json=as_json)
        return
    if out is None or check:
        raise SettingError("`data build LIST -o STORE`: name the store with -o, and check it with `data show --check`")
    began = time.perf_counter()
    with progress_bar("reading", TextColumn("{task.fields[lines]}"), TimeElapsedColumn(), lines="") as bar:
        store = build_store(source, out, force=force, options=lists.reading, on_progress=partial(_draw, bar))
    seconds = time.perf_counter() - began
    _show(store, as_json=as_json, seconds=round(seconds, 3))
    if not as_json:
        print_note(f"{store.facts.lines:,} lines in {seconds:.1f} s. Next: morelike train {out}")


def _draw(bar: Progress | None, progress: BuildProgress) -> None:
    if bar:
        lines = f"{progress.lines:,} lines"
        bar.update(
            bar.task_ids[0], description=progress.stage, total=progress.total, completed=progress.done, lines=lines
        )


def _show(store: Store, *, as_json: bool, **more: Any) -> None:
    facts = store.facts
    size = sum(size for size, _ in store.manifest.files.values())
    if as_json:
        parts = {
            name: {**asdict(part), "duplicates": part.lines - part.distinct, "leaks": 0}
            for name, part in facts.parts.items()
        }
        totals = {"lines": facts.lines, "characters": facts.characters, "bytes": size, "split": store.split.name}
        print_json({"store": str(store.path), **asdict(facts), **totals, "parts": parts, **more})
        return
    rows = [
        ("list", facts.name),
        ("lines", f"{facts.lines:,}"),
        ("characters", f"{facts.characters:,}"),
        ("symbols", f"{facts.symbols:,}, the end included"),
        ("longest line", f"{facts.longest:,} characters"),
        ("blank lines left out", f"{facts.blank:,}"),
        ("counts", "yes" if facts.counts_sha256 else "no"),
        ("sha256", facts.sha256),
        ("size", f"{size / 1e6:,.1f} MB"),
        ("split", facts.note or "hash: equal lines are in one part, so no line of dev or test is in train"),
    ]
    print_rows(["what", "value"], rows)
    counts = {
        name: (part.lines, part.characters, part.distinct, part.lines - part.distinct)
        for name, part in facts.parts.items()
    }
    print_rows(
        ["part", "lines", "characters", "distinct", "duplicates"],
        [[name, *(f"{number:,}" for number in numbers)] for name, numbers in counts.items()],
    )
