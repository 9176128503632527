"""What `morelike train --dry-run` says: what the run would take, before anything is begun."""

from __future__ import annotations

from morelike.cli.shared.output import print_json, print_rows
from morelike.workflows.dry_run import DryRun

__all__ = ["show_cost"]


def show_cost(cost: DryRun, *, as_json: bool) -> None:
    """Print what a run would take, on stdout: it is the result here."""
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
        ["processors", f"{cost.threads}"],
    ]
    print_rows(["of this run, on this machine", "about"], rows)
