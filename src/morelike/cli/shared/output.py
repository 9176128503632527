"""Printing: results on stdout, everything said to a person on stderr, JSON on request."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from cyclopts import Parameter

from morelike.evaluation.loss import Evaluation

if TYPE_CHECKING:  # rich is imported by what prints with it: words alone, as into a pipe, are not kept waiting
    from rich.console import Console
    from rich.table import Table

__all__ = [
    "FORM_NAME",
    "LIST_NAME",
    "Json",
    "LabelName",
    "ModelName",
    "Report",
    "RunsFolder",
    "finite",
    "losses_table",
    "person",
    "print_json",
    "print_rows",
    "print_words",
    "with_labels",
]

MOST_LABELS = 20

Json: TypeAlias = Annotated[bool, Parameter(name="--json", negative=(), help="print JSON on stdout")]
ModelName: TypeAlias = Annotated[
    str, Parameter(help="a run (folder or name), a model folder, or `latest`", show_default=True)
]


def _no_option(_: Any, value: str | None) -> None:
    """Refuse what begins with a hyphen and is not `-`: a misspelt option, not a list."""
    if value is not None and value.startswith("-") and value != "-":
        raise ValueError(f"unknown option: {value}")


LIST_NAME = Parameter(
    name="LIST",
    help="a file, `-` for standard input, the name of a shipped list, or a store made by `morelike data build`",
    allow_leading_hyphen=True,
    validator=_no_option,
)
FORM_NAME = Parameter(
    name="--as", help="lines: each is one thing; text: one running text, without ends [default: lines]"
)
Report: TypeAlias = Annotated[bool, Parameter(help="write report.html into the run folder at the end")]
LabelName: TypeAlias = Annotated[
    str | None,
    Parameter(name="--label", help="of a model with labels: the one that is given [default: all, by their shares]"),
]
RunsFolder: TypeAlias = Annotated[str, Parameter(name="--out", help="the folder with the runs")]


def person() -> Console:
    """Return the console for what is said to a person: stderr, so that pipes stay clean."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=not sys.stderr.isatty())


def print_json(value: Any) -> None:
    """Print one JSON value on stdout; numbers that are not finite become null."""
    sys.stdout.write(json.dumps(finite(value), ensure_ascii=False, indent=2) + "\n")


def print_words(words: Iterable[str]) -> None:
    """Print words alone, one a line."""
    sys.stdout.writelines(word + "\n" for word in words)


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table on a terminal, tab-separated lines with a header in a pipe."""
    if not sys.stdout.isatty():
        print_words("\t".join(row) for row in [columns, *rows])
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i == 0 else "right", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console(highlight=False, markup=False, emoji=False).print(table)


def with_labels(losses: Mapping[str, Evaluation], part: str) -> dict[str, Evaluation]:
    """Return losses by part, and after them those of each label on one part, where there are few enough to read."""
    labels = losses[part].labels if part in losses else {}
    few = labels if len(labels) <= MOST_LABELS else {}
    return {**losses, **{f"{part}: {label or '(no label)'}": loss for label, loss in few.items()}}


def losses_table(losses: Mapping[str, Mapping[str, Evaluation]]) -> Table:
    """Return a table of models by name, each with its losses by part."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for column in ("model", "part", "nats/char", "95 % interval", "bits/char", "perplexity", "lines"):
        table.add_column(column, justify="left" if column in ("model", "part") else "right")
    for model, parts in losses.items():
        for i, (part, loss) in enumerate(parts.items()):
            low, high = loss.interval
            table.add_row(
                Text(model if i == 0 else ""),
                Text(part),
                f"{loss.nats_per_character:.4f}",
                f"{low:.4f} to {high:.4f}",
                f"{loss.bits_per_character:.4f}",
                f"{loss.perplexity:.2f}",
                f"{loss.lines:,}",
            )
    return table


def finite(value: Any) -> Any:
    """Return a value that JSON can hold: numbers that are not finite become None."""
    if isinstance(value, Mapping):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    if isinstance(value, float) and not (float("-inf") < value < float("inf")):
        return None
    return value
