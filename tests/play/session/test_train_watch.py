"""`morelike train --watch`: the page of a run of the command line, which ends with it."""

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest

from morelike.runs.run_folder import RunFolder

from ...training.runs import pronounceable
from .processes import children, is_running, meta, wait_for

pytestmark = pytest.mark.slow
SETTINGS = ["--hidden", "8", "--context", "2", "--embedding", "4", "--chunk", "20", "--evaluate-every", "200"]


@contextmanager
def watched(folder, steps):
    """Train with a page; give the process, that of its page, a function that asks the page, and the run's folder."""
    words = folder / "words.txt"
    words.write_text("".join(f"{word}\n" for word in pronounceable(300)))
    command = [
        sys.executable,
        "-m",
        "morelike",
        "train",
        str(words),
        "--model",
        "mlp",
        "--watch",
        "--steps",
        str(steps),
    ]
    environment = {**os.environ, "BROWSER": "true"}  # a browser that opens nothing
    process = subprocess.Popen(
        [*command, *SETTINGS, "--steps", str(steps), "--out", str(folder / "runs")],
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    (page,) = wait_for(lambda: children(process.pid))
    try:
        said = iter(process.stderr.readline, "")
        found = next(filter(None, (re.search(r"http://([\d.:]+)(/\?token=\S+)", line) for line in said)))
        connection = HTTPConnection(found[1], timeout=30)
        connection.request("GET", found[2])
        answer = connection.getresponse()
        answer.read()
        cookie = answer.getheader("set-cookie").partition(";")[0]

        def ask(path):
            connection.request("GET", path, headers={"Cookie": cookie})
            return json.loads(connection.getresponse().read())

        (run,) = (folder / "runs").iterdir()
        yield process, page, ask, run
        connection.close()
    finally:
        process.kill()
        process.communicate()


def test_the_page_follows_the_run_and_stays_after_its_end_until_ctrl_c(tmp_path):
    with watched(tmp_path, 400) as (process, page, ask, run):
        (shown,) = ask("/api/state")["runs"]
        assert shown["id"] == run.name
        wait_for(lambda: ask("/api/state")["runs"][0]["status"] == "finished")
        shown = ask(f"/api/runs/{run.name}")
        assert {0, 1, 2, 4, 8} <= {*shown["looks"]}
        assert shown["step"] == meta(run)["steps"]
        first, last = (ask(f"/api/runs/{run.name}/looks/{step}/landmarks") for step in (0, "last"))
        assert last["dev"]["nats"] < first["dev"]["nats"]
        wait_for(lambda: "model" in {path.name for path in run.iterdir()})
        assert is_running(page)
        process.send_signal(signal.SIGINT)
        process.wait(60)
        wait_for(lambda: not is_running(page))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_page_ends_with_the_training_however_it_ends(tmp_path, number):
    with watched(tmp_path, 100_000_000) as (process, page, ask, run):
        wait_for(lambda: ask("/api/state")["runs"][0]["step"] > 20)
        assert ask("/api/state")["runs"][0]["status"] == "followed"
        process.send_signal(number)
        process.wait(60)
        wait_for(lambda: not is_running(page))
        assert RunFolder(run).meta()["status"] == ("stopped" if number == signal.SIGKILL else "interrupted")
