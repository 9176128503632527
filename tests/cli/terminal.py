"""A terminal for a command that runs in this process: what it prints there is kept."""

import os
import pty
import sys
import threading
from contextlib import suppress

import pytest

from morelike.cli.main import main


class Terminal:
    """Standard input, output and error as one terminal."""

    def __init__(self, monkeypatch):
        self._monkeypatch = monkeypatch

    def run(self, *arguments):
        """Run a command and return its exit status and what the terminal got."""
        ours, theirs = pty.openpty()
        shown = []
        reader = threading.Thread(target=self._read, args=(ours, shown))
        reader.start()
        with (
            self._monkeypatch.context() as patch,
            open(theirs, encoding="utf-8", closefd=False) as stdin,
            open(theirs, "w", encoding="utf-8", closefd=False) as stdout,
            open(theirs, "w", encoding="utf-8", errors="backslashreplace", closefd=False) as stderr,
        ):
            patch.setattr(sys, "stdin", stdin)
            patch.setattr(sys, "stdout", stdout)
            patch.setattr(sys, "stderr", stderr)
            with pytest.raises(SystemExit) as stop:
                main([str(argument) for argument in arguments])
        os.close(theirs)
        reader.join()
        os.close(ours)
        return stop.value.code or 0, b"".join(shown).decode("utf-8", "surrogateescape")

    @staticmethod
    def _read(ours, shown):
        with suppress(OSError):  # the terminal is closed
            while data := os.read(ours, 1 << 16):
                shown.append(data)
