"""A long training ends when a minute of steps gains little, after a tail in which the learning rate falls to zero."""

import itertools

import numpy as np
import pytest

import morelike
from morelike.runs.events import Finished, Noted, Progress
from morelike.runs.plan import plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.text.corpus import corpus_of
from morelike.training import loop
from morelike.training.experiment import run_experiment
from morelike.training.gain_watch import TAIL, GainWatch, mixture_loss
from morelike.workflows.mixing import mix
from morelike.workflows.model_selection import auto_plan

from .runs import products, pronounceable, stop_at, train_small

SECONDS = 7.0
LISTED = pronounceable(60)
LONG = {"steps": 900, "chunk": 10, "evaluate_every": 300, "schedule": "constant", "warmup": 0.0}
NEVER_ENOUGH = {"least_gain": 1e6, **LONG}


@pytest.fixture
def slow_clock(monkeypatch):
    """Each chunk takes seven seconds by the clock of the training loop."""
    ticks = itertools.count()
    monkeypatch.setattr(loop.time, "perf_counter", lambda: SECONDS * next(ticks))


def watch_over(losses, least_gain=0.002):
    """Return a watch that sees these losses one after the other."""
    left = iter(losses)
    return GainWatch(least_gain, lambda _: next(left))


def test_a_minute_of_steps_is_compared_with_the_minute_before():
    watch = watch_over([2.0, 1.99, 1.989])
    assert [watch.is_over(seconds, {}) for seconds in (30.0, 61.0, 100.0, 122.0, 150.0, 182.0)] == [False] * 5 + [True]
    assert watch.gain == pytest.approx(0.001)


def test_the_gain_of_more_than_a_minute_is_that_of_one():
    watch = watch_over([2.0, 1.997])
    assert [watch.is_over(seconds, {}) for seconds in (60.0, 180.0)] == [False, True]
    assert watch.gain == pytest.approx(0.0015)


def test_training_ends_after_a_tail_in_which_the_rate_falls_to_zero(slow_clock, tmp_path):
    events = []
    train_small("mlp", out=tmp_path, on_event=events.append, **NEVER_ENOUGH)
    (finished,) = (event for event in events if isinstance(event, Finished))
    progress = [event for event in events if isinstance(event, Progress)]
    assert finished.reason == "small gain"
    rates = [event.learning_rate for event in progress]
    decided = sum(rate == rates[0] for rate in rates) - 1  # the tail begins with the rate of the step before it
    falling = np.array(rates[decided:])
    assert finished.step == progress[-1].step < 900
    assert finished.step == pytest.approx(progress[decided].step * (1 + TAIL), abs=20)
    assert (np.diff(falling) < 0).all()
    assert falling[-1] < rates[0] / 8
    meta = RunFolder(next(tmp_path.iterdir())).meta()
    assert (meta["ended"], meta["steps"]) == ("small gain", finished.step)
    notes = [event.sentence for event in events if isinstance(event, Noted)]
    assert any(f"training ends at step {finished.step}, and the learning rate falls" in note for note in notes)
    assert any(note.startswith("a minute of steps lowered the loss") for note in meta["notes"])


def test_a_training_that_gains_enough_takes_all_its_steps(slow_clock):
    events = []
    train_small("mlp", on_event=events.append, **{**NEVER_ENOUGH, "steps": 300, "least_gain": 1e-9, "seed": 1})
    assert next(event for event in events if isinstance(event, Finished)).reason == "completed"


def test_a_tail_that_was_left_goes_on_and_ends_with_the_same_bytes(slow_clock, tmp_path):
    events = []
    train_small("mlp", out=tmp_path / "whole", on_event=events.append, **NEVER_ENOUGH)
    decided = next(i for i, event in enumerate(events) if isinstance(event, Noted) and "a minute" in event.sentence)
    with pytest.raises(StopIteration):
        train_small("mlp", out=tmp_path / "left", on_event=stop_at(decided + 5), **NEVER_ENOUGH)
    (whole,), (left,) = (tmp_path / "whole").iterdir(), (tmp_path / "left").iterdir()
    list(run_experiment(plan_of_run(RunFolder(left)), RunFolder(left)))
    assert RunFolder(left).meta()["ended"] == "small gain"
    ours, theirs = products(left), products(whole)
    assert ours["model.safetensors"] == theirs["model.safetensors"]


def test_an_ended_run_that_is_given_more_steps_goes_on_without_the_watch(slow_clock, tmp_path):
    train_small("mlp", out=tmp_path, **NEVER_ENOUGH)
    run = RunFolder(next(tmp_path.iterdir()))
    ended = run.meta()["steps"]
    events = list(run_experiment(plan_of_run(run, length={"steps": ended + 50}), run))
    finished = next(event for event in events if isinstance(event, Finished))
    assert (finished.step, finished.reason) == (ended + 50, "completed")


@pytest.mark.parametrize("given", [{}, {"hidden": 32}, {"steps": 30}, {"epochs": 2}, {"least_gain": 0.1}])
def test_a_given_length_turns_the_watch_of_the_default_model_off(given):
    plan = auto_plan(corpus_of("list", pronounceable(600), "lines"), settings=given)
    assert plan.training.least_gain == (None if {"steps", "epochs"} & given.keys() else given.get("least_gain", 0.002))


def test_the_watched_loss_is_that_of_the_linear_mixture_on_dev():
    models = [morelike.train(LISTED, kind="ngram", order=order) for order in (2, 4)]
    lines = models[0].vocabulary.encode_lines(LISTED)
    loss = mixture_loss(models[1].architecture, lambda: (models[0].architecture, models[0].weights), lines)
    mixed = mix(models, LISTED, interpolation="linear").evaluate(LISTED).nats_per_character
    assert loss(models[1].weights) == pytest.approx(mixed, abs=1e-5)


def test_a_watched_default_model_counts_its_n_gram_once(slow_clock, monkeypatch):
    from morelike.training import result

    counted, fit = [], result.fit_best_order
    monkeypatch.setattr(result, "fit_best_order", lambda *given: counted.append(1) or fit(*given))
    events = []
    small = {"hidden": 8, "embedding": 4, **NEVER_ENOUGH}
    morelike.train(pronounceable(300), refit=False, on_event=events.append, **small)
    assert next(event for event in events if isinstance(event, Finished)).reason == "small gain"
    assert counted == [1]
