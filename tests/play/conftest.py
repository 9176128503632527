"""What the tests of the page share: an app whose runs a fake process trains, and a client that has the cookie."""

import sys
import textwrap

import pytest

pytest.importorskip("fastapi")

from fastapi.testclient import TestClient

from morelike.play.app import make_play
from morelike.play.limits import PlayLimits
from morelike.play.lists import Lists
from morelike.play.processes.starter import Processes
from morelike.play.runs import Runs
from morelike.web.guard import Hosts

from .browser import launched

HOME = "http://127.0.0.1:8017"
FAKE = """
import json, sys
def say(**event): print(json.dumps(event), flush=True)
say(type="started", kind="gru", parameters=10, step=0, steps=4)
say(type="status", status="training")
say(type="progress", step=2, steps=4, loss=3.0, losses=[3.1, 2.9], blocks=[1, 1], rate=0.01)
for line in sys.stdin:
    command = json.loads(line)["command"]
    if command == "stop":
        break
    say(type="status", status={"pause": "paused"}.get(command, "training"))
say(type="status", status="stopped")
"""


@pytest.fixture(scope="module")
def chromium():
    with launched() as browser:
        yield browser


@pytest.fixture
def fake_worker(tmp_path):
    """The command of a process that trains nothing and obeys."""
    script = tmp_path / "worker.py"
    script.write_text(textwrap.dedent(FAKE))
    return sys.executable, str(script)


@pytest.fixture
def limits():
    return PlayLimits(body=4096, lines=100, longest=50, training=2, runs=3)


@pytest.fixture
def runs(tmp_path, fake_worker, limits):
    runs = Runs(tmp_path / "runs", limits, Processes(fake_worker))
    yield runs
    runs.close()


@pytest.fixture
def page(runs, limits):
    return make_play(runs, Lists(limits), Hosts.of("127.0.0.1", 8017), limits)


@pytest.fixture
def stranger(page):
    """A client without the cookie."""
    return TestClient(page.app, base_url=HOME, follow_redirects=False)


@pytest.fixture
def client(page, stranger):
    """A client that opened the address with the token."""
    stranger.get(f"/?token={page.token}")
    return stranger
