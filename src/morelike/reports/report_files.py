"""Writing report files. A file is replaced in one step: a failed write leaves the old file as it was."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from morelike.errors import MorelikeError, RunError
from morelike.evaluation.diagnostics import Diagnosis
from morelike.reports.comparison import comparison_page
from morelike.reports.run_page import run_page
from morelike.reports.run_report import collect_report
from morelike.runs.run_folder import RunFolder
from morelike.storage.atomic_files import write_file
from morelike.workflows.diagnosis import diagnose, subject_of_run


def write_report(run: RunFolder, path: Path | None = None) -> Path:
    """Write the report of a run and return its path. The default path is in the run's folder.

    Raises:
        MorelikeError: the run or its model is damaged, or the file cannot be written.
    """
    return _write_page(run_page(collect_report(run, _diagnosis(run))), path or run.report)


def write_comparison(runs: Sequence[RunFolder], path: Path) -> Path:
    """Write one page that compares runs, and return its path.

    Raises:
        MorelikeError: there are fewer than two runs, a run is damaged, or the file cannot be written.
    """
    return _write_page(comparison_page([collect_report(run) for run in runs]), path)


def _diagnosis(run: RunFolder) -> Diagnosis | None:
    """Return the diagnosis of a run's model; None if it was not trained by gradients, or its list is missing."""
    try:
        return diagnose(subject_of_run(run))
    except MorelikeError:
        return None


def _write_page(page: str, path: Path) -> Path:
    try:
        write_file(path, page.encode())
    except OSError as error:
        raise RunError(f"the report '{path}' cannot be written: {error.strerror}") from None
    return path
