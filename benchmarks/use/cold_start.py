"""`morelike sample` and `morelike train --quick` in fresh processes: wall time, imports and compiling."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.harness.benchmark import Target
from benchmarks.harness.errors import FailedError
from benchmarks.harness.machine import benchmark_list
from benchmarks.harness.processes import morelike, run, with_empty_cache

COUNT = 20
REPEATS = 9
TARGETS = (
    Target(
        f"`morelike sample -n {COUNT}` of the default model, cold", "sample_seconds", 0.6, "s",
        "wall time of the whole process, median of nine; each prints 20 words", at_most=True,
        bound="importing NumPy, pydantic and cyclopts",
    ),
    Target(
        "importing and compiling in a cold `morelike train --quick`", "quick.importing_and_compiling", 3.0, "s",
        "the import of its modules, and how much longer it takes with an empty cache of compiled programs; names_32033",
        at_most=True, bound="the program of the steps, two thirds of all compiling",
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
        "quick": _quick(),
        "sample_seconds": round(statistics.median(ran.seconds for ran in sampling), 3),
        "sample_processor_seconds": round(statistics.median(ran.processor_seconds for ran in sampling), 3),
        "help_seconds": round(statistics.median(ran.seconds for ran in helping), 3),
    }


def _quick() -> dict[str, float]:
    """Return the seconds of a quick training with an empty and with a filled cache, and those of its imports."""
    path = str(benchmark_list("names_32033.txt"))
    modules = "morelike.cli.training.train, morelike.training.jax.engine, morelike.reports.report_files"
    with tempfile.TemporaryDirectory() as folder, with_empty_cache() as cache:
        cold, warm = (
            run(morelike("train", path, "--quick", "--json", "--out", folder), environment=cache) for _ in range(2)
        )
    importing = [run([sys.executable, "-c", f"import {modules}"]) for _ in range(3)]
    imports = statistics.median(each.seconds for each in importing)
    processor = statistics.median(each.processor_seconds for each in importing)
    return {
        "cold": round(cold.seconds, 2),
        "warm": round(warm.seconds, 2),
        "importing": round(imports, 2),
        "importing_and_compiling": round(imports + cold.seconds - warm.seconds, 2),
        "importing_and_compiling_processor": round(processor + cold.processor_seconds - warm.processor_seconds, 2),
    }
