"""`morelike report`: a run as a page of HTML, or several compared on one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from morelike.cli.shared.output import Json, RunsFolder, print_json, print_words
from morelike.reports.report_files import write_comparison, write_report
from morelike.runs.lookup import find_run

__all__ = ["EXAMPLES", "report"]

EXAMPLES = """\
Examples:

  morelike report
  morelike report runs/A -o a.html
  morelike report runs/A runs/B runs/C
"""

COMPARISON = Path("comparison.html")


def report(
    *runs: Annotated[str, Parameter(help="runs (folders or names), or `latest`; several are compared")],
    output: Annotated[
        Path | None,
        Parameter(
            name=["--output", "-o"],
            help="where to write it [default: report.html in the run's folder; of several, comparison.html here]",
        ),
    ] = None,
    as_json: Json = False,
    out: RunsFolder = "runs",
) -> int:
    """Write the report of a run again, or one that compares several runs; its path is printed.

    The report is one file that needs no network: figures, curves, samples with their nearest words, pictures of the
    list and of the model, and how to repeat the run. `morelike train` writes it too, when a run ends.
    """
    found = [find_run(name, Path(out)) for name in runs or ("latest",)]
    written = write_comparison(found, output or COMPARISON) if len(found) > 1 else write_report(found[0], output)
    if as_json:
        print_json({"report": str(written), "runs": [str(run.path) for run in found]})
    else:
        print_words([str(written)])
    return 0
