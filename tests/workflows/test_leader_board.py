"""Kinds of model under one budget, and how they rank."""

import re

import numpy as np
import pytest

import morelike
from morelike.errors import SettingError
from morelike.runs.events import Evaluated, Noted, Progress
from morelike.runs.plan import make_plan
from morelike.text.corpus import Corpus
from morelike.training import loop
from morelike.training.experiment import fit
from morelike.training.preparation import prepare
from morelike.workflows.leader_board import Budget, train_kinds

from ..training.runs import pronounceable

LISTED = pronounceable(120)


@pytest.fixture(scope="module")
def board():
    return morelike.leader_board(LISTED, ["bigram", "mlp", "ngram"], budget="60steps")


def test_the_best_on_test_stands_first(board):
    losses = [each.result.losses["test"].nats_per_character for each in board]
    assert losses == sorted(losses)
    assert {each.kind for each in board} == {"bigram", "mlp", "ngram"}


def test_each_but_the_best_has_its_paired_difference_to_the_best(board):
    best, *others = board
    assert best.behind is None
    words = best.result.splits.test
    for each in others:
        difference = morelike.compare(each.result.model, best.result.model, words)
        assert each.behind.difference == pytest.approx(difference.difference)
        assert each.behind.interval[0] <= each.behind.difference <= each.behind.interval[1]


def test_novelty_is_the_share_of_plain_samples_in_no_part(board):
    for each in board:
        drawn = each.result.model.sample(1000, novel=False, unique=False)
        assert each.novelty == np.mean([word not in LISTED for word in drawn])


def test_every_kind_takes_as_many_steps_as_the_budget_says(board):
    assert [each.result.steps for each in board if each.kind != "ngram"] == [60, 60]


@pytest.mark.slow
def test_a_budget_of_seconds_is_kept_by_the_training_steps_and_the_whole_time_is_said_before():
    events = [event for _, event in train_kinds(Corpus("words", LISTED), ["mlp"], Budget.of("1s"), split="shuffle-42")]
    result = events[-1].result
    (note,) = (event.sentence for event in events if isinstance(event, Noted) and "in all" in event.sentence)
    assert re.match(
        r"mlp: [\d,]+ steps in about [\d.]+ s; compiling takes about [\d.]+ s and evaluating [\d.]+ s", note
    )
    longest = max(event.seconds for event in events if isinstance(event, Progress))
    assert result.steps > 100
    assert 0.2 < result.step_seconds < 1 + longest
    assert result.training_seconds > result.step_seconds


def test_training_ends_once_its_steps_have_taken_the_budget(monkeypatch):
    ticks = iter(range(10**6))
    monkeypatch.setattr(loop.time, "perf_counter", lambda: float(next(ticks)))  # a chunk takes a second
    plan = make_plan(Corpus("words", LISTED), "bigram", settings={"steps": 50, "chunk": 1, "evaluate_every": 50})
    plan, _, vocabulary, train, dev = prepare(plan)
    *events, finished = fit(plan, train, dev, vocabulary.size, budget=8.5)
    assert (finished.reason, finished.step) == ("budget", 9)
    assert isinstance(events[-1], Progress)
    assert [event.step for event in events if isinstance(event, Evaluated)] == [9]  # the weights are judged at the end
    assert finished.step_seconds == pytest.approx(9)


def test_where_nothing_was_held_out_the_loss_on_train_ranks():
    board = morelike.leader_board(LISTED, ["ngram", "bigram"], budget="30steps", split="none")
    losses = [each.result.losses["train"].nats_per_character for each in board]
    assert losses == sorted(losses)
    assert "test" not in board[0].result.losses


@pytest.mark.slow
def test_running_text_ranks_too():
    board = morelike.leader_board(" ".join(pronounceable(700)), ["ngram", "bigram"], budget="30steps", form="text")
    assert board[1].behind.difference > 0


@pytest.mark.parametrize("budget", ["", "10", "s", "-3s", "0s", "3 hours", "1e3steps", "nan s"])
def test_a_budget_that_says_nothing_is_refused_with_examples(budget):
    with pytest.raises(SettingError, match="say for example 20s, 2m, 2000steps or 5epochs"):
        Budget.of(budget)


def test_a_kind_that_there_is_not_is_refused_before_any_is_trained():
    with pytest.raises(SettingError, match=r"no model is called 'ngrm'; .*did you mean 'ngram'"):
        morelike.leader_board(LISTED, ["gru", "ngrm"])
