"""The events of a run come in order, and metrics.jsonl holds their figures."""

import math

import numpy as np
import pytest

import morelike
from morelike.runs.events import Evaluated, Finished, Noted, Progress, Saved, Started
from morelike.training.experiment import ExperimentFinished
from morelike.training.loop import block_means

from ..language_model.small_models import WORDS
from .runs import STEPS, metrics_of, train_small


def of(events, kind):
    return [event for event in events if isinstance(event, kind)]


def test_events_come_in_order(whole_run):
    first, *between, finished, done = [event for event in whole_run.events if not isinstance(event, Noted)]
    assert isinstance(first, Started)
    assert (first.kind, first.step, first.steps) == (whole_run.kind, 0, STEPS)
    assert first.parameters == whole_run.model.parameters
    assert [type(event) for event in between] == [Progress, Evaluated, Progress, Saved] * (STEPS // 2)
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


def test_metrics_hold_the_means_of_equal_blocks_of_each_chunk(tmp_path):
    train_small("mlp", out=tmp_path, steps=90, chunk=45, evaluate_every=90)
    lines = metrics_of(next(tmp_path.iterdir()))
    assert [len(line["losses"]) for line in lines] == [20, 20]
    sizes = np.array([len(block) for block in np.array_split(np.arange(45), 20)])
    for line in lines:
        assert np.dot(sizes, line["losses"]) / 45 == pytest.approx(line["loss"], abs=1e-5)


def test_a_chunk_of_few_steps_has_a_block_for_each():
    assert block_means(np.array([3.0, 1.0, 2.0], dtype=np.float32)) == (3.0, 1.0, 2.0)
    assert block_means(np.repeat(np.arange(20.0), 5)) == tuple(np.arange(20.0))


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
