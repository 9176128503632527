"""A run that is watched: looks change nothing, a rate is turned, and another run begins at a look."""

import numpy as np
import pytest

from morelike.errors import RunError
from morelike.runs.knobs import Knobs
from morelike.runs.looks import Looks, LookWriter
from morelike.runs.plan import make_plan, plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.text.corpus import corpus_of
from morelike.training.experiment import run_experiment, start_run

from ..training.runs import metrics_of, products, pronounceable, small_settings

SHORT = {"steps": 24, "chunk": 3, "evaluate_every": 6}


def new_run(out, **settings):
    plan = make_plan(
        corpus_of("words", pronounceable(), "lines"), "mlp", settings=small_settings("mlp", **{**SHORT, **settings})
    )
    return start_run(plan, out)


def train(run, knobs=None, turn_at=None, stop_after=None, **hooks):
    """Train a run; turn the learning rate at an event, or stop after a step."""
    steps = []
    for number, event in enumerate(
        run_experiment(
            plan_of_run(run),
            run,
            knobs=knobs,
            should_stop=lambda: stop_after is not None and max(steps, default=0) >= stop_after,
            **hooks,
        )
    ):
        steps.append(getattr(event, "step", 0) or 0)
        if number == turn_at:
            knobs.turn("learning_rate", 0.05)
    return run


def test_a_watched_run_has_the_same_bytes_and_its_looks_are_its_weights(tmp_path):
    plain = train(new_run(tmp_path / "plain"))
    watched, saved = new_run(tmp_path / "watched"), []
    looks = Looks(watched)
    writer = LookWriter(looks, saved.append)
    writer.last = 24
    train(watched, watch_weights=writer)
    assert products(watched.path) == products(plain.path)
    assert {0, 1, 2, 4, 8, 16, 24} <= {*saved}
    assert looks.steps() == saved
    newest = watched.checkpoints.newest().arrays_of("weights/")
    assert newest.keys() == looks.weights(24).keys()
    for name, array in looks.weights(24).items():
        np.testing.assert_array_equal(array, newest[name])


def test_a_turned_knob_changes_the_rate_from_its_step_on(tmp_path):
    plain = train(new_run(tmp_path / "plain"))
    turned = new_run(tmp_path / "turned")
    train(turned, Knobs(turned.knobs), turn_at=8)
    (turn,) = Knobs(turned.knobs).turns
    before, after = metrics_of(plain.path), metrics_of(turned.path)
    for old, new in zip(before, after, strict=True):
        factor = 0.05 / plan_of_run(plain).training.learning_rate if old["step"] > turn.step else 1
        assert new["learning_rate"] == pytest.approx(old["learning_rate"] * factor, rel=1e-6)
    assert [line for line in before if line["step"] <= turn.step] == after[: sum(x["step"] <= turn.step for x in after)]


def test_a_run_begins_with_the_weights_of_another_one_and_keeps_them_when_it_is_resumed(tmp_path):
    first = new_run(tmp_path / "first")
    train(first, watch_weights=LookWriter(Looks(first), lambda step: None))
    weights = Looks(first).weights(8)
    whole, parted = (new_run(tmp_path / name, seed=5) for name in ("whole", "parted"))
    for run in (whole, parted):
        run.save_first_weights(weights)
    seen = {}
    train(whole, watch_weights=lambda step, read: seen.setdefault(step, read()))
    for name, array in weights.items():
        np.testing.assert_array_equal(seen[0][name], array)
    train(parted, stop_after=1)
    train(parted)
    assert products(parted.path) == products(whole.path)


def test_weights_of_another_model_are_refused(tmp_path):
    first = new_run(tmp_path / "first")
    train(first, watch_weights=LookWriter(Looks(first), lambda step: None))
    other = new_run(tmp_path / "other", hidden=16)
    other.save_first_weights(Looks(first).weights(1))
    with pytest.raises(RunError, match="do not fit"):
        train(other)


def test_looks_are_thinned_out_but_powers_of_two_stay(tmp_path):
    run = RunFolder(tmp_path)
    looks = Looks(run)
    for step in range(1, 33):
        looks.save(step, {"w": np.zeros(1000, dtype=np.float32)})
    looks.thin_out(largest=70_000)
    steps = looks.steps()
    assert {1, 2, 4, 8, 16, 32} <= set(steps)
    assert sum(path.stat().st_size for path in looks.folder.iterdir()) <= 70_000
    looks.thin_out(largest=1)
    assert looks.steps() == [1, 2, 4, 8, 16, 32]
