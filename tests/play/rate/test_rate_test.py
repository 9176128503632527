"""The learning-rate test of the page: its numbers are those of `morelike lr`, and it ends with its request."""

import asyncio
import json
import os
import signal
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

import numpy as np
import pytest

from morelike.cli.main import main
from morelike.play.rate.routes import RateTests
from morelike.play.rate.worker import RateTest
from morelike.play.runs import LiveRun
from morelike.runs.plan import hiding_test, make_plan
from morelike.text.corpus import corpus_of
from morelike.training.experiment import start_run
from morelike.workflows.learning_rate_test import range_test

from ...training.runs import pronounceable, small_settings
from ..browser import served

WORDS = pronounceable(60)
LOW, HIGH, STEPS = 1e-3, 1.0, 100
FAKE = """
import json, os, sys
print(json.dumps({"type": "steps", "pid": os.getpid(), "given": sys.argv[1:]}), flush=True)
if sys.argv[1] == "die":
    sys.exit(1)
if sys.argv[1] == "hang":
    sys.stdin.read()
print(json.dumps({"type": "finished"}))
"""


def plan_of(kind="mlp"):
    return hiding_test(make_plan(corpus_of("words", WORDS, "lines"), kind, settings=small_settings(kind)))


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def wait_for(true, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def fake(tmp_path):
    """A function that makes tests of learning rates in a process that does none."""
    script = tmp_path / "rate_worker.py"
    script.write_text(FAKE)
    return lambda seconds=60.0: RateTests(LiveRun, seconds, (sys.executable, str(script)))


def events_of(tests, *arguments):
    async def read():
        return [json.loads(line) async for line in tests.events(arguments)]

    return asyncio.run(read())


def events_in_process(run, file):
    """Return the events of a test in this process."""
    with file.open("w") as output:
        RateTest(run, LOW, HIGH, STEPS, output).work()
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_its_numbers_are_those_of_the_range_test_and_its_steps_come_before(tmp_path):
    run = start_run(plan_of(), tmp_path)
    *parts, last = events_in_process(run, tmp_path / "events")
    expected = range_test(plan_of(), low=LOW, high=HIGH, steps=STEPS)
    assert (last["type"], last["suggestion"]) == ("finished", expected.suggestion)
    assert last["still_falling"] == expected.reason.endswith("--high")
    for name in ("rates", "losses", "smoothed"):
        np.testing.assert_allclose(last[name], getattr(expected, name), rtol=1e-5)
    assert {part["type"] for part in parts} == {"steps"}
    assert [loss for part in parts for loss in part["losses"]] == last["losses"]
    assert not run.metrics()


@pytest.mark.slow
def test_its_numbers_are_those_of_the_command(tmp_path, capsys):
    listed = tmp_path / "words.txt"
    listed.write_text("".join(f"{word}\n" for word in WORDS))
    last = events_in_process(start_run(plan_of(), tmp_path / "runs"), tmp_path / "events")[-1]
    settings = {**small_settings("mlp"), "evaluate_every": None, "steps": STEPS}
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items() if value is not None]
    with pytest.raises(SystemExit):
        main(["lr", str(listed), "--model", "mlp", "--json", *flags])
    said = json.loads(capsys.readouterr().out)
    assert last["suggestion"] == said["suggestion"]
    np.testing.assert_allclose(last["losses"], [each["loss"] for each in said["curve"]], rtol=1e-5)
    np.testing.assert_allclose(last["smoothed"], [each["smoothed"] for each in said["curve"]], rtol=1e-5)


def test_its_process_ends_when_nobody_takes_its_events_any_more(fake):
    async def leave(tests):
        events = tests.events(["hang"])
        first = json.loads(await anext(events))
        assert is_running(first["pid"])
        refused = [json.loads(line) async for line in tests.events(["hang"])]
        assert [each["type"] for each in refused] == ["failed"]
        assert "a learning-rate test is running already" in refused[0]["sentence"]
        await events.aclose()
        return first["pid"]

    tests = fake()
    pid = asyncio.run(leave(tests))
    wait_for(lambda: not is_running(pid))
    assert [each["type"] for each in events_of(tests, "again")] == ["steps", "finished"]


def test_a_process_that_dies_or_takes_too_long_is_told_in_one_sentence(fake):
    assert "ended unexpectedly: test again" in events_of(fake(), "die")[-1]["sentence"]
    (*_, late) = events_of(fake(seconds=0.6), "hang")
    assert "longer than 0.01 minutes and was ended" in late["sentence"]


@pytest.mark.parametrize("body", [{"low": 0}, {"steps": 5}, {"steps": 100_000}, {"high": "inf"}, {"rate": 1}])
def test_a_wrong_test_is_refused_in_one_sentence(client, body):
    text = "\n".join(f"{a}{b}" for a in "abcdefgh" for b in "aeiou")
    listed = client.post("/api/lists", json={"text": text}).json()["id"]
    run = client.post("/api/runs", json={"list": listed, "settings": {"hidden": 4}}).json()["id"]
    response = client.post(f"/api/runs/{run}/rate_test", json=body)
    assert response.status_code in (400, 422)
    assert "\n" not in response.json()["error"]
    assert client.post("/api/runs/nothing/rate_test", json={}).status_code == 404


def workers():
    """Return the ids of the processes that test learning rates."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdecimal() and b"morelike.play.rate.worker" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


@pytest.mark.slow
@pytest.mark.parametrize("end", ["page", "server"])
def test_no_process_is_left_when_the_page_is_closed_or_the_server_killed(tmp_path, end):
    others = {*workers()}
    with served(tmp_path, pronounceable(300)) as address:
        host, token = address.removeprefix("http://").split("/", 1)
        connection = HTTPConnection(host, timeout=60)
        connection.request("GET", f"/{token}")
        answer = connection.getresponse()
        answer.read()
        cookie = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}
        connection.request("GET", "/api/state", headers=cookie)
        state = json.loads(connection.getresponse().read())
        headers = {**cookie, "Content-Type": "application/json"}
        connection.request("POST", f"/api/runs/{state['runs'][0]['id']}/rate_test", '{"steps": 10000}', headers)
        answer = connection.getresponse()
        assert json.loads(answer.readline())["type"] == "steps"
        (worker,) = {*workers()} - others
        if end == "server":
            os.kill(int(Path(f"/proc/{worker}/stat").read_text().split()[3]), signal.SIGKILL)
        answer.close()
        connection.close()
        wait_for(lambda: not is_running(worker), 20)
