"""Cores share long steps, train the same model, and a resumed run uses as many cores."""

import jax
import numpy as np
import pytest

from morelike.runs.plan import make_plan, plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.text.corpus import corpus_of
from morelike.training import resources
from morelike.training.experiment import run_experiment
from morelike.training.jax.engine import Engine
from morelike.training.preparation import prepare

from .runs import pronounceable, quick_first, small_settings, stop_at, train_small

SHORT = {"steps": 12, "chunk": 3, "evaluate_every": 6}
LARGE = {"hidden": 256, "batch_size": 64, "row_length": 16}


def prepared(kind, **settings):
    return prepare(make_plan(corpus_of("words", pronounceable(600), "lines"), kind, settings=settings))


def engine_of(kind, threads):
    dropout = {"dropout": 0.2, "recurrent_dropout": 0.3} if kind == "gru" else {}
    settings = small_settings(kind, batch_size=5, steps=8, chunk=8, threads=threads, **dropout)
    made = prepared(kind, **settings)
    return Engine(made.plan.architecture, made.plan.training, made.train, made.dev, made.vocabulary.size)


@pytest.fixture(scope="module", params=quick_first(["mlp", "gru"]))
def engines(request):
    assert len(jax.devices()) > 1
    return {threads: engine_of(request.param, threads) for threads in (1, 2)}


def test_two_cores_share_batches_of_an_odd_number_of_rows_and_take_the_same_steps(engines):
    one, two = (engine.run(engine.initial_state(), 0, 8) for engine in engines.values())
    np.testing.assert_allclose(two.losses, one.losses, rtol=1e-5)
    for name, array in one.state.weights.items():
        np.testing.assert_allclose(two.state.weights[name], array, atol=2e-4, err_msg=name)  # of steps of 3e-3
        assert len(two.state.weights[name].devices()) == 2
        assert len(array.devices()) == 1


@pytest.mark.slow
def test_a_preview_and_the_loss_on_dev_are_the_same_with_several_cores(engines):
    one, two = (engine.preview(engine.initial_state(), 0) for engine in engines.values())
    np.testing.assert_allclose(two.loss, one.loss, rtol=1e-6)
    trained = engines[2].run(engines[2].initial_state(), 0, 8).state
    assert engines[2].dev_loss(trained.weights) == pytest.approx(engines[1].dev_loss(trained.weights), rel=1e-6)


@pytest.mark.slow
def test_each_cores_memory_counts(engines):
    one, two = (engine.chunk_bytes(engine.initial_state(), 8) for engine in engines.values())
    assert two > 1.2 * one


@pytest.mark.parametrize(
    ("kind", "settings", "most"),
    [("rnn", LARGE, 64), ("rnn", {**LARGE, "hidden": 8}, 1), ("deep_mlp", {"batch_size": 2000}, 1), ("mlp", {}, 1)],
)
def test_only_long_steps_are_shared_among_the_cores_that_there_are(kind, settings, most, monkeypatch):
    monkeypatch.setattr(resources, "cores", lambda: 2)
    assert prepared(kind, **settings).plan.training.threads == min(most, 2)
    monkeypatch.setattr(resources, "cores", lambda: 1)
    assert prepared(kind, **settings).plan.training.threads == 1


def test_each_of_many_cores_takes_enough_characters(monkeypatch):
    monkeypatch.setattr(resources, "cores", lambda: 64)
    assert resources.cores_for(1e12, 1024.0, 10**5) == 1024 // resources.CHARACTERS_PER_CORE
    assert resources.cores_for(1.6e8, 1e6, 10**5) == 3


def test_models_that_do_not_fit_a_cores_own_cache_share_no_step(monkeypatch):
    monkeypatch.setattr(resources, "cores", lambda: 2)
    assert prepared("rnn", **LARGE).plan.training.threads == 2
    monkeypatch.setattr(resources, "SHARED_PARAMETERS", 1000)
    assert prepared("rnn", **LARGE).plan.training.threads == 1


def test_a_run_left_and_resumed_on_a_machine_of_fewer_cores_ends_with_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(resources, "SHARED_OPERATIONS", 1.0)
    monkeypatch.setattr(resources, "CHARACTERS_PER_CORE", 1)
    monkeypatch.setattr(resources, "cores", lambda: 2)
    whole = train_small("rnn", out=tmp_path / "whole", **SHORT)
    with pytest.raises(StopIteration):
        train_small("rnn", out=tmp_path / "left", on_event=stop_at(11), **SHORT)
    monkeypatch.setattr(resources, "cores", lambda: 1)
    (run,) = map(RunFolder, (tmp_path / "left").iterdir())
    *_, done = run_experiment(plan_of_run(run), run)
    assert plan_of_run(run).training.threads == 2
    for name, array in whole.weights.items():
        np.testing.assert_array_equal(done.result.model.weights[name], array)


def test_the_threads_of_counting_are_a_setting_of_its_own():
    plan = make_plan(corpus_of("words", pronounceable(), "lines"), "ngram", settings={"threads": 2})
    assert plan.architecture.threads == 2
    assert plan.training.threads is None
