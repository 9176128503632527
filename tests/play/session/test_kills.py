"""Server, worker and page are killed at random: nothing is lost, no process is left, and the run ends with its bytes.

`MORELIKE_KILLS` is the number of kills, 20 by default.
"""

import os
import random
import shutil
import signal
import time
from collections import Counter
from contextlib import suppress

import pytest

from morelike.runs.looks import Looks
from morelike.runs.plan import hiding_test, make_plan, plan_of_run
from morelike.runs.run_folder import RunFolder
from morelike.text.corpus import corpus_of
from morelike.training.experiment import run_experiment, start_run

from ...training.runs import PRODUCTS, pronounceable, small_settings
from .processes import is_running, processes_of, wait_for
from .server import Server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]
KILLS = int(os.environ.get("MORELIKE_KILLS", "20"))
SEED = int(os.environ.get("MORELIKE_SEED", "0"))
SCHEDULE = {"steps": 6000, "chunk": 10, "evaluate_every": 300}
KNOBS = '{"step": 310, "learning_rate": 0.02}\n{"step": 2000, "learning_rate": 0.005}\n'
LONGEST = 2.0
"""Seconds until a kill at most. A process begins to train after about two."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nobody kills, and one that has not begun yet."""
    out = tmp_path_factory.mktemp("kills")
    plan = hiding_test(
        make_plan(corpus_of("words", pronounceable(), "lines"), "mlp", settings=small_settings("mlp", **SCHEDULE))
    )
    fresh = start_run(plan, out)
    fresh.knobs.write_text(KNOBS)
    run = RunFolder(shutil.copytree(fresh.path, out / "whole"))
    for _ in run_experiment(plan_of_run(run), run):
        pass
    return run, fresh


def bytes_of(run):
    return [(run.path / name).read_bytes() for name in (*PRODUCTS, "model/model.safetensors")]


class Session:
    """A run that is trained by the page; `kill` ends one of its processes at a random moment."""

    def __init__(self, path, rng, settings):
        self.run, self.rng, self.settings = RunFolder(path), rng, settings
        self.kept = {"version": 0, "starred": []}
        self.saved = 0
        self.server, self.page = Server(path), None

    def go_on(self):
        """Look at the run, and let it train; return whether it does."""
        if self.server.status == "finished":
            return False
        self.page = self.page or self.server.watch()
        wait_for(lambda: self.server.ask("POST", "/command", {"command": "continue"})[0] == 200)
        if self.rng.random() < 0.5:  # the kill comes while it trains, otherwise perhaps before
            wait_for(lambda: self.has_begun() or self.server.status in ("finished", "failed"))
        return True

    def has_begun(self):
        last = [event["type"] for event in self.page.events]
        begun = [i for i, event in enumerate(self.page.events) if event.get("status") == "starting"]
        return "progress" in last[begun[-1] if begun else 0 :]

    def keep(self):
        """Star one more word; an answer says that it is kept."""
        starred = [*self.kept["starred"], f"word{len(self.kept['starred'])}"]
        status, answer = self.server.ask("PUT", "/make/kept", {**self.kept, "starred": starred})
        assert status == 200, answer
        self.kept = {"version": answer["version"], "starred": starred}

    def kill(self, target):
        """Kill the server, the worker, the page, or the server and then the worker while it saves."""
        workers = [*processes_of(self.run.path)]
        if target == "page":
            self.page.close()
        elif target == "worker":
            for worker in workers:
                _kill(worker)
        else:
            self.server.end()
            if target == "both":
                time.sleep(self.rng.uniform(0, 0.3))
                for worker in workers:
                    _kill(worker)
        wait_for(lambda: not [*filter(is_running, processes_of(self.run.path))])
        if target in ("server", "both"):
            self.page.close()
            self.check()
            self.server = Server(self.run.path)
        else:
            wait_for(lambda: self.server.status in ("stopped", "finished", "failed"))
            self.check()
        self.page = None if target != "worker" else self.page

    def check(self):
        """Whatever was there before the kill is there after it."""
        assert self.run.meta()["status"] in ("stopped", "interrupted", "finished", "created")
        assert (self.run.path / "config.toml").read_bytes() in self.settings
        assert self.run.knobs.read_text() == KNOBS
        if self.run.meta()["status"] != "finished":
            newest = self.run.checkpoints.newest()
            step = newest.facts["step"] if newest else 0
            assert step >= self.saved
            self.saved = step
            assert all("not complete" in each for each in self.run.checkpoints.damaged)  # one that was being written
        looks = Looks(self.run)
        for step in looks.steps():
            assert looks.weights(step)

    def finish(self):
        wait_for(lambda: self.server.status in ("finished", "failed"))
        assert self.server.status == "finished"

    def end(self):
        if self.page:
            self.page.close()
        self.server.end()


def _kill(process):
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def test_whatever_is_killed_nothing_is_lost_and_the_run_ends_with_the_same_bytes(whole, tmp_path):
    settings = [(run.path / "config.toml").read_bytes() for run in whole]  # before and after the lengths are known
    whole_run, fresh = whole
    rng, kills, runs = random.Random(SEED), Counter(), 0
    began = time.monotonic()
    while kills.total() < KILLS or not runs:
        session = Session(shutil.copytree(fresh.path, tmp_path / f"run{runs}"), rng, settings)
        try:
            while session.go_on():
                session.keep()
                if kills.total() < KILLS:
                    time.sleep(rng.uniform(0, LONGEST))
                    target = rng.choice(["server", "worker", "page", "both"])
                    session.kill(target)
                    kills[target] += 1
                    print(f"{kills.total()} {target} step {session.saved} {time.monotonic() - began:.0f} s", flush=True)
                else:
                    session.finish()
            assert session.server.ask("GET", "/make/kept")[1]["starred"] == session.kept["starred"]
        finally:
            session.end()
        assert bytes_of(session.run) == bytes_of(whole_run)
        shutil.rmtree(session.run.path)
        runs += 1
    print(f"{dict(kills)} of {runs} runs", flush=True)
    assert [*tmp_path.iterdir()] == []
