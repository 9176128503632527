"""Writing reports: whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from morelike.errors import MorelikeError, RunError
from morelike.evaluation.diagnostics import Diagnosis
from morelike.reports.comparison import comparison_page
from morelike.reports.facts import gather
from morelike.reports.page import run_page
from morelike.runs.run_folder import Run
from morelike.storage.atomic_files import write_file
from morelike.workflows.diagnosis import diagnose, subject_of_run

__all__ = ["save_page", "write_comparison", "write_report"]


def write_report(run: Run, path: Path | None = None) -> Path:
    """Write the report of a run, into its folder unless a path is given, and return where it stands.

    Raises:
        MorelikeError: a damaged run or model, or a place that cannot be written.
    """
    return save_page(run_page(gather(run, _diagnosis(run))), path or run.report)


def write_comparison(runs: Sequence[Run], path: Path) -> Path:
    """Write one page that compares runs, and return its path.

    Raises:
        MorelikeError: fewer than two runs, a damaged one, or a place that cannot be written.
    """
    return save_page(comparison_page([gather(run) for run in runs]), path)


def _diagnosis(run: Run) -> Diagnosis | None:
    """Return what happens inside the run's model; None where nothing descends by gradients, or the list is gone."""
    try:
        return diagnose(subject_of_run(run))
    except MorelikeError:
        return None


def save_page(text: str, path: Path) -> Path:
    """Write a page and return its path; what stood there is replaced at once or stays.

    Raises:
        RunError: it cannot be written.
    """
    try:
        write_file(path, text.encode())
    except OSError as error:
        raise RunError(f"the report '{path}' cannot be written: {error.strerror}") from None
    return path
