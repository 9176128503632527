"""A run with `hide_test` neither computes nor shows its loss on test until someone asks for it."""

from dataclasses import replace

import pytest

import morelike
from morelike.errors import RunError, SettingError
from morelike.runs.plan import plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.text.splits import split
from morelike.training import result as results
from morelike.training.experiment import ExperimentFinished, run_experiment
from morelike.workflows import mixing
from morelike.workflows.hidden_test import evaluate_test

from ..training.runs import pronounceable, small_settings, stop_at

WORDS = list(dict.fromkeys(pronounceable(200)))


@pytest.fixture
def no_test(monkeypatch):
    """Let the evaluation of the words of test fail, and return the function that allows it again."""
    test = set(split(WORDS, "shuffle-42").test)

    def refuse(evaluated):
        def checked(model, words, *rest, **more):
            assert not set(words) <= test, "test was evaluated"
            return evaluated(model, words, *rest, **more)

        return checked

    monkeypatch.setattr(results, "evaluated", refuse(results.evaluated))
    monkeypatch.setattr(mixing, "evaluated", refuse(mixing.evaluated))


def trained(out, kind="ngram", **settings):
    (before, events) = set(out.glob("*")), []
    model = morelike.train(WORDS, kind, out=out, hide_test=True, on_event=events.append, **settings)
    (path,) = set(out.glob("*")) - before
    return model, RunFolder(path), events


def test_the_loss_on_test_is_in_nothing_that_a_run_leaves(tmp_path, no_test):
    model, run, events = trained(tmp_path)
    (finished,) = (event for event in events if isinstance(event, ExperimentFinished))
    assert finished.result.losses.keys() == {"train", "dev"}
    assert finished.result.baseline.keys() <= {"dev"}
    assert model.facts["losses"].keys() == run.meta()["losses"].keys() == {"train", "dev"}
    assert "Its loss on test is hidden" in (run.model / "README.md").read_text()
    report = run.report.read_text()
    assert "The loss on test is hidden" in report
    assert "Typical words of dev" in report
    assert "Typical words of test" not in report
    assert "Loss on test" not in report


def test_the_default_model_computes_no_loss_on_test_of_a_member(tmp_path, no_test):
    _, run, events = trained(tmp_path, "auto", refit=False, **small_settings("gru", steps=4, evaluate_every=4))
    members = events[-1].result.members
    assert members
    assert all(losses.keys() == {"dev"} for losses in members.values())
    assert run.meta()["test_hidden"]


def test_the_first_look_gives_the_figure_of_a_run_without_hiding_and_writes_it_with_the_time(tmp_path):
    open_model = morelike.train(WORDS, "ngram")
    _, run, _ = trained(tmp_path)
    look = evaluate_test(run.path)
    assert look.first
    assert look.loss.as_dict() == open_model.facts["losses"]["test"]
    loaded = morelike.load(run.path)
    assert loaded.facts["losses"]["test"] == run.meta()["losses"]["test"] == look.loss.as_dict()
    assert loaded.facts["test_looked_at"] == run.meta()["test_looked_at"] == look.looked_at
    assert "test_hidden" not in loaded.facts
    assert not run.meta()["test_hidden"]
    assert f"hidden until {look.looked_at}" in (run.model / "README.md").read_text()


def test_a_second_look_gives_the_same_figure_and_the_time_of_the_first(tmp_path, monkeypatch):
    model, _, _ = trained(tmp_path)
    first = evaluate_test(model)
    monkeypatch.setattr("morelike.workflows.hidden_test._now", lambda: "2999-01-01T00:00:00+00:00")
    second = evaluate_test("latest", out=tmp_path)
    assert not second.first
    assert (second.looked_at, second.loss.as_dict()) == (first.looked_at, first.loss.as_dict())
    assert second.sentence == f"test was looked at for the first time at {first.looked_at}"


def test_the_loss_is_that_of_the_model_before_a_refit(tmp_path):
    _, run, _ = trained(tmp_path, refit=True)
    look = evaluate_test(run.path)
    assert look.loss.as_dict() == morelike.train(WORDS, "ngram").facts["losses"]["test"]
    assert morelike.load(run.path).facts["losses"]["test"] == look.loss.as_dict()
    in_memory = morelike.train(WORDS, "ngram", refit=True, hide_test=True)
    with pytest.raises(SettingError, match="learned from test too, in a refit"):
        evaluate_test(in_memory)


def test_a_resumed_run_still_hides_test(tmp_path, no_test):
    with pytest.raises(StopIteration):
        morelike.train(
            WORDS,
            "bigram",
            out=tmp_path,
            hide_test=True,
            on_event=stop_at(9),
            **small_settings("bigram", steps=8, evaluate_every=2),
        )
    (run,) = map(RunFolder, tmp_path.iterdir())
    *_, last = run_experiment(plan_of_run(run), run)
    assert last.result.losses.keys() == {"train", "dev"}


def test_a_mixture_with_a_hidden_member_hides_test(tmp_path, no_test):
    hidden = morelike.train(WORDS, "ngram", order=2, hide_test=True)
    open_model = replace(hidden, facts={name: value for name, value in hidden.facts.items() if name != "test_hidden"})
    mixed = morelike.mix([open_model, hidden], WORDS)
    assert mixed.facts["losses"].keys() == {"dev"}
    assert evaluate_test(mixed, WORDS).loss.lines == len(split(WORDS, "shuffle-42").test)


def test_a_leader_board_of_hidden_runs_ranks_by_dev(no_test):
    board = morelike.leader_board(WORDS, ["ngram", "bigram"], budget="5steps", hide_test=True)
    dev = [each.result.losses["dev"].nats_per_character for each in board]
    assert dev == sorted(dev)
    assert all("test" not in each.result.losses for each in board)


def test_what_cannot_be_looked_at_is_refused_in_one_sentence(tmp_path):
    with pytest.raises(SettingError, match="there is no test to hide"):
        morelike.train(WORDS, "ngram", split="none", hide_test=True)
    whole = morelike.train(WORDS, "ngram", split="none")
    with pytest.raises(SettingError, match="there is no test to look at"):
        evaluate_test(whole)
    with pytest.raises(SettingError, match="is not the list that the model learned from"):
        evaluate_test(morelike.train(WORDS, "ngram", hide_test=True), WORDS[1:])
    _, run, _ = trained(tmp_path)
    run.update_meta(status="interrupted")
    with pytest.raises(RunError, match=r"has not finished \(interrupted\)"):
        evaluate_test(run.path)
