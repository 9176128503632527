"""The live page of a run that this process trains: a process of its own shows the run's files."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

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
    page = subprocess.Popen([sys.executable, "-m", "morelike", "play", str(run.path)], stdin=subprocess.DEVNULL)
    try:
        yield
        if page.poll() is None and run.meta()["status"] == "finished":
            print_note("The page stays open until Ctrl-C.")
            with Interrupts() as interrupts:
                while page.poll() is None and interrupts.received is None:
                    time.sleep(0.1)
    finally:
        page.terminate()
        page.wait(SECONDS)
