"""`morelike sample` in a fresh process: wall time of the whole command, median of cold processes."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.harness.benchmark import Target
from benchmarks.harness.errors import FailedError
from benchmarks.harness.processes import morelike, run

COUNT = 20
REPEATS = 9
TARGETS = (
    Target(
        f"`morelike sample -n {COUNT}` of the default model, cold", "sample_seconds", 0.6, "s",
        "wall time of the whole process, median of nine; each prints 20 words", at_most=True,
        bound="importing NumPy, pydantic and cyclopts",
    ),
)  # fmt: skip


def measure() -> dict[str, Any]:
    """Return the median seconds of `sample` and of `--help`."""
    import morelike as library

    with tempfile.TemporaryDirectory() as folder:
        path = library.train(library.read_lines("names"), "gru", steps=20).save(Path(folder) / "model")
        run(morelike("sample", str(path)))  # leaves the modules compiled
        sampling = [run(morelike("sample", str(path), "-n", str(COUNT))) for _ in range(REPEATS)]
        if any(len(ran.printed.split()) != COUNT for ran in sampling):
            raise FailedError(f"`morelike sample -n {COUNT}` did not give {COUNT} words")
        helping = [run(morelike("--help")) for _ in range(REPEATS)]
    return {
        "sample_seconds": round(statistics.median(ran.seconds for ran in sampling), 3),
        "sample_processor_seconds": round(statistics.median(ran.processor_seconds for ran in sampling), 3),
        "help_seconds": round(statistics.median(ran.seconds for ran in helping), 3),
    }
