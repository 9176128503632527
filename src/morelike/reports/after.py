"""The report at a run's end: whatever goes wrong with it, the run is done and stays as it is."""

from __future__ import annotations

from morelike.runs.run_folder import Run

__all__ = ["try_report"]

LONGEST_REASON = 300


def try_report(run: Run) -> str | None:
    """Write the report of a run that has just ended; return in a sentence why it could not be, None if it is there."""
    try:
        from morelike.reports.write import write_report  # what it draws with is loaded when there is something to draw

        write_report(run)
    except Exception as error:  # a run of hours is not lost for a picture
        reason = " ".join(str(error).split())[:LONGEST_REASON].rstrip(".") or type(error).__name__
        return f"no report was written: {reason}; the run itself is whole, and `morelike report {run.path}` tries again"
    return None
