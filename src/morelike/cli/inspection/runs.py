"""`morelike runs`: the training runs in a folder, newest first."""

from __future__ import annotations

from typing import Any

from morelike.cli.shared.output import print_json, print_note, print_rows
from morelike.cli.shared.parameters import RUNS, Json, RunsFolder
from morelike.language_model.files.facts import HIDDEN
from morelike.runs.lookup import runs_in


def runs(*, as_json: Json = False, out: RunsFolder = RUNS) -> None:
    """List the training runs, newest first.

    The status is finished, running, interrupted, stopped or failed. Interrupted and stopped runs can be resumed.

    Examples:
      morelike runs
      morelike train --resume NAME
    """
    found = [{"run": run.path.name, **run.meta()} for run in runs_in(out)]
    if as_json:
        print_json(found)
    elif found:
        print_rows(["run", "status", "list", "test", "seconds"], [_row(facts) for facts in found])
    else:
        print_note(f"no runs in '{out}' yet: make one with `morelike train`")


def _row(facts: dict[str, Any]) -> list[str]:
    test, seconds = facts.get("losses", {}).get("test", {}).get("nats"), facts.get("seconds")
    return [
        facts["run"],
        facts["status"],
        facts["list"],
        f"{test:.4f}" if test is not None else "hidden" if facts.get(HIDDEN) else "",
        f"{seconds:.1f}" if seconds is not None else "",
    ]
