"""A run has an event at steps 1, 2, 4, 8 and at least 50 in all; where its chunks end does not change its weights."""

import itertools

import numpy as np
import pytest

import morelike
from morelike.runs.events import Evaluated, Progress, Sampled
from morelike.runs.plan import make_plan
from morelike.runs.settings import TrainingConfig
from morelike.text.corpus import corpus_of
from morelike.training import loop
from morelike.training.chunks import FEWEST_CHUNKS, chunk_end, longest_chunk
from morelike.training.jax.engine import Engine
from morelike.training.preparation import prepare

from .runs import pronounceable, quick_first, small_settings, train_small

LENGTHS = [(1, 1, 1), (7, 3, 7), (49, 10, 49), (500, 50, 25), (1463, 147, 7), (2000, 2000, 2000), (1000, 5000, 90)]


@pytest.mark.parametrize(("steps", "evaluate_every", "chunk"), LENGTHS)
def test_a_run_has_fifty_chunks_or_one_for_each_step_and_its_first_ones_double(steps, evaluate_every, chunk):
    config = TrainingConfig(steps=steps, evaluate_every=evaluate_every, chunk=chunk)
    ends = [0]
    while ends[-1] < steps:
        ends.append(chunk_end(config, ends[-1]))
    assert ends[-1] == steps
    assert len(ends) > min(steps, FEWEST_CHUNKS)
    assert {*range(evaluate_every, steps, evaluate_every)} <= set(ends)
    longest = longest_chunk(config)
    assert {2**power for power in range(11) if 2**power <= min(longest, steps)} <= set(ends)
    lengths = [last - first for first, last in itertools.pairwise(ends)]
    assert min(lengths) > 0
    assert max(lengths) <= longest <= chunk


def engine_of(kind, form="lines", **settings):
    words = pronounceable() if form == "lines" else " ".join(pronounceable())
    plan = make_plan(corpus_of("words", words, form), kind, settings=small_settings(kind, **settings))
    plan, _, vocabulary, train, dev = prepare(plan)
    return Engine(plan.architecture, plan.training, train, dev, vocabulary.size, text=form == "text")


@pytest.mark.parametrize("form", ["lines", "text"])
@pytest.mark.parametrize("kind", quick_first(["mlp", "gru", "transformer", "deep_mlp"]))
def test_chunks_of_all_lengths_are_one_program_and_take_the_same_steps(kind, form):
    dropout = {"dropout": 0.2} if kind == "gru" else {}
    engine = engine_of(kind, form, steps=400, evaluate_every=400, chunk=400, threads=1, **dropout)
    whole = engine.run(engine.initial_state(), 0, 8)
    compiled, state, losses = engine._run._cache_size(), engine.initial_state(), []
    for first, last in [(0, 1), (1, 2), (2, 4), (4, 7), (7, 8)]:
        chunk = engine.run(state, first, last - first)
        state, losses = chunk.state, [*losses, *chunk.losses]
    np.testing.assert_array_equal(losses, whole.losses)
    for name, array in whole.state.weights.items():
        np.testing.assert_array_equal(state.weights[name], array)
    assert engine._run._cache_size() == compiled


def test_weights_do_not_depend_on_where_chunks_end(monkeypatch):
    settings = {"steps": 60, "evaluate_every": 20, "chunk": 20}
    model = train_small("mlp", **settings)
    monkeypatch.setattr(loop, "chunk_end", lambda config, step: step + 1)
    single = train_small("mlp", **settings)
    for name, array in model.weights.items():
        np.testing.assert_array_equal(single.weights[name], array)


def test_a_listener_gets_every_event_and_words_after_the_first_step_and_each_evaluation():
    events = []
    settings = small_settings("mlp", steps=100, evaluate_every=25, chunk=100)
    words = pronounceable()
    model = morelike.train(words, "mlp", on_event=events.append, **settings)
    progress, sampled = ([e for e in events if isinstance(e, kind)] for kind in (Progress, Sampled))
    assert len(progress) >= FEWEST_CHUNKS
    assert [event.step for event in progress][:3] == [1, 2, 4]
    evaluated = [event.step for event in events if isinstance(event, Evaluated)]
    assert [event.step for event in sampled] == [1, *evaluated] == [1, 25, 50, 75, 100]
    for event in sampled:
        assert event.copied == tuple(word in words for word in event.words)
    assert any(event.words for event in sampled)
    silent = morelike.train(words, "mlp", **settings)
    np.testing.assert_array_equal(silent.log_probability(words), model.log_probability(words))


def test_a_model_of_running_text_shows_a_piece_of_text():
    events = []
    settings = small_settings("gru", steps=2, evaluate_every=2, threads=1)
    morelike.train(" ".join(pronounceable()), "gru", form="text", on_event=events.append, **settings)
    pieces = [event.words[0] for event in events if isinstance(event, Sampled)]
    assert [len(piece) for piece in pieces] == [60, 60]
