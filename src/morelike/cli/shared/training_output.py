"""Output about training: a progress bar during the run, a table of losses and new words at the end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import numpy as np
from rich.progress import Progress, TextColumn, TimeRemainingColumn

from morelike.cli.shared.output import losses_table, print_note, print_words, progress_bar, stderr_console, with_labels
from morelike.cli.shared.parameters import option
from morelike.errors import SettingError
from morelike.evaluation.loss import Evaluation
from morelike.language_model.files.facts import HIDDEN
from morelike.reports.after_training import try_report
from morelike.runs import events
from morelike.runs.run_folder import RunFolder
from morelike.text.printable import printable
from morelike.training.experiment import ExperimentEvent
from morelike.training.result import Result, members_as_dict

LogEvery: TypeAlias = Annotated[
    int | None,
    option(
        "print a line about so many steps apart instead of a progress bar, also where stderr is no terminal, and a few "
        "words of the model after each evaluation on dev"
    ),
]


@contextmanager
def draw_progress(log_every: int | None = None) -> Iterator[Callable[[ExperimentEvent], None]]:
    """Yield a function that draws an event: notes as sentences, all else in a progress bar if stderr is a terminal.

    With `log_every` it prints lines instead, one for each so many steps, to a terminal or not.
    """
    console = stderr_console()
    if log_every is not None:
        yield LogLines(log_every).draw
        return
    with progress_bar("starting", TextColumn("{task.fields[figures]}"), TimeRemainingColumn(), figures="") as bar:
        dev = ""

        def draw(event: ExperimentEvent) -> None:
            nonlocal dev
            if isinstance(event, events.Noted):
                (bar.console if bar else console).print(f"Note: {event.sentence}.")
            elif isinstance(event, events.Evaluated):
                dev = f"  dev {event.loss:.3f}"
            elif bar:
                _update(bar, event, dev)

        yield draw


def refuse_log_every(steps: int | None) -> None:
    """Refuse a number of steps between lines that makes no sense.

    Raises:
        SettingError: less than a step.
    """
    if steps is not None and steps < 1:
        raise SettingError(f"--log-every {steps}: give a number of steps, 1 or more")


class LogLines:
    """Prints the events of training as lines on stderr, one line about every `steps` steps.

    A line stands after the chunk of steps that completes the number, because training does not stop within a chunk.
    """

    def __init__(self, steps: int) -> None:
        self._every = steps
        self._dev = ""
        self._printed = 0
        self._losses: list[tuple[int, float, float]] = []  # steps, loss and seconds of each chunk since the last line

    def draw(self, event: ExperimentEvent) -> None:
        """Print what there is to print of an event."""
        if isinstance(event, events.Noted):
            print_note(f"Note: {event.sentence}.")
        elif isinstance(event, events.Started):
            print_note(f"{event.kind}: {event.parameters:,} parameters, {event.steps:,} steps")
            self._printed, self._losses = event.step, []
        elif isinstance(event, events.Evaluated):
            self._dev = f", dev {event.loss:.4f}"
        elif isinstance(event, events.Progress):
            self._losses.append((sum(event.blocks), event.loss, event.seconds))
            if event.step // self._every > self._printed // self._every or event.step == event.steps:
                self._print(event)
        elif isinstance(event, events.Sampled) and event.words:
            words = (
                f"{word} (in the list)" if copied else word
                for word, copied in zip(event.words, event.copied, strict=True)
            )
            print_note(f"  step {event.step:,}, words: {printable(', '.join(words))}")

    def _print(self, event: events.Progress) -> None:
        steps, losses, seconds = (np.array(column) for column in zip(*self._losses, strict=True))
        loss, speed = np.average(losses, weights=steps), steps.sum() / max(seconds.sum(), 1e-9)
        print_note(f"  step {event.step:,} of {event.steps:,}: loss {loss:.4f}{self._dev}, {speed:,.0f} steps/s")
        self._dev, self._printed, self._losses = "", event.step, []


def _update(bar: Progress, event: ExperimentEvent, dev: str) -> None:
    update = partial(bar.update, bar.task_ids[0])
    if isinstance(event, events.Started):
        update(
            description=event.kind,
            total=event.steps,
            completed=event.step,
            figures=f"compiling for {event.device}" if event.device else "",
        )
    elif isinstance(event, events.Progress):
        speed = bar.tasks[0].speed or 0.0
        figures = f"{event.step:,}/{event.steps:,}  {speed:,.0f} steps/s  loss {event.loss:.3f}{dev}"
        update(completed=event.step, figures=figures)
    elif isinstance(event, events.Finished):
        update(description="evaluating on dev and test", figures="")


def print_outcome(result: Result) -> None:
    """Print the losses and the notes on stderr, and the new words on stdout."""
    kind = result.model.architecture.kind
    baseline: dict[str, Mapping[str, Evaluation]] = {"n-gram counts": result.baseline} if result.baseline else {}
    losses = {**baseline, kind: with_labels(result.losses, "test")}
    if result.members:
        losses = {f"{name} (kept)" if name == kind else name: each for name, each in result.members.items()}
    notes = [f"Note: {note}." for note in result.notes if note.startswith("new words: ")]
    hidden = [hidden_note(result.run or Path("RUN"))] if result.model.facts.get(HIDDEN) else []
    print_note("", losses_table(losses), "", *hidden, *_sentences(result), *notes, "")
    is_text = result.model.form == "text"
    if result.samples:
        print_note("Text from the model:" if is_text else f"{len(result.samples)} new words:")
        sys.stderr.flush()
        print_words(result.samples)
        sys.stdout.flush()
    run = f" {result.run}" if result.run else ""
    print_note(f"\nMore: morelike sample{run} {'--characters 1000' if is_text else '-n 100'}")


def hidden_note(run: Path) -> str:
    """Return the sentence of a run that hides its loss on test."""
    return f"Test is hidden: look at it once, at the end, with `morelike evaluate {run} --test`."


def print_next_steps(run: RunFolder, *, report: bool) -> None:
    """Print how to sample from the model of a run, and write its report if asked to."""
    print_note(f"\nMore: morelike sample {run.path} -n 100")
    if report and (written := write_report(run)):
        print_note(f"Report: {written}")


def write_report(run: RunFolder) -> str | None:
    """Write the report of a finished run and return its path; print a warning and return None if that fails."""
    if problem := try_report(run):
        print_note(f"Warning: {problem}.")
        return None
    return str(run.report)


def result_as_dict(result: Result) -> dict[str, Any]:
    """Return the figures of a run as one object for JSON."""
    return {
        "run": str(result.run) if result.run else None,
        "model": str(result.run / "model") if result.run else None,
        "kind": result.model.architecture.kind,
        "parameters": result.model.parameters,
        "steps": result.steps,
        **({"resumed_at": result.first_step} if result.first_step else {}),
        "seconds": round(result.seconds, 3),
        "steps_per_second": round(result.steps_per_second, 3),
        "ended": result.reason,
        **{part: loss.as_dict() for part, loss in result.losses.items()},
        **({"members": members_as_dict(result)} if result.members else {}),
        **({"choice": result.choice} if result.choice else {}),
        **({"refit": True} if result.judged else {}),
        **({HIDDEN: True} if result.model.facts.get(HIDDEN) else {}),
        "baseline": {part: loss.as_dict() for part, loss in result.baseline.items()},
        "leaks": {"dev": result.splits.leaks.dev, "test": result.splits.leaks.test},
        "notes": result.notes,
        "samples": result.samples,
    }


def _sentences(result: Result) -> Iterator[str]:
    splits, leaks = result.splits, result.splits.leaks
    if "test" in result.losses and result.model.form == "lines":
        unseen = result.losses["test"].unseen
        without_leaks = f"; the test loss without them is {unseen.nats_per_character:.4f}" if unseen else ""
        yield (
            f"Leaks: {leaks.dev:,} of {len(splits.dev):,} dev lines and {leaks.test:,} of {len(splits.test):,} test "
            f"lines are also in train ({leaks.test / len(splits.test):.1%} of test){without_leaks}."
        )
    ended = "" if result.reason == "completed" else f", ended by {result.reason}"
    resumed = f"{result.first_step:,} steps before it was resumed, then " if result.first_step else ""
    yield (
        f"{result.model.parameters:,} parameters, {resumed}{result.steps - result.first_step:,} steps in "
        f"{result.training_seconds:.1f} s "
        f"({result.steps_per_second:,.0f} steps/s, compiling included), {result.seconds:.1f} s in all{ended}."
    )
