"""`morelike diagnose`: what happens inside a model while it trains, figure by figure, with verdicts."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

from rich.console import Console
from rich.table import Table
from rich.text import Text

from morelike.cli.shared.output import LIST_NAME, Json, ModelName, RunsFolder, person, print_json, print_rows
from morelike.evaluation.diagnostics import Diagnosis, Reading, Verdict
from morelike.evaluation.verdicts import condensed, overall
from morelike.text.reading import read_corpus
from morelike.workflows import diagnosis

__all__ = ["EXAMPLES", "diagnose"]

EXAMPLES = """\
Examples:

  morelike diagnose
  morelike diagnose runs/MY-RUN --json
  morelike diagnose my-model names.txt
"""

STYLES: dict[Verdict, str] = {"good": "green", "watch": "yellow", "bad": "bold red"}


def diagnose(
    model: ModelName = "latest",
    words: Annotated[str | None, LIST_NAME] = None,
    /,
    *,
    as_json: Json = False,
    out: RunsFolder = "runs",
) -> int:
    """Look inside a run: activations, dead units, gradients, updates, BatchNorm; each with a verdict.

    A run is looked at as its training left it, on its own list or on LIST; a model folder without a run needs the list
    that it learned from. The page docs/diagnostics.md says what each figure means.
    """
    read = None if words is None else partial(read_corpus, words)
    found = diagnosis.diagnose(diagnosis.subject_of(model, Path(out), read))
    if as_json:
        print_json(found.as_dict() | {"verdict": overall(found.readings)})
        return 0
    if sys.stdout.isatty():
        Console(highlight=False, markup=False, emoji=False).print(_table(found.readings))
    else:
        rows = ([r.verdict, r.what, r.where, f"{r.value:.6g}", r.sentence, r.advice] for r in found.readings)
        print_rows(["verdict", "what", "where", "value", "says", "change"], rows)
    console = person()
    for advice, places in _advice(found.readings):
        console.print(Text(f"{places}: {advice}."))
    console.print(Text(_summary(found)))
    return 0


def _summary(found: Diagnosis) -> str:
    counted = Counter(reading.verdict for reading in found.readings)
    verdicts = ", ".join(f"{counted[verdict]} {verdict}" for verdict in STYLES)
    return (
        f"{found.kind}: {verdicts}. Looked at on {found.examples:,} characters of train, and one step of "
        f"{found.optimizer}, at the rate {found.learning_rate:g}."
    )


def _advice(readings: list[Reading]) -> Iterator[tuple[str, str]]:
    """Yield each advice once, with all the places that it is for."""
    places: dict[str, list[str]] = {}
    for reading in readings:
        if reading.advice:
            places.setdefault(reading.advice, []).append(f"{reading.what} of {reading.where}")
    yield from ((advice, ", ".join(given)) for advice, given in places.items())


def _table(readings: list[Reading]) -> Table:
    """Return a table in which many good readings of one sort take one line."""
    table = Table(box=None, pad_edge=False)
    for column in ("verdict", "what", "where"):
        table.add_column(column, overflow="fold")
    table.add_column("says", overflow="fold", ratio=1)
    for reading in condensed(readings):
        style = STYLES[reading.verdict]
        table.add_row(Text(reading.verdict, style), reading.what, Text(reading.where), Text(reading.sentence))
    return table
