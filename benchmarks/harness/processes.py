"""Processes that are measured from outside, and workers that answer in turn."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

from benchmarks.harness.errors import FailedError
from benchmarks.harness.machine import ROOT


@dataclass(frozen=True)
class Ran:
    """The time and memory of a process, and its stdout."""

    seconds: float
    processor_seconds: float
    peak_megabytes: int
    printed: str


def morelike(*arguments: str) -> list[str]:
    """Return the command line of `morelike` with these arguments."""
    return [sys.executable, "-m", "morelike", *arguments]


def run(command: list[str], *, environment: Mapping[str, str] | None = None, at_most: float | None = None) -> Ran:
    """Run a process to its end; return its time and memory, measured from outside.

    Its peak memory includes the pages of this process, so this process stays small.

    Raises:
        FailedError: the process failed, or was stopped after `at_most` seconds.
    """
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, env=_with(environment), stdout=printed, stderr=said)
        limit = Timer(at_most or 0, process.kill)
        if at_most:
            limit.start()
        _, status, usage = os.wait4(process.pid, 0)
        limit.cancel()
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        if process.returncode:
            words = said.read().decode().strip().splitlines()
            reason = f"was stopped after {at_most:.0f} s" if at_most and seconds > at_most else "failed"
            raise FailedError(f"`{' '.join(command[1:])}` {reason}{': ' + words[-1] if words else ''}")
        printed.seek(0)
        return Ran(
            seconds,
            usage.ru_utime + usage.ru_stime,
            round(usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6),
            printed.read().decode(),
        )


def _with(more: Mapping[str, str] | None) -> dict[str, str]:
    """Return this process's environment with more variables; modules stay compiled, as after `pip install`."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | dict(more or {})


@contextmanager
def with_empty_cache() -> Iterator[dict[str, str]]:
    """Yield an environment with an empty cache of compiled programs."""
    with tempfile.TemporaryDirectory() as folder:
        yield {"JAX_COMPILATION_CACHE_DIR": folder}


class Worker:
    """A process that answers one question after another, so that two workers can take turns without a new start."""

    def __init__(self, module: str, task: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> None:
        command = [sys.executable, "-m", module, json.dumps(task)]
        began = time.perf_counter()
        self.module = module
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=_with(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            self.facts = self._answer()
        except FailedError:
            self.close()
            raise
        self.start_seconds = time.perf_counter() - began

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, which exits at the end of its stdin."""
        assert self._process.stdin
        assert self._process.stdout
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def ask(self, what: str, **arguments: Any) -> dict[str, Any]:
        """Return the answer to one question."""
        assert self._process.stdin
        print(json.dumps({"what": what, **arguments}), file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise FailedError(f"the process `python -m {self.module}` ended before it answered")
        answer: dict[str, Any] = json.loads(line)
        return answer


def serve(worker: Any, questions: Iterable[str] = sys.stdin) -> None:
    """Print the worker's `facts`, then answer questions, one JSON object a line, by the worker's methods."""
    print(json.dumps(worker.facts), flush=True)
    for line in questions:
        asked = json.loads(line)
        print(json.dumps(getattr(worker, asked.pop("what"))(**asked)), flush=True)


def timed(work: Callable[[], object], steps: int, seconds: float) -> dict[str, float]:
    """Call `work`, which takes `steps` steps, for about so many seconds; return the steps and their time."""
    done, began, processor = 0, time.perf_counter(), time.process_time()
    while (taken := time.perf_counter() - began) < seconds:
        work()
        done += steps
    return {"steps": done, "seconds": taken, "processor_seconds": time.process_time() - processor}


def peak_megabytes() -> int:
    """Return the peak memory of this process; on Linux without the memory of its parent."""
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) * 1024 / 1e6)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)
