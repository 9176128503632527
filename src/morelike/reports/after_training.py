"""The report at the end of a training run. A report that fails does not harm the run."""

from __future__ import annotations

from morelike.runs.run_folder import RunFolder

LONGEST_REASON = 300


def try_report(run: RunFolder) -> str | None:
    """Write the report of a finished run. Return None on success, and a sentence with the reason on failure."""
    try:
        from morelike.reports.report_files import write_report  # loads plotly and Jinja only when they are needed

        write_report(run)
    except Exception as error:  # a run of hours must not be lost because of its report
        reason = " ".join(str(error).split())[:LONGEST_REASON].rstrip(".") or type(error).__name__
        return f"no report was written: {reason}; the run is complete, and `morelike report {run.path}` tries again"
    return None
