"""A run that has not finished is used with its best weights so far, says so, and can be trained longer."""

import shutil

import numpy as np
import pytest

import morelike
from morelike.cli.main import main
from morelike.errors import ModelError, UnfinishedRunWarning
from morelike.reports.run_report import collect_report
from morelike.runs.events import Progress
from morelike.runs.lookup import model_folder, run_of
from morelike.runs.run_folder import RunFolder

from ..training.runs import metrics_of, products, pronounceable, small_settings, train_small

QUICK = {"steps": 12, "evaluate_every": 4, "chunk": 2}


@pytest.fixture(scope="module")
def listed(tmp_path_factory):
    path = tmp_path_factory.mktemp("list") / "words.txt"
    path.write_text("".join(word + "\n" for word in pronounceable()), "utf-8")
    return path


@pytest.fixture(scope="module")
def left(listed, tmp_path_factory):
    """A run that was ended at step 10, with a checkpoint of step 8, and the events of its training."""
    out, events = tmp_path_factory.mktemp("left"), []

    def listen(event):
        events.append(event)
        if isinstance(event, Progress) and event.step == 10:
            raise StopIteration

    with pytest.raises(StopIteration):
        train_small("mlp", out=out, on_event=listen, **QUICK)
    (run,) = out.iterdir()
    return RunFolder(run), events


@pytest.fixture
def run(left, tmp_path):
    """A copy of the run that was left."""
    return RunFolder(shutil.copytree(left[0].path, tmp_path / "runs" / left[0].path.name))


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """Return a function that runs a command where the copy is, and returns its status, stdout and stderr."""

    def call(*arguments):
        monkeypatch.chdir(tmp_path)
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main([str(argument) for argument in arguments])
        return stop.value.code or 0, *capsys.readouterr()

    return call


def best_loss(events):
    return min(event.loss for event in events if hasattr(event, "best"))


def loaded(name, **more):
    with pytest.warns(UnfinishedRunWarning, match="this is its best model so far") as caught:
        model = morelike.load(name, **more)
    return model, str(caught[0].message)


def test_the_model_has_the_weights_of_the_lowest_loss_on_dev(run, left):
    model, said = loaded(run.path)
    dev = morelike.split(pronounceable(), "shuffle-42").dev
    assert model.evaluate(dev).nats_per_character == pytest.approx(best_loss(left[1]), rel=1e-5)
    assert said.startswith(f"the run '{run.path}' is stopped at step 8 of 12: ")
    assert said.endswith(f"`morelike train --resume {run.path}`")


def test_it_is_found_by_every_name_of_the_run(run):
    out = run.path.parent
    for name in (run.path, run.path.name, run.model, "latest"):
        assert loaded(name, out=out)[0].sample(3) == loaded(run.path)[0].sample(3)
        assert model_folder(name, out) == run.model
        assert run_of(name, out).path == run.path


def test_the_newest_run_is_the_latest_also_if_an_older_one_has_finished(run):
    older = shutil.copytree(run.path, run.path.parent / "20000101-old")
    train_small("mlp", out=run.path.parent / "x", **QUICK)
    (finished,) = (run.path.parent / "x").iterdir()
    shutil.copytree(finished / "model", older / "model")
    loaded("latest", out=run.path.parent)
    with run.locked():  # another process trains it: the finished run is meant
        assert model_folder("latest", run.path.parent) == older / "model"


def test_it_needs_no_list_and_a_damaged_checkpoint_is_named(run):
    newest = run.path / "checkpoints" / "step-000000008.safetensors"
    newest.write_bytes(newest.read_bytes()[:-1])
    (run.path / "list.txt").unlink()
    model, said = loaded(run.path)
    assert model.facts["steps"] == 4
    assert f"'{newest}' is damaged" in said


def test_a_run_whose_checkpoints_are_all_damaged_says_which(run):
    for path in run.checkpoints.folder.glob("*.json"):
        path.write_text("{}")
    with pytest.raises(ModelError, match=r"has no model yet: '.*step-000000008\.safetensors' is damaged.*; '.*000004"):
        morelike.load(run.path)


def test_commands_use_it_and_say_so_on_stderr_alone(run, command):
    for arguments in (["sample", run.path, "-n", "2"], ["score", run.path, "bada"], ["similar", run.path, "bada"]):
        status, out, said = command(*arguments)
        assert status == 0, said
        assert out.strip()
        assert said.count("\n") == 1
        assert said.startswith(f"Note: the run '{run.path}' is stopped at step 8 of 12")


def test_its_report_has_samples_and_says_so(run):
    report = collect_report(run)
    assert report.samples
    assert report.surprisals
    assert any("best model so far, of step" in each for each in report.missing)


def test_a_finished_run_ends_as_one_that_was_never_used_unfinished(run, command):
    assert command("train", "--resume", run.path, "--no-report")[0] == 0
    train_small("mlp", out=run.path.parent / "x", **QUICK)
    (whole,) = (run.path.parent / "x").iterdir()
    assert products(run.path) == products(whole)
    assert not run.untrained.exists()


@pytest.mark.parametrize("length", [["--steps", "16"], ["--epochs", "0.22"]], ids=lambda length: length[0])
def test_a_run_is_trained_longer_when_it_is_resumed_and_when_it_has_finished(run, command, length):
    status, _, said = command("train", "--resume", run.path, "--no-report", *length)
    assert status == 0, said
    steps = [line["step"] for line in metrics_of(run.path)]
    assert steps == list(range(1, 17))
    assert run.meta()["steps"] == 16
    assert command("train", "--resume", run.path, "--no-report", "--steps", "20")[0] == 0
    assert run.meta()["steps"] == 20
    assert np.isfinite(morelike.load(run.path).log_probability(["bada"])).all()


def test_fewer_steps_than_were_taken_are_refused_and_leave_the_run_as_it_is(run, command):
    run.update_meta(status="interrupted")
    before = {path: path.read_bytes() for path in run.path.rglob("*.[jt]*")}
    status, _, said = command("train", "--resume", run.path, "--steps", "6")
    assert status == 2
    assert said == f"morelike: the run '{run.path}' has taken 8 steps, more than 6: give more --steps or --epochs\n"
    assert {path: path.read_bytes() for path in run.path.rglob("*.[jt]*")} == before


def test_a_list_that_has_moved_is_named_and_checked(command, listed, tmp_path):
    mine = shutil.copy(listed, tmp_path / "mine.txt")
    settings = small_settings("mlp", **QUICK)
    flags = [text for name, value in settings.items() for text in (f"--{name.replace('_', '-')}", value)]
    assert command("train", mine, "--model", "mlp", "--no-report", *flags)[0] == 0
    (path,) = (tmp_path / "runs").iterdir()
    moved, other = (tmp_path / "mine.txt").rename(tmp_path / "moved.txt"), tmp_path / "other.txt"
    other.write_text("other\n")
    again = ["train", "--resume", path, "--steps", "14", "--no-report"]
    status, _, said = command(*again)
    assert status == 1
    assert "if the list has moved, name its place with --list" in said
    status, _, said = command(*again, "--list", other)
    assert status == 1
    assert f"the list '{other}' is not the list that '{path}' learns from" in said
    assert command(*again, "--list", moved)[0] == 0
    assert command("train", "--resume", path, "--steps", "16", "--no-report")[0] == 0


def test_a_counted_run_has_no_length(command, listed):
    assert command("train", listed, "--model", "ngram", "--no-report")[0] == 0
    status, _, said = command("train", "--resume", "latest", "--steps", "5")
    assert status == 2
    assert "is counted, not trained" in said


def test_a_new_run_takes_no_moved_list(command, listed):
    status, _, said = command("train", listed, "--list", listed)
    assert status == 2
    assert "a new run takes its list without a flag" in said


def test_a_run_of_an_earlier_version_is_asked_to_be_resumed(run):
    shutil.rmtree(run.untrained)
    with pytest.raises(ModelError, match="end it with `morelike train --resume"):
        morelike.load(run.path)


def test_each_call_of_a_command_says_so(run, command):
    for _ in range(2):
        assert "best model so far" in command("sample", run.path)[2]
