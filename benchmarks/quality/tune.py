"""`morelike tune` for ten minutes on civil_mots, from its defaults: the test loss of the best single network.

Two processes work on one study, each with one thread, as on a machine with two cores. The last one makes the run of the
best settings, within the budget. It takes eleven minutes, so it is measured only if `MORELIKE_LONG` is set.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.harness.benchmark import Target
from benchmarks.harness.errors import FailedError, SkippedError
from benchmarks.harness.machine import benchmark_list
from benchmarks.harness.processes import morelike

BUDGET = "10m"
PROCESSES = 2
MOST_SECONDS = 1200
TARGETS = (
    Target(
        "`morelike tune` for ten minutes on civil_mots: test of the best single network", "test", 1.50, "",
        "two processes with one thread each; from the defaults of the default kind, nothing preset for this list",
        at_most=True,
        bound="the number of trials in ten minutes: see `trials` in the JSON",
    ),
)  # fmt: skip


def measure() -> dict[str, Any]:
    """Return the losses of the run, its settings, the trials, and the seconds of the whole command.

    Raises:
        SkippedError: `MORELIKE_LONG` is not set.
        FailedError: a process failed, or none made the run.
    """
    if not os.environ.get("MORELIKE_LONG"):
        raise SkippedError("it takes eleven minutes: set MORELIKE_LONG=1")
    path = benchmark_list("civil_mots.txt")
    command = morelike("tune", str(path), "--budget", BUDGET, "--threads", "1", "--no-report", "--json")
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        started = [
            subprocess.Popen(command, cwd=Path(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(PROCESSES)
        ]
        printed = [process.communicate(timeout=MOST_SECONDS) for process in started]
        seconds = time.perf_counter() - began
    if any(process.returncode for process in started):
        raise FailedError(f"`{' '.join(command[1:])}` failed: {printed[0][1].strip()}")
    found = [json.loads(out) for out, _ in printed]
    made = [each for each in found if each["result"]]
    if len(made) != 1:
        raise FailedError(f"{len(made)} of {PROCESSES} processes made the run of the best settings, not one")
    best = made[0]
    return {
        **{part: best["result"][part]["nats"] for part in ("train", "dev", "test")},
        "seconds": round(seconds, 1),
        **{name: best[name] for name in ("trials", "importance")},
        "settings": best["best"]["settings"],
    }
