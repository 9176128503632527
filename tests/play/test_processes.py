"""Processes that train: one is prepared before its run is there, and ends with the server if it gets none."""

import sys

import pytest

from morelike.play.limits import PlayLimits
from morelike.play.processes.starter import Processes
from morelike.play.runs import Runs

from .test_worker import events_of, small_plan, wait_for

ECHO = (sys.executable, "-c", "import sys; print(sys.argv[1:] or sys.stdin.readline(), flush=True)")


def test_a_prepared_process_gets_the_first_run_and_the_next_run_a_new_process(tmp_path):
    processes = Processes(ECHO)
    processes.prepare()
    first, second = processes.start(tmp_path / "a"), processes.start(tmp_path / "b")
    assert first.communicate(timeout=30)[0].strip() == f'{{"run": "{tmp_path / "a"}"}}'
    assert second.communicate(timeout=30)[0].strip() == str([str(tmp_path / "b")])


@pytest.mark.slow
def test_a_prepared_process_that_gets_no_run_ends(tmp_path):
    processes = Processes()
    processes.prepare()
    prepared = processes._prepared
    processes.close()
    assert prepared.poll() == 0


@pytest.mark.slow
def test_a_prepared_process_trains_its_run(tmp_path):
    processes = Processes()
    processes.prepare()
    runs = Runs(tmp_path, PlayLimits(), processes)
    run = runs.begin(small_plan(steps=4, chunk=2, evaluate_every=4))
    wait_for(lambda: run.status in ("finished", "failed"))
    assert events_of(run, "failed") == []
    assert run.step == 4
    runs.close()
