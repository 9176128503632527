"""The same seed gives the same bytes; evaluating or saving a run does not change it."""

import numpy as np
import pytest

from morelike.errors import TrainingError
from morelike.runs.plan import plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.training.experiment import run_experiment

from ..runs import products, stop_at, train_small

SHORT = {"steps": 12, "chunk": 3, "evaluate_every": 6}


def test_the_same_seed_gives_the_same_bytes(whole_run, tmp_path):
    train_small(whole_run.kind, out=tmp_path)
    (again,) = tmp_path.iterdir()
    assert products(again) == products(whole_run.path)


@pytest.mark.parametrize("whole_run", ["mlp"], indirect=True)
def test_another_seed_gives_other_bytes(whole_run, tmp_path):
    train_small(whole_run.kind, out=tmp_path, seed=4)
    (other,) = tmp_path.iterdir()
    theirs, ours = products(other), products(whole_run.path)
    assert all(theirs[name] != ours[name] for name in ("model.safetensors", "metrics.jsonl", "samples.txt"))


def weights_of(**settings):
    return train_small("mlp", split="none", **{**SHORT, **settings}).weights


def test_evaluating_and_saving_never_change_training(tmp_path):
    plain = weights_of(evaluate_every=12)
    for settings in ({"evaluate_every": 6}, {"evaluate_every": 3, "out": tmp_path}):
        watched = weights_of(**settings)
        for name, weight in plain.items():
            np.testing.assert_array_equal(watched[name], weight)


def resumed(run):
    return list(run_experiment(plan_of_run(run), run))


def test_a_run_left_at_any_event_and_resumed_ends_with_the_same_bytes(tmp_path):
    events = []
    train_small("mlp", out=tmp_path / "whole", on_event=events.append, **SHORT)
    (whole,) = (tmp_path / "whole").iterdir()
    for left_at in (1, 4, len(events) - 2):
        out = tmp_path / str(left_at)
        with pytest.raises(StopIteration):
            train_small("mlp", out=out, on_event=stop_at(left_at), **SHORT)
        (run,) = out.iterdir()
        resumed(RunFolder(run))
        assert products(run) == products(whole), left_at


@pytest.fixture(scope="module")
def stopped_early(tmp_path_factory):
    """A run that early stopping ended, and its events."""
    out, events = tmp_path_factory.mktemp("stopped_early"), []
    train_small("mlp", out=out, on_event=events.append, **PATIENT)
    (run,) = out.iterdir()
    return run, events


PATIENT = {"steps": 3000, "evaluate_every": 20, "chunk": 20, "patience": 3, "learning_rate": 0.1}


@pytest.mark.parametrize("before", [2, 3, 7], ids=["decided and saved", "deciding", "one evaluation earlier"])
def test_a_run_that_stops_early_stops_at_the_same_step_wherever_it_was_left(stopped_early, tmp_path, before):
    whole, events = stopped_early
    assert events[-2].reason == "early stopping"
    with pytest.raises(StopIteration):
        train_small("mlp", out=tmp_path, on_event=stop_at(len(events) - before), **PATIENT)
    (left,) = tmp_path.iterdir()
    assert not (left / "model").exists()
    resumed(RunFolder(left))
    assert products(left) == products(whole)


def test_a_loss_that_is_no_number_stops_the_run_and_names_the_step_and_the_rate(tmp_path):
    wild = {"learning_rate": 1e30, "clip": 0, "warmup": 0, "schedule": "constant"}
    with pytest.raises(
        TrainingError, match=r"no longer a number at step \d+, with learning rate 1e\+30; .* Try a lower"
    ):
        train_small("mlp", out=tmp_path, **SHORT, **wild)
    (run,) = tmp_path.iterdir()
    assert RunFolder(run).meta()["status"] == "failed"
    assert not (run / "model").exists()


def test_a_loss_that_is_no_number_leaves_the_last_good_state(tmp_path):
    train_small("mlp", out=tmp_path / "whole", **SHORT)
    (whole,) = (tmp_path / "whole").iterdir()
    with pytest.raises(StopIteration):
        train_small("mlp", out=tmp_path / "broken", on_event=stop_at(11), **SHORT)
    (path,) = (tmp_path / "broken").iterdir()
    run, config = RunFolder(path), (path / "config.toml").read_bytes()
    kept = {file.name: file.read_bytes() for file in (path / "checkpoints").iterdir()}
    assert kept
    wild = (path / "config.toml").read_text()
    for line in wild.splitlines():
        if line.startswith("learning_rate"):
            wild = wild.replace(line, "learning_rate = 1e30")
    (path / "config.toml").write_text(wild)
    with pytest.raises(TrainingError, match="no longer a number"):
        resumed(run)
    assert {file.name: file.read_bytes() for file in (path / "checkpoints").iterdir()} == kept
    (path / "config.toml").write_bytes(config)
    resumed(run)
    assert products(path) == products(whole)
