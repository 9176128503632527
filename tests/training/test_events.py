"""The events of a run come in order, and metrics.jsonl holds their figures."""

import itertools
import math
from dataclasses import replace
from typing import get_args

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import morelike
from morelike.cli.shared.training_output import _sentences
from morelike.runs.events import Evaluated, Finished, Noted, Progress, Sampled, Saved, Started
from morelike.runs.plan import make_plan, plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.runs.settings import TrainingConfig
from morelike.text.corpus import corpus_of
from morelike.training.experiment import ExperimentFinished, run_experiment
from morelike.training.jax.engine import Engine
from morelike.training.jax.optimizer import OPTIMIZERS
from morelike.training.loop import block_lengths
from morelike.training.preparation import prepare

from ..language_model.small_models import WORDS
from .runs import STEPS, metrics_of, small_settings, stop_at, train_small


def of(events, kind):
    return [event for event in events if isinstance(event, kind)]


def test_events_come_in_order(whole_run):
    first, *between, finished, done = [event for event in whole_run.events if not isinstance(event, Noted | Sampled)]
    assert isinstance(first, Started)
    assert (first.kind, first.step, first.steps) == (whole_run.kind, 0, STEPS)
    assert first.parameters == whole_run.model.parameters
    assert [type(event) for event in between] == [Progress, Evaluated, Progress, Saved] * (STEPS // 2)
    assert [event.step for event in of(whole_run.events, Sampled)] == [1, *range(2, STEPS + 1, 2)]
    assert isinstance(finished, Finished)
    assert (finished.step, finished.reason) == (STEPS, "completed")
    assert isinstance(done, ExperimentFinished)
    assert done.result.model is whole_run.model


def test_progress_follows_each_chunk_and_evaluations_come_when_they_are_due(whole_run):
    assert [event.step for event in of(whole_run.events, Progress)] == [*range(1, STEPS + 1)]
    assert [event.step for event in of(whole_run.events, Evaluated)] == [*range(2, STEPS + 1, 2)]
    assert [event.step for event in of(whole_run.events, Saved)] == [*range(2, STEPS + 1, 2)]


def test_an_evaluation_is_the_best_if_its_loss_is_the_lowest_so_far(whole_run):
    lowest = float("inf")
    for event in of(whole_run.events, Evaluated):
        assert event.best == (event.loss < lowest)
        lowest = min(lowest, event.loss)


def test_training_learns_something(whole_run):
    losses = [event.loss for event in of(whole_run.events, Evaluated)]
    assert min(losses) < losses[0] - 0.05


def test_metrics_are_the_events_with_steps_strictly_increasing_and_complete(whole_run):
    metrics = metrics_of(whole_run.path)
    assert [line["step"] for line in metrics] == [*range(1, STEPS + 1)]
    assert [line["loss"] for line in metrics] == [event.loss for event in of(whole_run.events, Progress)]
    evaluations = {event.step: event.loss for event in of(whole_run.events, Evaluated)}
    assert {line["step"]: line["dev"] for line in metrics if "dev" in line} == evaluations


def test_blocks_begin_with_single_steps_and_cover_every_chunk():
    lengths = [length for step in range(0, 9000, 180) for length in block_lengths(step, 180)]
    assert sum(lengths) == 9000
    assert lengths[:20] == [1] * 20
    starts = np.cumsum([0, *lengths[:-1]])
    assert all(length <= max(start // 10, 1) for length, start in zip(lengths, starts, strict=True))
    assert block_lengths(8100, 180) == (45,) * 4


def replayed(config, words, kind):
    """Return the engine of a run, its state after no step, and the lines of dev."""
    plan = make_plan(corpus_of("words", words, "lines"), kind, settings=config)
    plan, _, vocabulary, train, dev = prepare(plan)
    engine = Engine(plan.architecture, plan.training, train, dev, vocabulary.size)
    return engine, engine.initial_state()


@pytest.mark.parametrize("warmup", [0.0, 0.1])
@pytest.mark.parametrize("schedule", get_args(TrainingConfig.model_fields["schedule"].annotation))
def test_the_recorded_rate_of_a_step_is_the_rate_of_its_update(schedule, warmup, monkeypatch):
    ones = optax.stateless(lambda updates, _: jax.tree.map(jnp.ones_like, updates))
    monkeypatch.setitem(OPTIMIZERS, "sgd", lambda _, rate: optax.chain(ones, optax.sgd(rate)))
    config = {"optimizer": "sgd", "schedule": schedule, "warmup": warmup, "learning_rate": 0.5, "steps": 20}
    engine, state = replayed(config, WORDS, "bigram")
    recorded = engine.run(state, 0, 20).rates
    for step in range(20):
        chunk = engine.run(state, step, 1)
        update = np.asarray(state.weights["W"]) - np.asarray(chunk.state.weights["W"])
        assert recorded[step] == chunk.rates[0]
        np.testing.assert_allclose(update, chunk.rates[0], atol=1e-6)
        state = chunk.state


def test_every_figure_of_an_event_is_the_engines_own():
    settings = small_settings("mlp", schedule="step", warmup=0.0, steps=90, chunk=45, evaluate_every=45, seed=3)
    events = []
    model = morelike.train(WORDS, "mlp", on_event=events.append, **settings)
    engine, state = replayed(settings, WORDS, "mlp")
    (started,) = of(events, Started)
    assert started.parameters == sum(array.size for array in state.weights.values()) == model.parameters
    assert [evaluated.step for evaluated in of(events, Evaluated)] == [45, 90]
    evaluations = {evaluated.step: evaluated.loss for evaluated in of(events, Evaluated)}
    before = 0
    for progress in of(events, Progress):
        chunk, before = engine.run(state, before, progress.step - before), progress.step
        state = chunk.state
        assert progress.loss == pytest.approx(chunk.losses.mean(), rel=1e-6)
        at = np.cumsum([0, *progress.blocks])
        for each, (first, last) in enumerate(itertools.pairwise(at)):
            assert progress.losses[each] == pytest.approx(chunk.losses[first:last].mean(), abs=1e-5)
            assert progress.rates[each] == pytest.approx(chunk.rates[first:last].mean(), rel=1e-5)
        assert progress.learning_rate == pytest.approx(chunk.rates[-1])
        if progress.step in evaluations:
            assert evaluations[progress.step] == pytest.approx(engine.dev_loss(state.weights))
    assert {round(progress.learning_rate, 6) for progress in of(events, Progress)} == {3e-3, 3e-4}


def test_a_resumed_run_counts_its_times_from_the_step_at_which_it_was_resumed(tmp_path):
    with pytest.raises(StopIteration):
        train_small("bigram", out=tmp_path, on_event=stop_at(16), steps=40)
    run = RunFolder(next(tmp_path.iterdir()))
    saved = run.checkpoints.newest().facts["step"]
    *_, finished, last = run_experiment(plan_of_run(run), run)
    result = last.result
    assert 0 < saved == result.first_step == run.meta()["resumed_at"]
    assert result.steps_per_second == pytest.approx((40 - saved) / finished.seconds)
    assert f"{saved} steps before it was resumed, then {40 - saved} steps in" in list(_sentences(result))[-1]
    assert "resumed" not in list(_sentences(replace(result, first_step=0)))[-1]


def test_the_weights_kept_are_the_best_on_dev(whole_run):
    best = min(of(whole_run.events, Evaluated), key=lambda event: event.loss)
    dev_loss = whole_run.events[-1].result.losses["dev"].nats_per_character
    assert dev_loss == pytest.approx(best.loss, rel=1e-5)


def test_a_counted_model_starts_and_finishes_in_one_step():
    events = []
    morelike.train(WORDS, kind="ngram", order=2, on_event=events.append)
    assert [type(event) for event in events] == [Started, Finished, ExperimentFinished]


def test_a_note_says_how_a_small_list_was_split_instead():
    events = []
    morelike.train(WORDS[:3], kind="ngram", order=2, on_event=events.append)
    assert [type(event) for event in events] == [Noted, Started, Finished, ExperimentFinished]
    assert "3 lines are too few to hold any out" in events[0].sentence


def test_early_stopping_ends_the_run_and_keeps_the_best_weights():
    events = []
    settings = {"steps": 3000, "evaluate_every": 20, "chunk": 20, "patience": 3, "learning_rate": 0.1}
    train_small("mlp", on_event=events.append, **settings)
    finished, evaluations = of(events, Finished)[0], of(events, Evaluated)
    best = min(evaluations, key=lambda event: event.loss)
    assert finished.reason == "early stopping"
    assert finished.step == evaluations[-1].step == best.step + 3 * 20 < 3000
    assert events[-1].result.losses["dev"].nats_per_character == pytest.approx(best.loss, rel=1e-5)
    assert events[-1].result.losses["dev"].nats_per_character < evaluations[-1].loss


def test_lines_longer_than_a_models_positions_are_learned_and_their_number_is_noted():
    events = []
    words = ["ab", "abab", "ababab", "b" * 30]
    model = train_small("bow", words, split="none", on_event=events.append, steps=3, context=5)
    (note,) = (event.sentence for event in events if isinstance(event, Noted))
    assert note.startswith("2 words have more than 5 characters, their ends counted: bow starts again after every 5")
    assert math.isfinite(model.log_probability(words).sum())


def test_lines_within_a_models_positions_give_no_note():
    events = []
    train_small("bow", ["ab", "abab"], split="none", on_event=events.append, steps=3, context=5)
    assert not [event for event in events if isinstance(event, Noted)]
