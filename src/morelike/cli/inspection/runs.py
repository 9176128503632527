"""`morelike runs`: the training runs in a folder, newest first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from morelike.cli.shared.output import Json, RunsFolder, person, print_json, print_rows
from morelike.runs.lookup import runs_in

__all__ = ["EXAMPLES", "runs"]

EXAMPLES = """\
Examples:

  morelike runs
  morelike train --resume NAME
"""


def runs(*, as_json: Json = False, out: RunsFolder = "runs") -> int:
    """List the training runs, newest first.

    Status: finished, running, interrupted or stopped (both can be resumed), failed.
    """
    found = [{"run": run.path.name, **run.meta()} for run in runs_in(Path(out))]
    if as_json:
        print_json(found)
    elif found:
        print_rows(["run", "status", "list", "test", "seconds"], [_row(facts) for facts in found])
    else:
        person().print(f"no runs in '{out}' yet: make one with `morelike train`")
    return 0


def _row(facts: dict[str, Any]) -> list[str]:
    test = facts.get("losses", {}).get("test", {}).get("nats")
    seconds = facts.get("seconds")
    return [
        facts["run"],
        facts["status"],
        facts["list"],
        f"{test:.4f}" if test is not None else "",
        f"{seconds:.1f}" if seconds is not None else "",
    ]
