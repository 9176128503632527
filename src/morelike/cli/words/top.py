"""`morelike top`: the most probable words of a model, in order."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.text import Text

from morelike import api
from morelike.cli.shared.output import Json, LabelName, ModelName, RunsFolder, person, print_json, print_words
from morelike.sampling.constraints.settings import Constraints

__all__ = ["EXAMPLES", "top"]

EXAMPLES = """\
Examples:

  morelike top -n 100
  morelike top runs/MY-RUN --suffix son --max-length 8 --novel
  morelike top --least 1e-4 > words.tsv
"""

COUNT = 100
ALL = Constraints()


def top(
    model: ModelName = "latest",
    /,
    *,
    count: Annotated[
        int | None, Parameter(name=["--count", "-n"], help="how many [default: 100, with --least all]")
    ] = None,
    least: Annotated[float, Parameter(help="the probability below which no word comes")] = 0.0,
    novel: Annotated[bool, Parameter(negative=(), help="only words that are not in the list")] = False,
    label: LabelName = None,
    constraints: Annotated[Constraints, Parameter(name="*", negative=())] = ALL,
    as_json: Json = False,
    out: RunsFolder = "runs",
) -> int:
    """List the most probable words of a model, the most probable first, with their probability.

    The order is exact: words come out as soon as no other can be more probable. A search that would take too much
    memory goes on as a beam search, and a note says from which word on.
    """
    loaded = api.load(model, out=Path(out)).conditioned_on(label)
    asked = COUNT if count is None and not least else count
    found = loaded.top(asked, least=least, novel=novel, **constraints.model_dump())
    if as_json:
        print_json(
            [
                {
                    "word": word,
                    "probability": math.exp(nats),
                    "nats": -nats,
                    "in": loaded.known.split_of(word),
                    "proven": ok,
                }
                for word, nats, ok in found
            ]
        )
        return 0
    print_words(["word\tprobability\tin"])
    print_words(_told(found, loaded.known.split_of))
    return 0


def _told(found: Iterator[tuple[str, float, bool]], where: Callable[[str], str]) -> Iterator[str]:
    """Yield a line for each word; say once from where on the order is not proven."""
    said = False
    for word, nats, proven in found:
        if not proven and not said:
            said = True
            person().print(Text(f"Note: from {word!r} on this is a beam search: more probable words may be missing."))
        yield f"{word}\t{math.exp(nats):.6g}\t{where(word)}"
