"""The large list: counting n-grams of order 5, and training the default, in processes of their own.

The list is that of `MORELIKE_LARGE`, one word a line, of millions of lines. The commands stand in `COUNTING` and
`TRAINING` alone. Steps of training are compared with those on a short list with the same alphabet, drawn from the large
one: an alphabet of thousands costs what it costs, however many lines there are.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.benchmark import FailedError, Target
from benchmarks.machine import benchmark_list, large_list
from benchmarks.processes import Ran, morelike, run

COUNTING = ("--model", "ngram", "--order", "5")
TRAINING = ("--steps", "200", "--evaluate-every", "200")
AT_MOST = float(os.environ.get("MORELIKE_LARGE_SECONDS", 150))
SHORT_LINES = 32_033
TARGETS = (
    Target(
        "n-grams of order 5 counted on the large list, judged and saved: words per second of one processor",
        "counting.words_per_processor_second", 1_000_000, "words/s",
        "processor time of the whole `morelike train` by the system's own account",
        bound="the list is read into Python strings, and each order sorted anew",
    ),
    Target(
        "peak memory of that", "counting.peak_megabytes", 600, "MB", "the same process", at_most=True,
        bound="the words, and all tokens of each order, are in memory at once",
    ),
    Target(
        "peak memory of training the default on the large list", "training.peak_megabytes", 1500, "MB",
        "the whole `morelike train`, 200 steps", at_most=True,
        bound="the words are in memory as Python strings, several times over",
    ),
    Target(
        "steps a second there against a list of 32,033 lines with the same alphabet", "training.ratio", 0.95, "x",
        "the speed that both runs tell, compiling left out",
        bound="the machine was busy, or work of a step grows with the list",
    ),
)  # fmt: skip


def measure() -> dict[str, Any]:
    """Return processor seconds and peak memory of both commands, and the steps per second on both lists."""
    path = large_list()
    with path.open("rb") as file:
        lines = sum(1 for _ in file)
    found: dict[str, Any] = {"lines": lines}
    for name, work in (("counting", _counting), ("training", _training)):
        try:
            found[name] = work(path, lines)
        except FailedError as reason:
            found[name] = {"failed": str(reason)}
    return found


def _counting(path: Path, lines: int) -> dict[str, Any]:
    ran, result = _train(path, *COUNTING)
    return {
        **_cost(ran),
        "words_per_processor_second": round(lines / ran.processor_seconds),
        "test": result["test"]["nats"],
    }


def _training(path: Path, lines: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        short = Path(folder) / "short.txt"
        # In a process of its own: the peak of one that starts others counts as theirs.
        run([sys.executable, "-m", "benchmarks.large_list", str(path), str(short)])
        (_, few), (_, names) = _train(short, *TRAINING), _train(benchmark_list("names_32033.txt"), *TRAINING)
        ran, many = _train(path, *TRAINING)
    return {
        **_cost(ran),
        "ratio": round(many["steps_per_second"] / few["steps_per_second"], 3),
        "steps_per_second": many["steps_per_second"],
        "short_list_steps_per_second": few["steps_per_second"],
        "names_steps_per_second": names["steps_per_second"],
    }


def draw(path: Path, short: Path) -> None:
    """Write lines drawn evenly, and one line of each character that they leave out."""
    words = path.read_text("utf-8").splitlines()
    drawn = random.Random(0).sample(words, SHORT_LINES)
    missing = set().union(*words) - set().union(*drawn)
    for word in words:
        if not missing.isdisjoint(word):
            drawn.append(word)
            missing -= set(word)
    short.write_text("\n".join(drawn) + "\n", "utf-8")


def _train(path: Path, *options: str) -> tuple[Ran, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        command = morelike("train", str(path), *options, "--no-report", "--json", "--out", folder)
        ran = run(command, at_most=AT_MOST)
    return ran, json.loads(ran.printed)


def _cost(ran: Ran) -> dict[str, Any]:
    return {
        "seconds": round(ran.seconds, 1),
        "processor_seconds": round(ran.processor_seconds, 1),
        "peak_megabytes": ran.peak_megabytes,
    }


if __name__ == "__main__":
    draw(Path(sys.argv[1]), Path(sys.argv[2]))
