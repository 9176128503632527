"""What the tests of whole sessions share: a long run that the page begins, and the processes of a server."""

import json
import time
from contextlib import suppress
from pathlib import Path

ENDLESS = {"steps": 100_000_000, "hidden": 8, "context": 2, "embedding": 4, "chunk": 20, "evaluate_every": 2000}
POST = """async ([path, body]) => {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  return answer.json();
}"""


def wait_for(true, seconds=120.0):
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def begin_long(page, **settings):
    """Begin a run of this page's list that has no end, and show it; return its facts."""
    listed = page.evaluate("fetch('/api/state').then((answer) => answer.json())")["runs"][0]["list_id"]
    body = {"list": listed, "kind": "mlp", "quick": False, "settings": ENDLESS | settings}
    run = page.evaluate(POST, ["/api/runs", body])
    assert "id" in run, run
    page.reload()
    return run


def worker_of(folder):
    """Return the process that trains the run of a folder."""
    return wait_for(lambda: next(filter(is_running, processes_of(folder)), None))


def processes_of(folder):
    """Yield the processes that train the run of a folder."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if path.read_bytes().endswith(b"morelike.play.worker\0" + bytes(folder) + b"\0"):
                yield int(path.parent.name)


def children(process):
    """Return the processes that a process has started, and that run."""
    return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/stat") if parent_of(path) == process]


def parent_of(stat):
    """Return the parent in a /proc/PID/stat, None if the process has ended."""
    try:
        state, parent = stat.read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state == "Z" else int(parent)


def is_running(process):
    return parent_of(Path(f"/proc/{process}/stat")) is not None


def meta(folder):
    return json.loads((folder / "meta.json").read_text())
