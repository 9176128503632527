"""`morelike top`: the most probable words of a model, in order."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Annotated, Any

from cyclopts import Parameter

from morelike import api
from morelike.cli.shared.formats import WORD, OutputColumn
from morelike.cli.shared.output import print_json, print_note
from morelike.cli.shared.parameters import RUNS, Json, LabelName, ModelName, RunsFolder, option
from morelike.cli.shared.word_streams import STANDARD_OUTPUT, TableFiles, refuse_files_with_json
from morelike.errors import excerpt
from morelike.sampling.constraints.settings import Constraints

COUNT = 100
COLUMNS = [WORD, OutputColumn("probability", ".6g"), OutputColumn("in")]
NO_CONSTRAINTS = Constraints()


def top(
    model: ModelName = "latest",
    /,
    *,
    count: Annotated[
        int | None, option("the number of words [default: 100; with --least: all]", "--count", "-n")
    ] = None,
    least: Annotated[float, option("list only words with at least this probability")] = 0.0,
    novel: Annotated[bool, option("list only words that are not in the model's list")] = False,
    label: LabelName = None,
    constraints: Annotated[Constraints, Parameter(name="*")] = NO_CONSTRAINTS,
    files: TableFiles = STANDARD_OUTPUT,
    as_json: Json = False,
    out: RunsFolder = RUNS,
) -> None:
    """List the most probable words of a model with their probability, the most probable first.

    The order is exact: a word is printed as soon as no other word can be more probable. If the search would need too
    much memory, it continues as a beam search, and a note says at which word.

    Examples:
      morelike top -n 100
      morelike top runs/MY-RUN --suffix son --max-length 8 --novel
      morelike top --least 1e-4 > words.tsv
    """
    loaded = api.load(model, out=out).conditioned_on(label)
    count = COUNT if count is None and not least else count
    found = loaded.top(count, least=least, novel=novel, **constraints.model_dump())
    part = loaded.known.split_of
    refuse_files_with_json(as_json, files.form, files.output)
    if as_json:
        print_json(
            [
                {"word": word, "probability": math.exp(nats), "nats": -nats, "in": part(word), "proven": proven}
                for word, nats, proven in found
            ]
        )
    else:
        files.write(COLUMNS, _rows(found, part), table=False)  # each word as soon as it is found


def _rows(found: Iterator[tuple[str, float, bool]], part: Callable[[str], str]) -> Iterator[dict[str, Any]]:
    """Yield a row for each word; print a note before the first word whose order is not proven."""
    noted = False
    for word, nats, proven in found:
        if not proven and not noted:
            noted = True
            print_note(f"Note: from {excerpt(word)} on this is a beam search: more probable words may be missing.")
        yield {"word": word, "probability": math.exp(nats), "nats": -nats, "in": part(word), "proven": proven}
