"""Numbers that change no shape are arguments of a compiled program: engines share it, and it computes as if alone."""

import numpy as np
import pytest

from morelike.runs.plan import make_plan
from morelike.text.corpus import corpus_of
from morelike.training.jax import program
from morelike.training.jax.engine import Engine
from morelike.training.preparation import prepare

from ..runs import pronounceable, small_settings

FIRST = {"learning_rate": 2e-2, "weight_decay": 0.1, "dropout": 0.2, "recurrent_dropout": 0.4, "steps": 6, "seed": 1}
OTHER = {"learning_rate": 5e-3, "weight_decay": 0.3, "dropout": 0.4, "recurrent_dropout": 0.2, "steps": 9, "seed": 2}
OTHER |= {"schedule": "constant", "warmup": 0.3}


def engine_of(**settings):
    plan = make_plan(
        corpus_of("words", pronounceable(40), "lines"), "rnn", settings=small_settings("rnn", threads=1, **settings)
    )
    made = prepare(plan)
    return Engine(made.plan.architecture, made.plan.training, made.train, made.dev, made.vocabulary.size)


def losses(engine, steps=6):
    chunk = engine.run(engine.initial_state(), 0, steps)
    return [*chunk.losses.tolist(), engine.dev_loss(chunk.state.weights)]


@pytest.fixture
def alone():
    """The losses of the other settings in a program of their own."""
    program.compiled_steps.cache_clear()
    found = losses(engine_of(**OTHER))
    program.compiled_steps.cache_clear()
    return found


def test_engines_that_differ_by_rates_seed_and_length_share_a_program_and_compute_as_if_alone(alone):
    first = engine_of(**FIRST)
    before = losses(first)
    other = engine_of(**OTHER)
    assert losses(other) == alone
    assert alone != before
    assert other._run is first._run
    assert other._run._cache_size() == 1


def test_a_chunk_of_any_length_uses_the_compiled_program():
    engine = engine_of(**FIRST)
    at_once = engine.run(engine.initial_state(), 0, 6)
    compiled = engine._run._cache_size()
    state, found = engine.initial_state(), []
    for step, steps in ((0, 1), (1, 2), (3, 3)):
        chunk = engine.run(state, step, steps)
        state, found = chunk.state, [*found, *chunk.losses.tolist()]
        assert len(chunk.losses) == len(chunk.rates) == len(chunk.finite) == steps
    assert found == at_once.losses.tolist()
    assert all(np.array_equal(state.weights[name], array) for name, array in at_once.state.weights.items())
    assert engine._run._cache_size() == compiled


def test_a_rate_of_zero_needs_a_program_of_its_own():
    assert engine_of(**FIRST)._run is not engine_of(**FIRST | {"dropout": 0.0})._run
