"""The live page of a run that this process trains: a process of its own shows the run's files."""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from morelike.cli.shared.exits import CTRL_C
from morelike.cli.shared.interrupts import Interrupts
from morelike.cli.shared.output import print_note
from morelike.runs.run_folder import RunFolder

SECONDS = 10.0
"""How long the page may take to end."""


@contextmanager
def live_page(run: RunFolder | None) -> Iterator[None]:
    """Show a run on the live page, also after its training, until Ctrl-C; without a run, show nothing."""
    if run is None:
        yield
        return
    page = subprocess.Popen([sys.executable, "-m", __name__, "play", str(run.path)], stdin=subprocess.PIPE)
    try:
        yield
        is_over = CTRL_C.ending or page.poll() is not None  # a Ctrl-C while the report was written ends the page too
        if not is_over and run.meta()["status"] == "finished":
            print_note("The page stays open until Ctrl-C.")
            with Interrupts() as interrupts:
                while page.poll() is None and interrupts.received is None:
                    time.sleep(0.1)
    finally:
        page.terminate()
        page.wait(SECONDS)


def _end_with_parent() -> None:
    """End this process when standard input ends: so it does when the process that trains is killed."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    runpy.run_module("morelike", run_name="__main__")
