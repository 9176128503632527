"""Printing: results on stdout, notes to a person on stderr, JSON on request."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from morelike.cli.shared.streams import console
from morelike.evaluation.loss import Evaluation
from morelike.text.printable import printable

if TYPE_CHECKING:  # imported by the functions that use it: rich delays a cold start, and words alone do without it
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn
    from rich.table import Table

MOST_LABELS = 20
LARGE = 1e6
"""A perplexity from here is shown in e-notation."""
UNFOLDED = 10_000
"""Columns of a pipe or a file: no table is as wide."""


def stdout_console() -> Console:
    """Return the console for tables on stdout."""
    return _unfolded(console(sys.stdout), sys.stdout)


def stderr_console() -> Console:
    """Return the console for notes on stderr, which keep stdout clean for pipes."""
    return _unfolded(console(sys.stderr, stderr=True, soft_wrap=not sys.stderr.isatty()), sys.stderr)


def _unfolded(console: Console, stream: Any) -> Console:
    """Return the console, so wide that no table is folded unless the stream is a terminal."""
    if not stream.isatty():
        console.width = UNFOLDED
    return console


def print_note(*notes: str | Table) -> None:
    """Print sentences and tables on stderr, each on lines of its own; a sentence may begin with an empty line."""
    stderr = stderr_console()
    for note in notes:
        stderr.print(printable(note, keep="\n") if isinstance(note, str) else note)


def print_json(value: Any) -> None:
    """Print one JSON value on stdout; numbers that are not finite become null."""
    as_ascii = not (sys.stdout.encoding or "utf-8").lower().startswith("utf")  # JSON can write every character in ASCII
    sys.stdout.write(json.dumps(finite(value), ensure_ascii=as_ascii, indent=2) + "\n")


def print_words(words: Iterable[str]) -> None:
    """Print words alone, one on each line."""
    sys.stdout.writelines(word + "\n" for word in words)


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> None:
    """Print a table (see `plain_table`) on a terminal, and tab-separated lines with a header into a pipe."""
    if sys.stdout.isatty():
        stdout_console().print(plain_table(columns, rows, left=left))
    else:
        print_words("\t".join(row) for row in [columns, *rows])


def plain_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, left: int = 1) -> Table:
    """Return a table without lines; the first `left` columns are aligned to the left, the others to the right."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i < left else "right", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    return table


def losses_table(losses: Mapping[str, Mapping[str, Evaluation]]) -> Table:
    """Return a table of losses by the name of the model and the name of the part."""
    columns = ["model", "part", "nats/char", "95 % interval", "bits/char", "perplexity", "lines"]
    rows = [
        [
            model if i == 0 else "",
            part,
            f"{loss.nats_per_character:.4f}",
            "{:.4f} to {:.4f}".format(*loss.interval),
            f"{loss.bits_per_character:.4f}",
            _perplexity(loss.perplexity),
            f"{loss.lines:,}",
        ]
        for model, parts in losses.items()
        for i, (part, loss) in enumerate(parts.items())
    ]
    return plain_table(columns, rows, left=2)


def _perplexity(value: float) -> str:
    """Return a perplexity with two decimals; a large one in e-notation, because a model may diverge.

    >>> _perplexity(12.345), _perplexity(2.0**270), _perplexity(float("inf"))
    ('12.35', '1.90e+81', 'inf')
    """
    return f"{value:.2f}" if value < LARGE else f"{value:.2e}"


def with_labels(losses: Mapping[str, Evaluation], part: str) -> dict[str, Evaluation]:
    """Return the losses, followed by the loss of each label on one part if the labels are few enough to read."""
    labels = losses[part].labels if part in losses else {}
    shown = labels if len(labels) <= MOST_LABELS else {}
    return {**losses, **{f"{part}: {label or '(no label)'}": loss for label, loss in shown.items()}}


@contextmanager
def progress_bar(description: str, *columns: ProgressColumn, **fields: Any) -> Iterator[Progress | None]:
    """Yield a progress bar with one task, drawn on stderr; None if stderr is not a terminal."""
    stderr = stderr_console()
    if not stderr.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, Progress, TextColumn

    shown = TextColumn("{task.description}"), BarColumn(bar_width=16), *columns
    with Progress(*shown, console=stderr, transient=True, redirect_stdout=False, redirect_stderr=False) as bar:
        bar.add_task(description, total=None, **fields)
        yield bar


def finite(value: Any) -> Any:
    """Return a value that JSON can hold: numbers that are not finite become None."""
    if isinstance(value, Mapping):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    if isinstance(value, float) and not (float("-inf") < value < float("inf")):
        return None
    return value
