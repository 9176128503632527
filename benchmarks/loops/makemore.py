"""Words a second against makemore.py as it is shipped (Karpathy 2022), run with its own arguments for some steps.

`python -m benchmarks makemore --makemore PATH` uses the step times that makemore.py prints. Ours has the same model,
batch size, optimiser and rate. Each side starts from its own weights, so after the same number of steps the losses must
be close, not equal.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.harness.errors import DiffersError, FailedError, SkippedError
from benchmarks.harness.machine import benchmark_list
from benchmarks.harness.processes import Worker, run, with_empty_cache

STEPS, BATCH, RATE, ROWS = 300, 32, 5e-4, 16
AGREEMENT = 0.25
"""Allowed difference (nats) of the losses of single batches after the steps."""

PRINTED = re.compile(r"step (\d+) \| loss ([\d.]+) \| step time ([\d.]+)ms")
KINDS: dict[str, dict[str, Any]] = {
    "gru": {"embedding": 64, "hidden": 64, "dropout": 0.0},
    "transformer": {"embedding": 64, "layers": 4, "heads": 4, "context": 16},
}


def measure() -> dict[str, Any]:
    """Return for each kind the words per second of both sides and their ratio."""
    script = os.environ.get("MORELIKE_MAKEMORE", "")
    if not Path(script).is_file():
        raise SkippedError("this needs makemore.py, which does not ship: give its path with --makemore")
    path = benchmark_list("names_32033.txt")
    return {kind: _measure(kind, settings, script, path) for kind, settings in KINDS.items()}


def _measure(kind: str, settings: dict[str, Any], script: str, path: Path) -> dict[str, Any]:
    step_seconds, their_loss = _theirs(kind, script, path)
    speed, our_loss = _ours(kind, settings, path)
    if abs(their_loss - our_loss) > AGREEMENT:
        raise DiffersError(f"{kind}: the losses after {STEPS} steps are {our_loss:.2f} and makemore's {their_loss:.2f}")
    theirs = BATCH / step_seconds
    return {
        "ratio": round(speed / theirs, 2),
        "morelike_words_per_second": round(speed),
        "makemore_words_per_second": round(theirs),
        "loss": our_loss,
        "makemore_loss": their_loss,
    }


def _theirs(kind: str, script: str, path: Path) -> tuple[float, float]:
    """Return the median seconds of a step and the mean of the last losses that makemore prints."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, script, "-i", str(path), "-o", folder, "--type", kind, "--max-steps", str(STEPS)]
        ran = run([*command, "--device", "cpu", "-b", str(BATCH), "-l", str(RATE), "--num-workers", "0"])
    found = PRINTED.findall(ran.printed)
    if not found:
        raise FailedError(f"{script} printed no step times")
    return (
        statistics.median(float(milliseconds) for *_, milliseconds in found) / 1000,
        statistics.mean(float(loss) for _, loss, _ in found[-5:]),
    )


def _ours(kind: str, settings: dict[str, Any], path: Path) -> tuple[float, float]:
    """Return our words per second, and the loss after the same number of steps."""
    training = {
        "optimizer": "adamw", "learning_rate": RATE, "weight_decay": 0.01, "schedule": "constant", "warmup": 0,
        "clip": 0, "batch_size": ROWS, "row_length": 16, "steps": STEPS,
    }  # fmt: skip
    task = {"path": str(path), "form": "lines", "split": "makemore", "settings": {"kind": kind, **settings, **training}}
    with with_empty_cache() as cache, Worker("benchmarks.loops.worker", task, cache) as worker:
        loss = worker.ask("to_loss", loss=0.0, most=STEPS)["loss"]
        ran = worker.ask("speed", seconds=2.0)
        return ran["steps"] / ran["seconds"] * worker.facts["words_per_step"], loss
