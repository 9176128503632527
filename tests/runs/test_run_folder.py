"""The run folder: its lock, its metrics, finding it again, and disks that are full."""

import json
import os
import signal
import subprocess
import sys

import pytest

import morelike
from morelike.errors import MorelikeError, RunError
from morelike.runs.lookup import runs_in
from morelike.runs.plan import plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.training.experiment import run_experiment

WORDS = ["anna", "hanna", "anne", "hannah", "nan", "ana", "hen", "henna", "ahna", "nanna", "eha", "nena"]
HOLD = """
import sys, time
from pathlib import Path
from morelike.runs.run_folder import RunFolder

with RunFolder(Path(sys.argv[1])).locked():
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
        assert run.path.joinpath("lock.pid").read_text() == str(os.getpid())
        assert run.holder() == os.getpid()
    assert not run.path.joinpath("lock.pid").exists()


def test_a_run_whose_process_died_shows_as_stopped_and_a_living_one_as_running(run, holder):
    run.update_meta(status="running")
    assert run.meta()["status"] == "running"
    holder.kill()
    holder.wait()
    assert run.meta()["status"] == "stopped"


@pytest.mark.parametrize("written", ["running", "stopped", "interrupted", "failed", "finished"])
def test_the_status_follows_from_the_lock_whatever_was_written_last(run, written):
    run.update_meta(status=written)
    assert run.meta()["status"] == ("stopped" if written == "running" else written)
    with run.locked():
        assert run.meta()["status"] == "running"


def test_a_run_is_not_marked_as_running_on_disk_before_or_while_it_is_trained(tmp_path):
    seen = []

    def listen(_):
        (path,) = tmp_path.glob("*/meta.json")
        seen.append(json.loads(path.read_bytes())["status"])

    morelike.train(WORDS, kind="ngram", order=2, out=tmp_path, report=False, on_event=listen)
    assert set(seen[:-1]) == {"stopped"}
    assert seen[-1] == "finished"


def test_a_run_is_stopped_from_its_first_moment_on(tmp_path):
    run = RunFolder.create(tmp_path, "words", {}, {})
    assert json.loads((run.path / "meta.json").read_bytes())["status"] == run.meta()["status"] == "stopped"


def dead_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_a_killed_process_left_half_written_is_removed_and_what_a_living_one_writes_stays(run):
    dead, living = dead_pid(), os.getppid()
    run.checkpoints.folder.mkdir()
    for pid in (dead, living):
        (run.path / f".model.new-{pid}").mkdir()
        (run.path / f".model.new-{pid}" / "config.json").touch()
        (run.path / f".model.old-{pid}").mkdir()
        (run.path / f".meta.json.{pid}").touch()
        (run.checkpoints.folder / f".step-000000130.safetensors.{pid}").touch()
    before = {path.name for path in run.path.iterdir()}
    with run.locked():
        pass
    assert before - {path.name for path in run.path.iterdir()} == {
        f".model.new-{dead}",
        f".model.old-{dead}",
        f".meta.json.{dead}",
    }
    assert [path.name for path in run.checkpoints.folder.iterdir()] == [f".step-000000130.safetensors.{living}"]


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
    run.remove_metrics_after(2)
    assert (run.path / "metrics.jsonl").read_text().splitlines() == before[:2]


def test_damaged_facts_are_refused_by_name(run):
    (run.path / "meta.json").write_text("{")
    with pytest.raises(RunError, match=r"meta\.json' is damaged"):
        run.meta()


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


def test_the_command_line_refuses_a_run_that_another_process_trains_in_one_sentence(run, holder):
    run.update_meta(status="running")
    command = [sys.executable, "-m", "morelike", "train", "--resume", str(run.path)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 1
    assert ran.stderr == f"morelike: the run '{run.path}' is in use by process {holder.pid}: wait, or end it\n"
