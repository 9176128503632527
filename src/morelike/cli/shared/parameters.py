"""Parameters that several commands share: each name, type and help text is declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from cyclopts import Parameter

from morelike.errors import SettingError
from morelike.text.words import Form

__all__ = [
    "RUNS",
    "ComparisonList",
    "FormName",
    "Json",
    "LabelName",
    "ListName",
    "ModelName",
    "OptionalListName",
    "Report",
    "RunsFolder",
    "SampleSeed",
    "SplitRule",
    "UnknownPolicy",
    "refuse_option",
    "require_picture_ending",
]


def refuse_option(_: Any, value: str | None) -> None:
    """Refuse a value that begins with a hyphen and is not `-`: it is a misspelt option.

    Raises:
        ValueError: such a value.
    """
    if value is not None and value.startswith("-") and value != "-":
        raise ValueError(f"unknown option: {value}")


_LIST = Parameter(
    name="LIST",
    help="a file, `-` for standard input, the name of a shipped list, or a store made by `morelike data build`",
    allow_leading_hyphen=True,
    validator=refuse_option,
)

ListName: TypeAlias = Annotated[str, _LIST]
OptionalListName: TypeAlias = Annotated[str | None, _LIST]
FormName: TypeAlias = Annotated[
    Form | None,
    Parameter(
        name="--as",
        help="lines: each line is one item; text: the list is one running text without ends [default: lines]",
    ),
]
SplitRule: TypeAlias = Annotated[
    str | None, Parameter(name="--split", help="how to split the list into train, dev and test: see `morelike train`")
]
ComparisonList: TypeAlias = Annotated[
    str | None,
    Parameter(name="--list", help="the list to compare with [default: the list that the model learned from]"),
]
ModelName: TypeAlias = Annotated[
    str, Parameter(help="a run (folder or name), a model folder, or `latest`", show_default=True)
]
LabelName: TypeAlias = Annotated[
    str | None,
    Parameter(
        name="--label", help="use this label, if the model has labels [default: all labels, weighted by their shares]"
    ),
]
UnknownPolicy: TypeAlias = Annotated[
    Literal["error", "skip", "reserve"],
    Parameter(
        help="for characters that the model does not know: error refuses the word, skip leaves them out, reserve gives "
        "each the probability 1/10,000"
    ),
]
SampleSeed: TypeAlias = Annotated[
    int | None, Parameter(name="--seed", help="the same seed gives the same words [default: a new seed each time]")
]
Report: TypeAlias = Annotated[
    bool, Parameter(negative="--no-report", help="write report.html into the run folder at the end")
]
Json: TypeAlias = Annotated[bool, Parameter(name="--json", help="print the result as JSON on stdout")]
RunsFolder: TypeAlias = Annotated[Path, Parameter(name="--out", help="the folder that holds the runs")]

RUNS = Path("runs")
"""The folder that holds the runs by default."""


def require_picture_ending(path: Path) -> None:
    """Refuse a picture file that ends neither in .html nor in .json.

    Raises:
        SettingError: another ending.
    """
    if path.suffix.lower() not in (".html", ".json"):
        raise SettingError(f"the picture '{path}': name a file that ends in .html or .json")
