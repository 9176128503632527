"""`morelike report`: one run as an HTML page, or several runs compared on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from morelike.cli.shared.output import print_json, print_words
from morelike.cli.shared.parameters import RUNS, Json, RunsFolder, option
from morelike.reports.report_files import write_comparison, write_report
from morelike.runs.lookup import find_run

COMPARISON = Path("comparison.html")


def report(
    *runs: Annotated[str, option("runs (folders or names), or `latest`; several runs are compared")],
    output: Annotated[
        Path | None,
        option(
            "the file [default: report.html in the run's folder; comparison.html for several runs]", "--output", "-o"
        ),
    ] = None,
    as_json: Json = False,
    out: RunsFolder = RUNS,
) -> None:
    """Write the report of one run, or a report that compares several runs, and print its path.

    The report is one file that needs no network. It shows figures, curves, samples with their nearest words, pictures
    of the list and of the model, and how to repeat the run. `morelike train` writes it too when a run ends.

    Examples:
      morelike report
      morelike report runs/A -o a.html
      morelike report runs/A runs/B runs/C
    """
    found = [find_run(name, out) for name in runs or ("latest",)]
    written = write_comparison(found, output or COMPARISON) if len(found) > 1 else write_report(found[0], output)
    if as_json:
        print_json({"report": str(written), "runs": [str(run.path) for run in found]})
    else:
        print_words([str(written)])
