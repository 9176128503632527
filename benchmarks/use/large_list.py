"""The large list: building its store, counting n-grams of order 5, steps of the default, in their own processes.

`MORELIKE_LARGE` names the list: one word a line, millions of lines. Counting and training read it from the store.
Training takes some steps and evaluates nothing, since an evaluation over an alphabet of thousands takes hours. Its
steps are compared with the steps on a short list of the same alphabet, drawn from the large list.
`python -m benchmarks.use.large_list draw LARGE SHORT`, `... count STORE` and `... train LIST` are the processes.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.harness.benchmark import Target
from benchmarks.harness.errors import FailedError
from benchmarks.harness.machine import benchmark_list, large_list
from benchmarks.harness.processes import Ran, morelike, run

ORDER = 5
STEPS = 30
AT_MOST = float(os.environ.get("MORELIKE_LARGE_SECONDS", "90"))
SHORT_LINES = 32_033
ROW = 20  # row length that training chooses for the large list; for the short list it might choose another
TARGETS = (
    Target(
        "n-grams of order 5 of the large list, counted and smoothed (Kneser-Ney): words a second of one processor",
        "counting.words_per_processor_second", 1_000_000, "words/s",
        "processor time of a whole process that reads the train split of the store, as the system reports it",
        bound="sorting the keys of the longest n-grams, and the start of the process",
    ),
    Target(
        "peak memory of counting and smoothing", "counting.peak_megabytes", 600, "MB", "the same process", at_most=True,
        bound="data on disk is memory-mapped, and its pages count while they are read",
    ),
    Target(
        "peak memory of training the default on the large list", "training.peak_megabytes", 1500, "MB",
        f"a process that opens the store and trains for {STEPS} steps", at_most=True,
        bound="the compiler, and the logits of a step over the whole alphabet",
    ),
    Target(
        "steps a second of training on the large list against training on 32,033 of its lines",
        "training.ratio", 0.95, "x", "the same alphabet, batch and settings; median step of each",
        bound="the two runs come one after the other, so other work on the machine changes the ratio",
    ),
)  # fmt: skip


def measure() -> dict[str, Any]:
    """Return processor seconds and peak memory of counting and training, and steps per second on both lists."""
    path = large_list()
    with path.open("rb") as file:
        lines = sum(1 for _ in file)
    found: dict[str, Any] = {"lines": lines, "stopped_after_seconds": AT_MOST}
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "large.store"
        found["store"] = _cost(run(morelike("data", "build", str(path), "-o", str(store))))
        for name, work in (("counting", _counting), ("training", _training)):
            try:
                found[name] = work(path, store)
            except FailedError as reason:
                found[name] = {"failed": str(reason)}
    return found


def _counting(_: Path, store: Path) -> dict[str, Any]:
    ran = run(_this("count", str(store)), at_most=AT_MOST)
    counted = json.loads(ran.printed)
    return {
        **_cost(ran),
        "words_per_processor_second": round(counted["lines"] / ran.processor_seconds),
        **counted,
    }


def _training(path: Path, store: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        short = Path(folder) / "short.txt"
        run(_this("draw", str(path), str(short)))
        few, names = (json.loads(run(_this("train", str(of))).printed) for of in (short, _names()))
        ran = run(_this("train", str(store)), at_most=AT_MOST)
    many = json.loads(ran.printed)
    return {
        **_cost(ran),
        "ratio": round(many["steps_per_second"] / few["steps_per_second"], 3),
        "symbols": many["symbols"],
        "steps_per_second": many["steps_per_second"],
        "short_list_steps_per_second": few["steps_per_second"],
        "names_steps_per_second": names["steps_per_second"],
    }


def _names() -> Path:
    return benchmark_list("names_32033.txt")


def _this(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.use.large_list", *arguments]


def _cost(ran: Ran) -> dict[str, Any]:
    return {
        "seconds": round(ran.seconds, 1),
        "processor_seconds": round(ran.processor_seconds, 1),
        "peak_megabytes": ran.peak_megabytes,
    }


def draw(large: str, short: str) -> None:
    """Write lines drawn at random, and one line for each character that they lack."""
    words = Path(large).read_text("utf-8").splitlines()
    drawn = random.Random(0).sample(words, SHORT_LINES)
    missing = set().union(*words) - set().union(*drawn)
    for word in words:
        if not missing.isdisjoint(word):
            drawn.append(word)
            missing -= set(word)
    Path(short).write_text("\n".join(drawn) + "\n", "utf-8")


def count(path: str) -> None:
    """Count and smooth the n-grams of a store's train split, and print their number."""
    from morelike.architecture import CountedArchitecture, build
    from morelike.text.store.format import Store

    store = Store.open(path)
    lines, nothing = store.lines("train"), store.vocabulary.encode_lines([])
    ngram = build("ngram", {"order": ORDER, "smoothing": "kneser-ney"})
    assert isinstance(ngram, CountedArchitecture)
    weights = ngram.fit(lines, nothing, store.vocabulary.size)
    print(json.dumps({"lines": len(lines), "ngrams": sum(len(weights[f"keys.{k}"]) for k in range(1, ORDER + 1))}))


def train(path: str) -> None:
    """Train the default for some steps and print their speed without compiling."""
    from morelike.runs.events import Progress
    from morelike.runs.plan import make_plan
    from morelike.text.reading import read_corpus
    from morelike.training.experiment import fit
    from morelike.training.preparation import prepare

    prepared = prepare(make_plan(read_corpus(path), settings={"row_length": ROW}))
    rates: list[float] = []
    seen = [0]
    for event in fit(
        prepared.plan, prepared.train, prepared.dev, prepared.vocabulary.size, should_stop=lambda: seen[-1] >= STEPS
    ):  # fmt: skip
        if isinstance(event, Progress):
            rates.append((event.step - seen[-1]) / event.seconds)
            seen.append(event.step)
    speed = statistics.median(rates[1:] or rates)
    print(json.dumps({"steps_per_second": round(speed, 2), "symbols": prepared.vocabulary.size}))


if __name__ == "__main__":
    {"draw": draw, "count": count, "train": train}[sys.argv[1]](*sys.argv[2:])
