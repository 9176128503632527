"""`morelike runs`: the training runs in a folder, newest first, and their figures as a table for other programs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from morelike.cli.shared.formats import open_file
from morelike.cli.shared.output import print_json, print_note, print_rows
from morelike.cli.shared.parameters import RUNS, Json, RunsFolder, option
from morelike.cli.shared.word_streams import OutputFile
from morelike.errors import MorelikeError, SettingError
from morelike.language_model.files.facts import HIDDEN
from morelike.runs.lookup import find_run, runs_in
from morelike.runs.run_folder import RunFolder


def runs(
    action: Annotated[Literal["list", "export"], option("list them, or export: write them as a table")] = "list",
    /,
    *names: Annotated[str, option("export: the runs [default: all runs of the folder]")],
    to: Annotated[Literal["csv", "parquet"], option("export: the format of the table")] = "csv",
    curves: Annotated[bool, option("export: a row for each block of steps, not for each run", negative="")] = False,
    output: OutputFile = None,
    as_json: Json = False,
    out: RunsFolder = RUNS,
) -> None:
    """List the training runs, newest first, or write them as a table.

    The status is finished, running, interrupted, stopped or failed. Interrupted and stopped runs can be resumed.

    `morelike runs export` writes a row for each run: its facts, losses with their intervals, and all settings; or, with
    --curves, its losses and rates by steps. Parquet needs `morelike[parquet]`.

    Examples:
      morelike runs
      morelike train --resume NAME
      morelike runs export > runs.csv
      morelike runs export --to parquet -o runs.parquet
      morelike runs export latest --curves -o curves.csv
    """
    if action == "export":
        chosen = [find_run(name, out) for name in dict.fromkeys(names)] if names else runs_in(out)
        if as_json:
            raise SettingError("`morelike runs export` writes a table: `morelike runs --json` prints all facts as JSON")
        _export(chosen, to, output, out, curves=curves)
        return
    if names or to != "csv" or curves or output:
        raise SettingError("names, --to, --curves and --output belong to `morelike runs export`")
    found = [{"run": run.path.name, **run.meta()} for run in runs_in(out)]
    if as_json:
        print_json(found)
    elif found:
        print_rows(["run", "status", "list", "test", "seconds"], [_row(facts) for facts in found])
    else:
        print_note(_none_in(out))


def _export(chosen: list[RunFolder], to: str, output: Path | None, out: Path, *, curves: bool) -> None:
    """Write the table of some runs to a file or to stdout."""
    from morelike.runs.tables import FORMATS, curve_rows, run_rows  # imported here: its modules delay a cold start

    if not chosen:
        raise SettingError(_none_in(out))
    if to == "parquet" and output is None and sys.stdout.isatty():
        raise SettingError("Parquet is no text: name a file with --output")
    rows = list(curve_rows(chosen) if curves else run_rows(chosen))
    if not rows:
        raise MorelikeError(
            "these runs have no curves: n-grams have none, and a new run has none yet; leave out --curves"
        )
    table = FORMATS[to](rows)
    if output is None:
        if to == "csv":
            sys.stdout.write(table.decode())  # a terminal gets no control character of a name
        else:
            sys.stdout.buffer.write(table)
        return
    with open_file(output) as file:
        file.write(table)
    print_note(f"{len(rows):,} rows in {output}")


def _none_in(out: Path) -> str:
    return f"no runs in '{out}' yet: make one with `morelike train`"


def _row(facts: dict[str, Any]) -> list[str]:
    test, seconds = facts.get("losses", {}).get("test", {}).get("nats"), facts.get("seconds")
    return [
        facts["run"],
        facts["status"],
        facts["list"],
        f"{test:.4f}" if test is not None else "hidden" if facts.get(HIDDEN) else "",
        f"{seconds:.1f}" if seconds is not None else "",
    ]
