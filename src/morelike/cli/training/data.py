"""`morelike data`: build a store of a list that memory is too small for, and show what it holds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from morelike.cli.shared.output import Json, person, print_json, print_rows
from morelike.errors import SettingError
from morelike.text.store.build import BuildProgress, build_store
from morelike.text.store.format import Store

__all__ = ["EXAMPLES", "data"]

EXAMPLES = """\
Examples:

  morelike data build words.txt -o words.store
  zcat words.txt.gz | morelike data build - -o words.store --force
  morelike data show words.store
  morelike data show words.store --check --json
  morelike train words.store --epochs 1
"""


def data(
    action: Annotated[Literal["build", "show"], Parameter(help="what to do")],
    source: Annotated[
        str,
        Parameter(
            name="LIST",
            help="to build from: a file, `-` for standard input, or the name of a shipped list; to show: a store",
            allow_leading_hyphen=True,
        ),
    ],
    /,
    *,
    out: Annotated[Path | None, Parameter(name=("--out", "-o"), help="the folder of the store that is built")] = None,
    force: Annotated[bool, Parameter(negative=(), help="build again a store that is there already")] = False,
    check: Annotated[bool, Parameter(negative=(), help="of a store that is shown, check every byte")] = False,
    as_json: Json = False,
) -> int:
    """Build a store of a list, or show what one holds.

    A store is the list on disk, ready to be learned from: ids, split and hashes in arrays that are mapped into memory,
    so that neither building nor training ever holds the list. Train from it with `morelike train STORE`.
    """
    if action == "show":
        if out is not None or force:
            raise SettingError("-o and --force say where and how a store is built: `data show` takes neither")
        store = Store.open(source)
        if check:
            store.verify()
        _show(store, as_json=as_json)
        return 0
    if out is None or check:
        raise SettingError("`data build LIST -o STORE`: name the store with -o, and check it with `data show --check`")
    began = time.perf_counter()
    with _progress() as draw:
        store = build_store(source, out, force=force, on_progress=draw)
    seconds = time.perf_counter() - began
    _show(store, as_json=as_json, seconds=round(seconds, 3))
    if not as_json:
        lines = store.facts.lines
        person().print(Text(f"{lines:,} lines in {seconds:.1f} s. Next: morelike train {out}"))
    return 0


def _show(store: Store, *, as_json: bool, **more: Any) -> None:
    facts = store.facts
    size = sum(size for size, _ in store.manifest.values())
    if as_json:
        parts = {
            part: {**asdict(own), "duplicates": own.lines - own.distinct, "leaks": 0}
            for part, own in facts.parts.items()
        }
        whole = {"lines": facts.lines, "characters": facts.characters, "bytes": size, "split": store.split.name}
        print_json({"store": str(store.path), **asdict(facts), **whole, "parts": parts, **more})
        return
    rows = [
        ("list", facts.name),
        ("lines", f"{facts.lines:,}"),
        ("characters", f"{facts.characters:,}"),
        ("symbols", f"{facts.symbols:,}, the end among them"),
        ("longest line", f"{facts.longest:,} characters"),
        ("blank lines left out", f"{facts.blank:,}"),
        ("counts", "yes" if facts.counts_sha256 else "no"),
        ("sha256", facts.sha256),
        ("size", f"{size / 1e6:,.1f} MB"),
        ("split", facts.note or "hash: equal lines are in one part, so none of dev or test is in train"),
    ]
    print_rows(["what", "value"], rows)
    columns = ["part", "lines", "characters", "distinct", "duplicates"]
    print_rows(
        columns,
        [
            [part, *(f"{number:,}" for number in (own.lines, own.characters, own.distinct, own.lines - own.distinct))]
            for part, own in facts.parts.items()
        ],
    )


@contextmanager
def _progress() -> Iterator[Callable[[BuildProgress], None]]:
    """Give a function that draws how far a store is, on a terminal alone."""
    console = person()
    if not console.is_terminal:
        yield lambda progress: None
        return
    columns = TextColumn("{task.description}"), BarColumn(bar_width=16), TextColumn("{task.fields[lines]}")
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task("reading", total=None, lines="")

        def draw(progress: BuildProgress) -> None:
            bar.update(
                task,
                description=progress.stage,
                total=progress.total,
                completed=progress.done,
                lines=f"{progress.lines:,} lines",
            )

        yield draw
