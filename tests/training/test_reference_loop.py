"""The compiled engine takes the same steps as the readable loop, for every kind, on lists and on running text."""

import jax
import numpy as np
import pytest

from morelike.architecture import find
from morelike.runs.plan import make_plan
from morelike.text.corpus import Corpus
from morelike.training import reference_loop
from morelike.training.jax.engine import Engine
from morelike.training.jax.optimizer import schedule
from morelike.training.preparation import prepare

from .runs import TRAINED_KINDS, pronounceable, quick_first, small_settings

WORDS = pronounceable(40)
STEPS = 6
TOLERANCE = {"rtol": 1e-6, "atol": 1e-8}
"""Of numbers in float64. Only the learning rate is float32 in both loops, which round it differently."""
LABELLED = [kind for kind in TRAINED_KINDS if find(kind).takes_labels]


@pytest.fixture(autouse=True)
def double():
    """Let JAX compute in float64 within a test."""
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", False)


def prepared(kind, corpus, **settings):
    dropout = {name: 0.2 for name in find(kind).model_fields if name.endswith("dropout")}
    given = {"steps": STEPS, "chunk": STEPS, "evaluate_every": STEPS, "threads": 1, "warmup": 0.4, **dropout}
    return prepare(make_plan(corpus, kind, settings=small_settings(kind, **given, **settings)))


def compare(made):
    """Compare losses and weights after every step, and the loss on dev after the last one."""
    text = made.plan.corpus.form == "text"
    architecture, config, train = made.plan.architecture, made.plan.training, made.train
    engine = Engine(architecture, config, train, made.dev, made.vocabulary.size, text=text)
    fresh = reference_loop.initial_weights(architecture, config, train, made.vocabulary.size)
    state = engine.initial_state()
    assert all(np.array_equal(fresh[name], array) for name, array in state.weights.items())
    weights = {name: array.astype(np.float64) for name, array in fresh.items()}
    state = engine.state_of(weights)
    steps = list(reference_loop.train(architecture, weights, config, train, text=text))
    assert len(steps) == STEPS
    for step, expected in enumerate(steps):
        chunk = engine.run(state, step, 1)
        state = chunk.state
        np.testing.assert_allclose(chunk.losses, [expected.loss], err_msg=f"loss of step {step}", **TOLERANCE)
        assert state.weights.keys() == expected.weights.keys()
        for name, array in expected.weights.items():
            assert array.dtype == np.float64
            np.testing.assert_allclose(state.weights[name], array, err_msg=f"{name} after step {step}", **TOLERANCE)
    dev = reference_loop.held_out_loss(architecture, steps[-1].weights, config, made.dev, text=text)
    assert engine.dev_loss(state.weights) == pytest.approx(dev, rel=1e-6)


@pytest.mark.parametrize("kind", quick_first(TRAINED_KINDS, ("bigram",)))
def test_the_engine_takes_the_steps_of_the_readable_loop_on_a_list(kind):
    compare(prepared(kind, Corpus("words", WORDS)))


@pytest.mark.parametrize("kind", quick_first(TRAINED_KINDS, ("rnn",)))
def test_the_engine_takes_the_steps_of_the_readable_loop_on_a_running_text(kind):
    text = " ".join(WORDS)[:150]  # a recurrent model reaches the end of its parts within these steps and begins again
    compare(prepared(kind, Corpus("text", [text], form="text")))


@pytest.mark.parametrize("kind", quick_first(LABELLED, ("mlp",)))
def test_the_engine_takes_the_steps_of_the_readable_loop_on_counts_and_labels(kind):
    counts, labels = [1 + i % 5 for i in range(len(WORDS))], ["odd" if i % 2 else "even" for i in range(len(WORDS))]
    compare(prepared(kind, Corpus("words", WORDS, counts, labels=labels)))


SGD = {"optimizer": "sgd", "learning_rate": 0.3, "clip": 0.0}


@pytest.mark.parametrize("settings", [SGD, SGD | {"clip": 0.1}, {"schedule": "step"}, {"batch_size": 10_000}], ids=str)
@pytest.mark.parametrize("kind", quick_first(["mlp", "rnn"]))
def test_the_engine_takes_the_steps_of_the_readable_loop_with_other_settings(kind, settings):
    counts = [1 + i % 5 for i in range(len(WORDS))]
    compare(prepared(kind, Corpus("words", WORDS, counts), **settings))


def late(indices):
    return lambda *arguments, **named: indices(*arguments[:3], arguments[3] + 1, **named)


def swapped(indices):
    def two_swapped(architecture, config, count, step, **named):
        return indices(architecture, config, count, {1: 2, 2: 1}.get(step, step), **named)

    return two_swapped


def ahead_of_schedule(optimizer):
    return lambda config: optimizer(config, lambda step: schedule(config)(step + 1))


def of_another_seed(mode):
    return lambda key, **named: mode(jax.random.fold_in(key, 1), **named)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("step_indices", late),
        ("step_indices", swapped),
        ("optimizer", ahead_of_schedule),
        ("Compiled", of_another_seed),
    ],
)
def test_a_fault_in_one_of_the_two_loops_is_seen(name, fault, monkeypatch):
    monkeypatch.setattr(reference_loop, name, fault(getattr(reference_loop, name)))
    with pytest.raises(AssertionError, match="step"):
        compare(prepared("rnn", Corpus("words", WORDS)))
