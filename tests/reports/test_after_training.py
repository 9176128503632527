"""A report that cannot be written gives a warning with the reason, and does not harm the run."""

import json
import os
import signal

import pytest

import morelike
from morelike.errors import RunError
from morelike.reports.after_training import try_report
from morelike.reports.report_files import write_report
from morelike.runs.events import Finished
from morelike.runs.lookup import runs_in
from morelike.runs.run_folder import RunFolder

from .conftest import WORDS

NGRAM = ["--model", "ngram", "--order", "2"]


@pytest.fixture
def broken(monkeypatch):
    """Plant a failure in what the report draws."""

    def fail(*_):
        raise ZeroDivisionError("planted\nin two lines")

    monkeypatch.setattr("morelike.reports.report_files.run_page", fail)


def listed_in(folder):
    (folder / "words.txt").write_text("".join(f"{word}\n" for word in WORDS), "utf-8")
    return folder / "words.txt"


def command(monkeypatch, capsys, folder, *arguments):
    from morelike.cli.main import main

    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return left.value.code or 0, capsys.readouterr()


def test_training_writes_the_report_and_prints_its_path(monkeypatch, capsys, tmp_path):
    status, said = command(monkeypatch, capsys, tmp_path, "train", listed_in(tmp_path), *NGRAM, "--json")
    report = json.loads(said.out)["report"]
    assert status == 0
    assert report == str(runs_in(tmp_path / "runs")[0].report.relative_to(tmp_path))
    assert (tmp_path / report).read_text("utf-8").startswith("<!doctype html>")


def test_training_with_a_report_that_fails_warns_once_and_ends_well(monkeypatch, capsys, tmp_path, broken):
    status, said = command(monkeypatch, capsys, tmp_path, "train", listed_in(tmp_path), *NGRAM)
    (run,) = runs_in(tmp_path / "runs")
    assert status == 0
    warnings = [line for line in said.err.splitlines() if "Warning" in line]
    assert warnings == [
        f"Warning: no report was written: planted in two lines; the run is complete, and `morelike report "
        f"{run.path.relative_to(tmp_path)}` tries again."
    ]
    assert "Traceback" not in said.err
    assert "Report:" not in said.err
    assert said.out.splitlines()
    assert run.meta()["status"] == "finished"
    assert len(morelike.load(run.path).sample(3, novel=False, unique=False)) == 3


def test_training_may_go_without_a_report(monkeypatch, capsys, tmp_path):
    status, said = command(monkeypatch, capsys, tmp_path, "train", listed_in(tmp_path), *NGRAM, "--no-report")
    assert (status, "Report:" in said.err) == (0, False)
    morelike.train(WORDS, "ngram", order=2, out=tmp_path / "runs", report=False)
    assert [run.report.exists() for run in runs_in(tmp_path / "runs")] == [False, False]


def test_training_with_a_report_that_fails_has_none_in_its_json(monkeypatch, capsys, tmp_path, broken):
    _, said = command(monkeypatch, capsys, tmp_path, "train", listed_in(tmp_path), *NGRAM, "--json")
    assert json.loads(said.out)["report"] is None


def test_a_report_whose_modules_cannot_be_imported_is_a_warning(monkeypatch, counted):
    import sys

    monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)
    for name in [name for name in sys.modules if name.startswith(("morelike.reports.", "morelike.pictures"))]:
        if name != "morelike.reports.after_training":
            monkeypatch.delitem(sys.modules, name)
    assert "no report was written: import of plotly.graph_objects halted" in try_report(counted)


def test_from_python_a_report_that_fails_is_a_warning_and_the_model_is_returned(tmp_path, broken):
    with pytest.warns(RuntimeWarning, match="no report was written: planted"):
        model = morelike.train(WORDS, "ngram", order=2, out=tmp_path)
    assert model.log_probability(["anna"]) < 0


def test_a_path_where_the_report_cannot_be_written_is_a_warning(tmp_path):
    def block(event):
        if isinstance(event, Finished):
            (next(tmp_path.iterdir()) / "report.html").mkdir()

    with pytest.warns(RuntimeWarning, match=r"no report was written: the report '.*report\.html' cannot be written"):
        morelike.train(WORDS, "ngram", order=2, out=tmp_path, on_event=block)
    (run,) = runs_in(tmp_path)
    assert run.meta()["status"] == "finished"
    assert not [path for path in run.path.iterdir() if path.name.startswith(".report")]


def test_a_full_disk_at_the_end_prevents_only_the_report(copy, counted, monkeypatch):
    run = copy(counted)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("morelike.storage.atomic_files.os.fsync", full)
    assert "No space left on device" in try_report(run)
    assert not run.report.exists()
    assert not [path for path in run.path.iterdir() if path.name.startswith(".")]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_cannot_be_written_is_a_warning(copy, counted):
    run = copy(counted)
    run.path.chmod(0o555)
    assert "cannot be written: Permission denied" in try_report(run)


def test_a_report_written_on_request_that_fails_is_an_error(tmp_path, few):
    with pytest.raises(RunError, match="cannot be written"):
        write_report(few, tmp_path / "none" / "a.html")
    with pytest.raises(RunError, match=r"meta\.json' cannot be read"):
        write_report(RunFolder(tmp_path))


def test_an_old_report_stays_where_a_new_one_fails(copy, counted, broken):
    run = copy(counted)
    run.report.write_text("old")
    try_report(run)
    assert run.report.read_text() == "old"


def test_a_first_ctrl_c_lets_the_report_be_written(monkeypatch, capsys, tmp_path):
    from morelike.reports import report_files

    run_page = report_files.run_page

    def interrupted(report):
        os.kill(os.getpid(), signal.SIGINT)
        return run_page(report)

    monkeypatch.setattr("morelike.reports.report_files.run_page", interrupted)
    status, said = command(monkeypatch, capsys, tmp_path, "train", listed_in(tmp_path), *NGRAM)
    (run,) = runs_in(tmp_path / "runs")
    assert status == 130
    assert run.report.is_file()
    assert "Report: " in said.err
