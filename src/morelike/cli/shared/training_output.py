"""What `morelike train` shows: a progress bar while it runs, a table and new words at its end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from morelike.cli.shared.output import losses_table, person, print_words, with_labels
from morelike.evaluation.loss import Evaluation
from morelike.reports.after_training import try_report
from morelike.runs import events
from morelike.runs.run_folder import RunFolder
from morelike.training.experiment import ExperimentEvent
from morelike.training.result import Result

__all__ = ["as_object", "progress_of", "show_outcome", "written_report"]


@contextmanager
def progress_of() -> Iterator[Callable[[ExperimentEvent], None]]:
    """Give a function that draws each event: on a terminal a bar with rate, loss and time left, else nothing."""
    console = person()

    def say(event: ExperimentEvent) -> None:
        if isinstance(event, events.Noted):
            console.print(Text(f"Note: {event.sentence}."))

    if not console.is_terminal:
        yield say
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=16),
        TextColumn("{task.fields[figures]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None, figures="")
        dev = ""

        def draw(event: ExperimentEvent) -> None:
            nonlocal dev
            say(event)
            if isinstance(event, events.Started):
                bar.update(task, description=event.kind, total=event.steps, completed=event.step, figures="compiling")
            elif isinstance(event, events.Evaluated):
                dev = f"  dev {event.loss:.3f}"
            elif isinstance(event, events.Progress):
                rate = bar.tasks[0].speed or 0.0
                figures = f"{event.step:,}/{event.steps:,}  {rate:,.0f} steps/s  loss {event.loss:.3f}{dev}"
                bar.update(task, completed=event.step, figures=figures)
            elif isinstance(event, events.Finished):
                bar.update(task, description="judging on dev and test", figures="")

        yield draw


def show_outcome(result: Result) -> None:
    """Print what came out: the table to a person, the new words on stdout."""
    console = person()
    kind = result.model.architecture.kind
    tables: dict[str, Mapping[str, Evaluation]] = {"n-gram counts": result.baseline} if result.baseline else {}
    tables[kind] = with_labels(result.losses, "test")
    console.print()
    console.print(losses_table(tables))
    console.print()
    for sentence in _sentences(result):
        console.print(Text(sentence))
    for note in result.notes:
        if note.startswith("new words: "):
            console.print(Text(f"Note: {note}."))
    console.print()
    if result.samples:
        text = result.model.form == "text"
        console.print(Text("It writes:" if text else f"{len(result.samples)} new words:"))
        sys.stderr.flush()
        print_words(result.samples)
        sys.stdout.flush()
    where = f" {result.run}" if result.run else ""
    more = "--characters 1000" if result.model.form == "text" else "-n 100"
    console.print(Text(f"\nMore: morelike sample{where} {more}"))


def written_report(run: RunFolder) -> str | None:
    """Write the report of a run that has ended and return its path; None, after a warning, where that failed."""
    if trouble := try_report(run):
        person().print(Text(f"Warning: {trouble}."))
        return None
    return str(run.report)


def as_object(result: Result) -> dict[str, Any]:
    """Return the figures of a run as one object for JSON."""
    return {
        "run": str(result.run) if result.run else None,
        "model": str(result.run / "model") if result.run else None,
        "kind": result.model.architecture.kind,
        "parameters": result.model.parameters,
        "steps": result.steps,
        "seconds": round(result.seconds, 3),
        "steps_per_second": round(result.steps_per_second, 3),
        "ended": result.reason,
        **{part: loss.as_dict() for part, loss in result.losses.items()},
        "baseline": {part: loss.as_dict() for part, loss in result.baseline.items()},
        "leaks": {"dev": result.parts.leaks.dev, "test": result.parts.leaks.test},
        "notes": result.notes,
        "samples": result.samples,
    }


def _sentences(result: Result) -> Iterator[str]:
    parts, leaks = result.parts, result.parts.leaks
    if parts.test and result.model.form == "lines":
        unseen = result.losses["test"].unseen
        alone = f"; on the others alone the test loss is {unseen.nats_per_character:.4f}" if unseen else ""
        yield (
            f"Leaks: {leaks.dev:,} of {len(parts.dev):,} dev lines and {leaks.test:,} of {len(parts.test):,} test "
            f"lines are also in train ({leaks.test / len(parts.test):.1%} of test){alone}."
        )
    ended = "" if result.reason == "completed" else f", ended by {result.reason}"
    yield (
        f"{result.model.parameters:,} parameters, {result.steps:,} steps in {result.training_seconds:.1f} s "
        f"({result.steps_per_second:,.0f} steps/s, compiling included), {result.seconds:.1f} s in all{ended}."
    )
