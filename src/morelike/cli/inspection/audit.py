"""`morelike audit`: what a model of words knows by heart."""

from __future__ import annotations

import secrets
from typing import Annotated

from cyclopts import Parameter
from rich.text import Text

from morelike import api
from morelike.cli.shared.output import LIST_NAME, Json, ModelName, RunsFolder, person, print_json, print_rows
from morelike.evaluation.memorisation import Audit
from morelike.text.reading import read_lines

__all__ = ["EXAMPLES", "audit"]

EXAMPLES = """\
Examples:

  morelike audit
  morelike audit runs/MY-RUN -n 50000
  morelike audit my-model my-list.txt --json
"""


def audit(
    model: ModelName = "latest",
    words: Annotated[str | None, LIST_NAME] = None,
    /,
    *,
    count: Annotated[int, Parameter(name=["--count", "-n"], help="how many words are made")] = 10_000,
    seed: Annotated[int | None, Parameter(help="the same seed gives the same words; by default a fresh one")] = None,
    as_json: Json = False,
    out: RunsFolder = "runs",
) -> int:
    """Ask what a model knows by heart: how often it makes words of its list, and how much it prefers those of train.

    Words are made without any filter, and counted beside what the model's own probabilities say, summed exactly. LIST
    is the list that it learned from, where no run names it. A gap between train and test is memory; a count that is
    off what is expected would be a fault of the sampler.
    """
    seed = secrets.randbits(32) if seed is None else seed
    listed = None if words is None else read_lines(words)
    found = api.audit(model, listed, count=count, seed=seed, out=out)
    if as_json:
        print_json({"seed": seed, **found.as_dict()})
        return 0
    print_rows(["what", "found", "95 % interval", "expected", "words"], _rows(found))
    console = person()
    console.print(Text(found.reading))
    if off := [share.part for share in found.shares if not share.agrees]:
        console.print(
            Text(f"Not as expected: {', '.join(off)}. By chance alone one share in twenty is; try another seed.")
        )
    return 0


def _rows(found: Audit) -> list[list[str]]:
    rows = [
        [f"samples in {each.part}", *_percent(each.found, each.interval, each.expected), f"{each.words:,}"]
        for each in found.shares
    ]
    rows.append(
        ["samples that are new", f"{found.new:.2%}", "", f"{1 - sum(s.expected for s in found.shares):.2%}", ""]
    )
    rows += [
        [f"unseen {each.part} words made", *_percent(each.found, each.interval, each.expected), f"{each.words:,}"]
        for each in found.coverage
    ]
    again, (low, high) = found.duplicates, found.duplicates.interval
    rows.append(["samples made before", f"{again.found:,}", f"{low:,.0f} to {high:,.0f}", f"{again.expected:,.0f}", ""])
    return rows


def _percent(found: float, interval: tuple[float, float], expected: float) -> tuple[str, str, str]:
    low, high = interval
    return f"{found:.2%}", f"{low:.2%} to {high:.2%}", f"{expected:.2%}"
