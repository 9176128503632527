"""The estimate that `morelike train --dry-run` prints: what a run would need, before it starts."""

from __future__ import annotations

from morelike.cli.shared.output import print_json, print_rows
from morelike.workflows.dry_run import DryRun


def print_estimate(cost: DryRun, *, as_json: bool) -> None:
    """Print the parameters, the memory and the seconds of a run on stdout: they are the result here."""
    if as_json:
        print_json(cost.as_dict())
        return
    counted = cost.steps == 1
    rows = [
        ["model", cost.kind],
        ["n-grams" if counted else "parameters", f"{cost.parameters:,}"],
        ["characters of train", f"{cost.characters:,}"],
        *([] if counted else [["steps", f"{cost.steps:,}"]]),
        ["memory", f"{cost.memory / 1e6:,.0f} MB"],
        *([] if counted else [["seconds to compile", f"{cost.compiling:,.1f}"]]),
        [f"seconds to {'count' if counted else 'train'}", f"{cost.training:,.1f}"],
        ["seconds to evaluate", f"{cost.evaluating:,.1f}"],
        ["seconds in all", f"{cost.seconds:,.1f}"],
        ["threads", f"{cost.threads}"],
    ]
    print_rows(["this run, on this machine", "about"], rows)
