"""Parameters that several commands share: each name, type and help text is declared once."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from morelike.text.formats.options import CountsFrom, ListFormat, ReadingOptions
from morelike.text.words import Form


def option(description: str, *names: str, **more: Any) -> Parameter:
    """Return a parameter's declaration with its help text; without `names` the flag has the name of the parameter."""
    return Parameter(help=description, name=names or None, **more)


OPERANDS: ContextVar[frozenset[str]] = ContextVar("OPERANDS", default=frozenset())
"""The arguments of the command after `--`: none of them is an option."""


def refuse_option(_: Any, value: str | None) -> None:
    """Refuse a value that begins with a hyphen, is not `-` and does not follow `--`: it is a misspelt option.

    Raises:
        ValueError: such a value.
    """
    if value is not None and value.startswith("-") and value != "-" and value not in OPERANDS.get():
        raise ValueError(f"unknown option: {value}")


_LIST = Parameter(
    name="LIST",
    help=(
        "a file, `-` for standard input, the name of a list of `morelike lists`, or a store made by `morelike data "
        "build`"
    ),
    allow_leading_hyphen=True,
    validator=refuse_option,
)

ListName = Annotated[str, _LIST]
OptionalListName = Annotated[str | None, _LIST]
FormName = Annotated[
    Form | None, option("read the list as separate lines, or as one running text [default: lines]", "--as")
]
SplitRule = Annotated[str | None, option("the split into train, dev and test, as in `morelike train`", "--split")]
ComparisonList = Annotated[str | None, option("the list to compare with [default: the model's own list]", "--list")]
ModelName = Annotated[
    str, option("a run (folder or name), a model folder, hub:OWNER/NAME, or `latest`", show_default=True)
]
Words = Annotated[str, option("the words [default: a list from standard input]")]
Streamed = Annotated[str, option("the words [default: read from --in or standard input]")]
Count = Annotated[int, option("the number of words", "--count", "-n")]
CountEach = Annotated[int, option("the number of words for each word", "--count", "-n")]
LabelName = Annotated[
    str | None, option("the label of the words [default: all labels, weighted by their shares]", "--label")
]
UnknownPolicy = Annotated[
    Literal["error", "skip", "reserve"],
    option(
        "unknown characters: error refuses the word, skip leaves them out, reserve gives each the probability 1/10,000"
    ),
]
BlockLists = Annotated[tuple[str, ...], option("a list of texts that no word contains; may be repeated", "--block")]
SampleSeed = Annotated[int | None, option("the same seed gives the same words [default: a new seed]", "--seed")]
Report = Annotated[bool, option("write report.html into the run folder at the end", negative="--no-report")]
HideTest = Annotated[
    bool,
    option("leave the loss on test out of all output, uncomputed, until `morelike evaluate RUN --test`", negative=""),
]
Json = Annotated[bool, option("print the result as JSON on stdout", "--json")]
RunsFolder = Annotated[Path, option("the folder that holds the runs", "--out")]


@Parameter(name="*")
@dataclass(frozen=True)
class ListFlags:
    """The flags of a command that reads lists."""

    in_format: Annotated[
        ListFormat | None, option("the format of the lists [default: by a file's ending; else lines]")
    ] = None
    column: Annotated[str | None, option("the column or JSON key that holds the words of a list [default: word]")] = (
        None
    )
    counts: Annotated[
        CountsFrom,
        option("columns: counts are in a column; first: before the word, as `uniq -c` writes; none: there are none"),
    ] = "columns"

    @property
    def reading(self) -> ReadingOptions:
        """How lists are read."""
        return ReadingOptions(self.in_format, self.column, self.counts)


PLAIN_LISTS = ListFlags()
"""Lists read by their endings."""

RUNS = Path("runs")
"""The folder that holds the runs by default."""
