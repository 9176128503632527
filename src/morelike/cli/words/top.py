"""`morelike top`: the most probable words of a model, in order."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Annotated, Any

from cyclopts import Parameter

from morelike import api
from morelike.cli.shared.formats import WORD, OutputColumn
from morelike.cli.shared.output import print_json, print_note
from morelike.cli.shared.parameters import RUNS, Json, LabelName, ModelName, RunsFolder, option
from morelike.cli.shared.word_streams import STANDARD_OUTPUT, TableFiles, refuse_files_with_json
from morelike.errors import SamplingError, excerpt
from morelike.sampling.constraints.settings import Constraints
from morelike.sampling.search import SearchProgress

COUNT = 100
FIRST_NOTE = 3.0
"""Seconds without another word before the first note."""
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

    The order is exact: a word is printed as soon as no other word can be more probable. If the search needs too much
    memory, or follows approximate look-ahead, the order is not proven, and a note says from which word on. Notes on
    stderr show the progress of a long search. A search that finds no other word for long ends with an error.

    Examples:
      morelike top -n 100
      morelike top runs/MY-RUN --suffix son --max-length 8 --novel
      morelike top --least 1e-4 > words.tsv
    """
    loaded = api.load(model, out=out).conditioned_on(label)
    count = COUNT if count is None and not least else count
    found = loaded.top(count, least=least, novel=novel, on_progress=_progress_notes(), **constraints.model_dump())
    refuse_files_with_json(as_json, files.form, files.output)
    failures: list[SamplingError] = []
    rows = _rows(found, loaded.known.split_of, failures)
    if as_json:
        print_json(list(rows))
    else:
        files.write(COLUMNS, rows, table=False)  # each word as soon as it is found
    if failures:
        raise failures[0]


def _rows(
    found: Iterator[tuple[str, float, bool]], part: Callable[[str], str], failures: list[SamplingError]
) -> Iterator[dict[str, Any]]:
    """Yield a row for each word; print a note before the first word whose order is not proven.

    If the search ends without all words, the error goes to `failures`, so that the words before it are kept.
    """
    noted = False
    while True:
        try:
            word, nats, proven = next(found)
        except StopIteration:
            return
        except SamplingError as error:
            failures.append(error)
            return
        if not proven and not noted:
            noted = True
            print_note(f"Note: from {excerpt(word)} on the order is not proven: more probable words may be missing.")
        yield {"word": word, "probability": math.exp(nats), "nats": -nats, "in": part(word), "proven": proven}


def _progress_notes() -> Callable[[SearchProgress], None]:
    """Return a function that prints a note while no word is found, after some seconds and then ever less often."""
    began, noted = time.perf_counter(), SearchProgress()
    wait = FIRST_NOTE

    def note(progress: SearchProgress) -> None:
        nonlocal began, noted, wait
        now = time.perf_counter()
        if progress.words > noted.words:
            began, noted, wait = now, replace(progress), FIRST_NOTE
        elif now - began > wait:
            wait *= 2
            print_note(f"Searching: {progress.prefixes:,} beginnings of words seen, {progress.words:,} found.")

    return note
