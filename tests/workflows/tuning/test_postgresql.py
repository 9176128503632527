"""A search in a PostgreSQL that the tests start: several processes, a killed one, and a server that goes away."""

import json
import subprocess
import sys
import time
from contextlib import closing

import pytest

from morelike.errors import RunError
from morelike.workflows.tuning import TrialEnded, TrialStarted, storage, tune

from .small_study import WORDS, worker_on

pytest.importorskip("optuna")
psycopg = pytest.importorskip("psycopg")


@pytest.fixture(autouse=True)
def quick_heartbeats(monkeypatch):
    monkeypatch.setattr(storage, "HEARTBEAT_SECONDS", 1)


def test_a_search_in_a_database_goes_on_from_anywhere(make_tuning, postgresql, tmp_path):
    first = list(tune(make_tuning(storage=postgresql, name="anywhere"), 60.0, trials=2))
    assert first[-1].result
    elsewhere = make_tuning(storage=postgresql, name="anywhere")
    again = list(tune(elsewhere, 60.0, trials=2))
    assert again[0].trials == 2
    assert {event.number for event in again if isinstance(event, TrialEnded)}.isdisjoint({0, 1})
    assert not (elsewhere.folder / "journal.log").exists()


@pytest.mark.slow
def test_the_trial_of_a_killed_process_is_begun_again_when_its_heartbeats_stop(make_tuning, postgresql, tmp_path):
    tuning = make_tuning(storage=postgresql, name="killed")
    with worker_on(tuning.out, postgresql, name="killed") as (_, number, settings):
        at_work = list(tune(tuning, 60.0, trials=1))[-1]
        assert (at_work.others, at_work.result) == (1, None)
    time.sleep(storage.MISSED_HEARTBEATS * storage.HEARTBEAT_SECONDS + 1.5)
    events = list(tune(tuning, 60.0, trials=1))
    started = next(event for event in events if isinstance(event, TrialStarted))
    assert started.settings == settings
    assert started.number > number
    assert events[-1].result


def test_a_trial_whose_process_was_killed_before_its_first_heartbeat_is_begun_again(make_tuning, postgresql):
    from morelike.workflows.tuning.study import Study

    tuning = make_tuning(storage=postgresql, name="early")
    with closing(Study(tuning)) as study:
        with storage.quiet_optuna():
            study._study.ask()
        assert study.others() == 1
        time.sleep(storage.MISSED_HEARTBEATS * storage.HEARTBEAT_SECONDS + 1.5)
        assert study.others() == 0


def test_a_database_that_goes_away_during_a_trial_is_one_sentence(make_tuning, postgresql):
    with psycopg.connect(postgresql, autocommit=True) as server:
        server.execute("CREATE DATABASE away")
        events = tune(make_tuning(storage=postgresql.replace("/postgres", "/away")), 60.0, trials=5)
        for event in events:
            if isinstance(event, TrialEnded):
                break
        server.execute("DROP DATABASE away WITH (FORCE)")
    with pytest.raises(RunError, match=r"the storage 'postgresql://morelike@.*/away' does not answer: ") as raised:
        list(events)
    assert "\n" not in str(raised.value)


@pytest.mark.slow
def test_four_processes_share_a_search_and_one_makes_the_run(postgresql, tmp_path):
    (tmp_path / "words.txt").write_text("".join(f"{word}\n" for word in WORDS))
    command = [sys.executable, "-m", "morelike", "tune", "words.txt", "--model", "ngram", "--storage", postgresql]
    command += ["--study", "four", "--trials", "4", "--no-report", "--json", "--space", "alpha=0.001..1"]
    workers = [
        subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    done = [worker.communicate(timeout=200) for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 4, done
    outcomes = [json.loads(out) for out, _ in done]
    assert sum(outcome["result"] is not None for outcome in outcomes) == 1
    assert max(sum(outcome["trials"].values()) for outcome in outcomes) >= 16
    assert len(list((tmp_path / "runs").glob("*/meta.json"))) == 1
