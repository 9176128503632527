"""A search from its trials to its run: what is kept, continued, put back, ended early, and used of test."""

import json
import tomllib
from contextlib import closing
from itertools import islice

import pytest

from morelike.errors import RunError, SettingError, TrainingError
from morelike.runs.events import Evaluated, Finished
from morelike.runs.plan import read_plan
from morelike.runs.run_folder import RunFolder
from morelike.workflows.tuning import TrialEnded, TrialStarted, TuningFinished, outcome, trials, tune
from morelike.workflows.tuning.study import Study

from .small_study import WORDS, worker_on

pytest.importorskip("optuna")
MLP = {"kind": "mlp", "space": ("learning_rate=1e-3..1e-1",), "fixed": {"hidden": 8, "embedding": 4, "steps": 40}}


def events_of(tuning, budget=60.0, **more):
    return list(tune(tuning, budget, **more))


def settings_of(events):
    return [event.settings for event in events if isinstance(event, TrialStarted)]


def ends_of(events):
    return [event for event in events if isinstance(event, TrialEnded)]


@pytest.fixture
def train_by(monkeypatch):
    """Return a function that replaces training by the losses at each tenth of the steps, as a function of settings."""

    def replaced(losses):
        def fit(plan, train, dev, symbols, should_stop):
            for tenth, loss in enumerate(losses(plan), 1):
                yield Evaluated(4 * tenth, loss, best=True)
                if should_stop() and tenth < 10:
                    yield Finished(4 * tenth, "interrupted", {}, 0.0)
                    return
            yield Finished(40, "completed", {"loss": loss}, 0.0)

        monkeypatch.setattr(trials, "fit", fit)
        monkeypatch.setattr(trials.Trainer, "_dev_loss", lambda self, plan, weights: weights["loss"])
        monkeypatch.setattr(outcome, "run_experiment", lambda *_, **__: iter(()))

    return replaced


def test_the_run_of_the_best_settings_is_a_run_like_any_other(make_tuning):
    tuning = make_tuning()
    events = events_of(tuning, trials=5)
    finished = events[-1]
    assert isinstance(finished, TuningFinished)
    best = min(ends_of(events), key=lambda ended: ended.loss)
    assert finished.best == best.loss == finished.result.losses["dev"].nats_per_character
    run = RunFolder(finished.run)
    assert run.path.parent == tuning.out
    assert run.meta()["status"] == "finished"
    assert (run.path / "samples.txt").read_text()
    assert "test" in finished.result.losses
    assert run.meta()["tuning"]["study"] == "words-ngram"
    assert "the settings are the best on dev of 6 complete" in finished.result.notes[0]


def test_its_toml_repeats_it(make_tuning, tmp_path):
    (tmp_path / "words.txt").write_text("".join(f"{word}\n" for word in WORDS))
    finished = events_of(make_tuning(source=str(tmp_path / "words.txt")), trials=3)[-1]
    plan = read_plan(None, None, config=finished.config, settings={})
    assert plan.architecture.settings_in_use() == finished.settings | plan.architecture.settings_in_use()
    assert tomllib.loads(finished.config.read_text()) == tomllib.loads((finished.run / "config.toml").read_text())


def test_test_is_used_once_at_the_end(make_tuning, monkeypatch):
    from morelike.training import result

    judged = []
    evaluated = result._evaluated
    monkeypatch.setattr(result, "_evaluated", lambda *each: judged.append(each[2]) or evaluated(*each))
    seen = []
    evaluate = trials.evaluated

    def noted(model, words, *counts, **labels):
        seen.append(words)
        return evaluate(model, words, *counts, **labels)

    monkeypatch.setattr(trials, "evaluated", noted)
    finished = events_of(make_tuning(), trials=4)[-1]
    assert judged.count("test") == 1
    assert all(words == finished.result.splits.dev for words in seen)


def test_a_second_start_goes_on_with_the_study(make_tuning):
    tuning = make_tuning()
    events_of(tuning, trials=3)
    again = events_of(tuning, trials=3)
    assert again[0].trials == 3
    assert ends_of(again)[0].number == 3
    assert again[-1].trials["complete"] >= 6


def test_settings_that_stay_the_best_have_one_run_and_a_second_look_at_test_is_told(make_tuning, monkeypatch):
    losses = iter([3.0, 4.0, 2.0])
    monkeypatch.setattr(trials.Trainer, "_dev_loss", lambda *_: next(losses))
    tuning = make_tuning(space=("order=1..32", "smoothing=kneser-ney"))
    first = events_of(tuning, trials=1)[-1]
    worse = events_of(tuning, trials=1)[-1]
    assert (worse.result, worse.run) == (None, first.run)
    better = events_of(tuning, trials=1)[-1]
    assert better.run != first.run
    assert better.result.notes[1].startswith("test was used 2 times in this study")


def test_the_same_seed_tries_the_same_settings_and_another_seed_others(make_tuning, tmp_path):
    runs = [settings_of(events_of(make_tuning(name=name), trials=4)) for name in ("a", "b")]
    assert runs[0] == runs[1]
    other = settings_of(events_of(make_tuning(name="c", fixed={"seed": 7}), trials=4))
    assert [each | {"seed": 7} for each in runs[0]] != other


def test_a_study_does_not_go_on_with_another_space_list_or_setting(make_tuning):
    events_of(make_tuning(), trials=1)
    others = {
        "the space of order": {"space": ("order=1..3", "smoothing=add,kneser-ney")},
        "list": {"words": WORDS[:20]},
        "split": {"split": "hash"},
        "min_count": {"fixed": {"min_count": 2}},
    }
    for name, other in others.items():
        with pytest.raises(SettingError, match=f"another value of {name}: give the same command"):
            events_of(make_tuning(**other), trials=1)


def test_equal_settings_are_not_trained_again_and_an_exhausted_space_ends_the_search(make_tuning, monkeypatch):
    monkeypatch.setattr(trials, "MOST_REPEATED", 5)
    events = events_of(make_tuning(space=("order=1..2", "smoothing=kneser-ney")))
    settings = settings_of(events)
    assert len(settings) == 2
    assert {each["order"] for each in settings} == {1, 2}
    assert [ended.state for ended in ends_of(events)[-5:]] == ["repeated"] * 5
    assert events[-1].result


def test_a_killed_process_leaves_its_trial_to_the_next(make_tuning, tmp_path):
    with worker_on(tmp_path / "runs") as (_, number, settings):
        pass  # it is killed at the end of the context
    events = events_of(make_tuning(), trials=2)
    assert settings_of(events)[0] == settings
    assert ends_of(events)[0].number > number
    assert "running" not in events[-1].trials


def test_the_trial_of_a_living_process_is_left_alone_and_its_process_makes_the_run(make_tuning, tmp_path):
    with worker_on(tmp_path / "runs") as (_, _, settings):
        events = events_of(make_tuning(), trials=2)
        assert events[-1].others == 1
        assert events[-1].result is None
        assert settings not in settings_of(events)
        assert events[-1].trials["running"] == 1


def test_half_a_line_that_a_killed_process_leaves_in_the_journal_is_cut_off(make_tuning):
    tuning = make_tuning()
    events_of(tuning, trials=2)
    journal = tuning.folder / "journal.log"
    with journal.open("ab") as file:
        file.write(b'{"op_code":4,"worker_id":"x')
    events = events_of(tuning, trials=1)
    assert events[0].trials == 2
    assert all(json.loads(line) for line in journal.read_text().splitlines())


def test_a_trial_that_is_interrupted_is_put_back_and_tried_first(make_tuning, train_by):
    train_by(lambda plan: [2.0] * 10)
    asked = []

    def should_stop():
        asked.append(True)
        return len(asked) > 15

    events = events_of(make_tuning(**MLP), should_stop=should_stop)
    *_, ended = ends_of(events)
    assert (ended.state, events[-1].interrupted, events[-1].result) == ("put back", True, None)
    again = list(islice(tune(make_tuning(**MLP), 60.0), 2))
    assert again[1].settings == settings_of(events)[-1]


def test_a_signal_in_the_middle_of_a_trial_loses_nothing(make_tuning, train_by):
    def losses(plan):
        yield 2.0
        raise KeyboardInterrupt

    train_by(losses)
    events = tune(make_tuning(**MLP), 60.0)
    started = next(event for event in events if isinstance(event, TrialStarted))
    with pytest.raises(KeyboardInterrupt):
        list(events)
    train_by(lambda plan: [2.0] * 10)
    again = list(islice(tune(make_tuning(**MLP), 60.0), 2))
    assert again[1].settings == started.settings


def test_a_bad_trial_is_ended_early_by_its_losses_on_dev(make_tuning, train_by):
    train_by(lambda plan: [2 + 10 * plan.training.learning_rate] * 10)
    events = tune(make_tuning(**MLP), 60.0, trials=25)
    ends = ends_of(events)
    assert {ended.state for ended in ends} == {"complete", "pruned"}
    complete = [ended.loss for ended in ends if ended.state == "complete"]
    assert min(complete) == ends[-1].best


def test_a_trial_that_would_take_too_much_of_the_budget_is_ended(make_tuning, train_by, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(trials.time, "monotonic", lambda: now[0])

    def losses(plan):
        for _ in range(10):
            now[0] += 1 if plan.training.learning_rate < 0.01 else 20
            yield 2.0

    train_by(losses)
    ends = ends_of(events_of(make_tuning(**MLP), 400.0, trials=12))
    slow = [ended for ended in ends if ended.state == "too slow"]
    assert {ended.state for ended in ends} == {"complete", "too slow"}
    assert {ended.seconds for ended in ends if ended.state == "complete"} == {10.0}
    assert {ended.seconds for ended in slow} == {40.0}
    assert slow[0].reason == "it would take 200 s, of at most 50 s in this budget"


def test_a_trial_that_diverges_does_not_end_the_search(make_tuning, train_by):
    def losses(plan):
        if plan.training.learning_rate > 0.01:
            raise TrainingError("the loss is no longer a number")
        return [2.0] * 10

    train_by(losses)
    worst = {ended.state for ended in ends_of(events_of(make_tuning(**MLP), trials=12))}
    assert worst >= {"failed", "complete"}


def test_a_search_whose_first_trials_all_fail_ends_with_the_reason(make_tuning, train_by):
    def losses(plan):
        raise TrainingError("the loss is no longer a number")

    train_by(losses)
    with pytest.raises(
        SettingError, match="5 trials in succession failed, the last because the loss is no longer a num"
    ):
        events_of(make_tuning(**MLP))


def test_a_budget_that_is_too_small_for_one_trial_is_one_sentence_and_the_study_is_kept(
    make_tuning, train_by, monkeypatch
):
    now = [0.0]
    monkeypatch.setattr(trials.time, "monotonic", lambda: now[0])

    def losses(plan):
        for _ in range(10):
            now[0] += 2
            yield 2.0

    train_by(losses)
    with pytest.raises(
        SettingError, match=r"the budget of 5 s ended before one trial was complete: a trial takes about 40 s"
    ):
        events_of(make_tuning(**MLP), 5.0)
    now[0] = 0.0
    with closing(Study(make_tuning(**MLP))) as study:
        assert study.counts() == {"waiting": 1}


def test_the_run_of_the_best_settings_has_its_time_within_the_budget(make_tuning, train_by, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(trials.time, "monotonic", lambda: now[0])

    def losses(plan):
        for _ in range(10):
            now[0] += 1
            yield 2.0

    train_by(losses)
    events = events_of(make_tuning(**MLP), 35.0)
    assert [ended.state for ended in ends_of(events)] == ["complete", "complete", "put back"]
    assert now[0] == 25


def test_a_split_without_dev_is_refused(make_tuning):
    with pytest.raises(SettingError, match="tuning judges by dev, and the split 'none' holds nothing out"):
        events_of(make_tuning(split="none"))


def test_no_trial_and_none_before_is_one_sentence(make_tuning):
    with pytest.raises(SettingError, match="no trial of this study is complete"):
        events_of(make_tuning(), trials=0)


@pytest.mark.parametrize("name", ["a/b", "..", " "])
def test_a_study_is_named_like_a_folder(make_tuning, name):
    with pytest.raises(SettingError, match="name of a folder"):
        events_of(make_tuning(name=name), trials=1)


@pytest.mark.parametrize(
    ("storage", "error", "reason"),
    [
        ("sqlite:///a.db", SettingError, "give postgresql://USER@HOST/DATABASE, or a file"),
        ("", SettingError, "give postgresql://USER@HOST/DATABASE, or a file"),
        ("postgresql://anna:secret@127.0.0.1:1/db", RunError, "'postgresql://anna@127.0.0.1:1/db' does not answer"),
        ("postgresql://127.0.0.1:port/db", SettingError, "is no address"),
    ],
)
def test_a_storage_that_is_none_or_does_not_answer_is_one_sentence(make_tuning, storage, error, reason):
    with pytest.raises(error, match=reason) as raised:
        events_of(make_tuning(storage=storage), trials=1)
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_no_journal_is_refused_and_stays(make_tuning, tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("anna\nhanna\n")
    with pytest.raises(RunError, match="is damaged: it is no journal of Optuna"):
        events_of(make_tuning(storage=str(path)), trials=1)
    assert path.read_text() == "anna\nhanna\n"


def test_a_full_disk_is_one_sentence_and_the_trials_before_are_kept(make_tuning, monkeypatch):
    tuning = make_tuning()
    events = tune(tuning, 60.0, trials=5)
    for event in events:
        if isinstance(event, TrialEnded):
            break

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("optuna.storages.journal._file.JournalFileBackend.append_logs", full)
        with pytest.raises(RunError, match="the study 'words-ngram' cannot be written: No space left on device"):
            list(events)
    assert events_of(tuning, trials=2)[0].trials == 1


@pytest.mark.slow
def test_a_network_is_tuned_and_its_run_has_the_loss_of_its_trial(make_tuning):
    finished = events_of(make_tuning(**MLP), trials=2)[-1]
    assert finished.result.losses["dev"].nats_per_character == finished.best
    assert finished.result.steps == 40
