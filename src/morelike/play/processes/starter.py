"""Processes that train: one may be started before its run is there, so that its imports take no time later."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

WORKER = (sys.executable, "-m", "morelike.play.worker")
RUN = "run"
"""The name in the first line that a prepared process reads: the folder of its run."""


class Processes:
    """Starts processes with a command, to which the folder of a run is added."""

    def __init__(self, command: Sequence[str] = WORKER) -> None:
        self._command = command
        self._prepared: subprocess.Popen[str] | None = None
        self._lock = Lock()

    def prepare(self) -> None:
        """Start a process that imports what it needs, and then waits for its run."""
        self._prepared = self._open()

    def start(self, folder: Path) -> subprocess.Popen[str]:
        """Return a process that trains the run in this folder: the prepared one, or a new one."""
        with self._lock:
            prepared, self._prepared = self._prepared, None
        if prepared:
            assert prepared.stdin
            with suppress(OSError):  # it has ended
                prepared.stdin.write(json.dumps({RUN: str(folder)}) + "\n")
                prepared.stdin.flush()
                return prepared
        return self._open(str(folder))

    def close(self) -> None:
        """Let the prepared process end."""
        with self._lock:
            prepared, self._prepared = self._prepared, None
        if prepared:
            prepared.communicate()  # which closes its standard input

    def _open(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self._command, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C in the terminal reaches the server alone, which lets the run be saved
        )
