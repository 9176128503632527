"""The run folder: its lock, its metrics, finding it again, and disks that are full."""

import json
import os
import signal
import subprocess
import sys

import pytest

import morelike
from morelike.errors import ModelError, MorelikeError, RunError
from morelike.runs.plan import plan_of_run
from morelike.runs.run_folder import find_run, model_folder, runs_in
from morelike.training.experiment import run_experiment

WORDS = ["anna", "hanna", "anne", "hannah", "nan", "ana", "hen", "henna", "ahna", "nanna", "eha", "nena"]
HOLD = """
import sys, time
from pathlib import Path
from morelike.runs.run_folder import Run

with Run(Path(sys.argv[1])).locked():
    print("held", flush=True)
    time.sleep(100)
"""


def counted_run(out):
    morelike.train(WORDS, kind="ngram", order=2, out=out)
    return runs_in(out)[0]


@pytest.fixture
def run(tmp_path):
    return counted_run(tmp_path / "runs")


@pytest.fixture
def holder(run):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(run.path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_run_folder_holds_what_is_needed_to_repeat_it(run):
    assert sorted(path.name for path in run.path.iterdir()) == [
        "config.toml",
        "list.txt",
        "lock",
        "meta.json",
        "metrics.jsonl",
        "model",
        "report.html",
        "samples.txt",
    ]
    meta = run.meta()
    assert meta["status"] == "finished"
    assert meta["data"]["lines"] == len(WORDS)
    assert {"morelike", "numpy", "jax"} <= meta["versions"].keys()


def test_a_second_process_is_refused_with_the_pid_of_the_first(run, holder):
    with pytest.raises(RunError, match=f"in use by process {holder.pid}: wait, or end it"), run.locked():
        pass
    assert run.holder() == holder.pid


def test_the_lock_of_a_dead_process_is_taken_over_at_once(run, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert run.holder() is None
    with run.locked():
        assert run.path.joinpath("lock").read_text() == str(os.getpid())


def test_a_run_whose_process_died_shows_as_stopped_and_a_living_one_as_running(run, holder):
    run.update_meta(status="running")
    assert run.meta()["status"] == "running"
    holder.kill()
    holder.wait()
    assert run.meta()["status"] == "stopped"


def test_a_torn_last_line_of_the_metrics_is_skipped(run):
    run.append_metrics(step=1, loss=2.0)
    with (run.path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 2, "lo')
    assert run.metrics() == [{"step": 1, "loss": 2.0}]


def test_metrics_after_the_last_checkpoint_are_forgotten_so_that_steps_increase(run):
    for step in (1, 2, 3):
        run.append_metrics(step=step, loss=0.1 * step)
    before = (run.path / "metrics.jsonl").read_text().splitlines()
    with (run.path / "metrics.jsonl").open("a") as file:
        file.write('{"step"')
    run.forget_metrics_after(2)
    assert (run.path / "metrics.jsonl").read_text().splitlines() == before[:2]


def test_damaged_facts_are_refused_by_name(run):
    (run.path / "meta.json").write_text("{")
    with pytest.raises(RunError, match=r"meta\.json' is damaged"):
        run.meta()


def test_runs_come_newest_first_even_within_a_second(tmp_path):
    made = []
    for _ in range(5):
        morelike.train(WORDS, kind="ngram", order=2, out=tmp_path, report=False)
        made += [path for path in tmp_path.iterdir() if path not in made]
    assert [run.path for run in runs_in(tmp_path)] == made[::-1]


def test_a_run_is_found_by_path_by_name_and_as_the_latest(run, tmp_path):
    out = tmp_path / "runs"
    for name in (str(run.path), run.path.name, "latest"):
        assert find_run(name, out).path == run.path
        assert model_folder(name, out) == run.path / "model"
    assert model_folder(run.path / "model", out) == run.path / "model"


def test_what_is_not_found_is_named_with_the_nearest(run, tmp_path):
    with pytest.raises(ModelError, match=f"did you mean '{run.path.name}'"):
        model_folder(run.path.name[:-1] + "x", tmp_path / "runs")
    with pytest.raises(RunError, match="no run 'nonsense'"):
        find_run("nonsense", tmp_path / "runs")
    for ask in (find_run, model_folder):
        with pytest.raises(MorelikeError, match="make one with `morelike train`"):
            ask("latest", tmp_path / "none")


def test_a_run_cannot_be_made_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunError, match=r"no run folder can be made in .*file.*choose another with --out"):
        counted_run(tmp_path / "file")


@pytest.mark.parametrize("allowed", [0, 1, 2, 5, 8, 12])
def test_a_disk_that_fills_up_at_any_moment_is_an_error_of_ours(tmp_path, monkeypatch, allowed):
    calls, fsync = iter(range(allowed)), os.fsync

    def failing(descriptor):
        if next(calls, None) is None:
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr("os.fsync", failing)
    with pytest.raises(MorelikeError, match="No space left on device"):
        morelike.train(WORDS, kind="ngram", order=2, out=tmp_path, report=False)


@pytest.mark.parametrize("name", ["metrics.jsonl", "samples.txt"])
def test_a_file_of_the_run_that_cannot_be_written_is_an_error_of_ours(run, name):
    (run.path / name).unlink()
    (run.path / name).mkdir()
    with pytest.raises(MorelikeError, match=str(run.path)):
        list(run_experiment(plan_of_run(run), run))


def test_a_run_whose_list_has_changed_is_not_resumed(run):
    (run.path / "list.txt").write_text("other\nwords\n")
    with pytest.raises(RunError, match="has changed since"):
        plan_of_run(run)


def test_a_list_from_the_api_is_kept_even_where_a_file_has_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words").write_text("something else\n")
    run = counted_run(tmp_path / "runs")
    assert plan_of_run(run).corpus.words == WORDS


def test_performing_a_run_that_is_held_is_refused(run, holder):
    with pytest.raises(RunError, match=f"in use by process {holder.pid}"):
        list(run_experiment(plan_of_run(run), run))


def test_a_refused_process_does_not_change_what_the_first_one_writes(run, holder):
    run.update_meta(status="running")
    before = (run.path / "meta.json").read_bytes()
    with pytest.raises(RunError):
        list(run_experiment(plan_of_run(run), run))
    assert (run.path / "meta.json").read_bytes() == before
    assert json.loads(before)["status"] == "running"
