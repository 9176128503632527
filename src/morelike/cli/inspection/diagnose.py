"""`morelike diagnose`: the inside of a model in training, figure by figure, with verdicts."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from functools import partial

from rich.table import Table
from rich.text import Text

from morelike.cli.shared.output import print_json, print_note, print_rows, stdout_console
from morelike.cli.shared.parameters import PLAIN_LISTS, RUNS, Json, ListFlags, ModelName, OptionalListName, RunsFolder
from morelike.evaluation.diagnostics import Diagnosis, Reading, Verdict
from morelike.evaluation.verdicts import condensed, overall
from morelike.text.reading import read_corpus
from morelike.workflows import diagnosis

STYLES: dict[Verdict, str] = {"good": "green", "watch": "yellow", "bad": "bold red"}


def diagnose(
    model: ModelName = "latest",
    words: OptionalListName = None,
    /,
    *,
    lists: ListFlags = PLAIN_LISTS,
    as_json: Json = False,
    out: RunsFolder = RUNS,
) -> None:
    """Diagnose the training of a run: activations, dead units, gradients, updates, BatchNorm, each with a verdict.

    The diagnosis uses the weights at the end of training, and the run's own list or LIST. A model folder outside a run
    needs LIST: the list that it learned from. The page docs/diagnostics.md explains each figure.

    Examples:
      morelike diagnose
      morelike diagnose runs/MY-RUN --json
      morelike diagnose my-model names.txt
    """
    read = None if words is None else partial(read_corpus, words, options=lists.reading)
    found = diagnosis.diagnose(diagnosis.subject_of(model, out, read))
    if as_json:
        print_json(found.as_dict() | {"verdict": overall(found.readings)})
        return
    if sys.stdout.isatty():
        stdout_console().print(_table(found.readings))
    else:
        rows = ([r.verdict, r.what, r.where, f"{r.value:.6g}", r.sentence, r.advice] for r in found.readings)
        print_rows(["verdict", "what", "where", "value", "says", "change"], rows)
    print_note(*_advice(found.readings), _summary(found))


def _summary(found: Diagnosis) -> str:
    counts = Counter(reading.verdict for reading in found.readings)
    verdicts = ", ".join(f"{counts[verdict]} {verdict}" for verdict in STYLES)
    return (
        f"{found.kind}: {verdicts}. Measured on {found.examples:,} characters of train, and in one step of "
        f"{found.optimizer} at the learning rate {found.learning_rate:g}."
    )


def _advice(readings: Sequence[Reading]) -> list[str]:
    """Return a sentence for each advice, with all the places where it applies."""
    places: dict[str, list[str]] = {}
    for reading in readings:
        if reading.advice:
            places.setdefault(reading.advice, []).append(f"{reading.what} of {reading.where}")
    return [f"{', '.join(each)}: {advice}." for advice, each in places.items()]


def _table(readings: Sequence[Reading]) -> Table:
    """Return a table in which many good readings of one sort take one line."""
    table = Table(box=None, pad_edge=False)
    for column in ("verdict", "what", "where"):
        table.add_column(column, overflow="fold")
    table.add_column("says", overflow="fold", ratio=1)
    for reading in condensed(list(readings)):
        style = STYLES[reading.verdict]
        table.add_row(Text(reading.verdict, style), reading.what, Text(reading.where), Text(reading.sentence))
    return table
