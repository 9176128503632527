"""Measure the figures of the README and write them between its two marks.

`python -m benchmarks figures` uses names_32033 with shuffle-42 throughout. Each training run starts with an empty cache
of compiled programs, so compiling is included. Times of commands are medians of five cold processes.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import morelike
from benchmarks.harness.machine import ROOT, benchmark_list, in_one_line, machine
from benchmarks.harness.processes import morelike as command_line
from benchmarks.harness.processes import run, with_empty_cache
from benchmarks.harness.table import between_marks
from benchmarks.loops import mlp_loop
from morelike.architecture import CountedArchitecture, build
from morelike.evaluation.loss import evaluate, line_losses
from morelike.text.examples.contexts import contexts
from morelike.text.splits import split
from morelike.text.vocabulary import Vocabulary

README = ROOT / "README.md"
BEGIN, END = "<!-- figures: written by `python -m benchmarks figures` -->", "<!-- end of figures -->"
REPEATS = 5


def measure() -> dict[str, Any]:
    """Measure everything, write the README's table, and return the figures."""
    path = benchmark_list("names_32033.txt")
    figures = {**_texts(path), **_counts(path), **_training(path), "mlp_loop": mlp_loop.measure()}
    _write(figures)
    return figures


def _texts(path: Path) -> dict[str, Any]:
    words = morelike.read_lines(path)
    parts = split(words)
    vocabulary = Vocabulary.of(words)
    examples = [len(vocabulary.encode_lines(part).tokens) for part in (parts.train, parts.dev, parts.test)]
    seconds = _median(lambda: contexts(vocabulary.encode_lines(words), 3))
    return {"examples": examples, "contexts_seconds": round(seconds, 4)}


def _counts(path: Path) -> dict[str, Any]:
    words = morelike.read_lines(path)
    parts, vocabulary = split(words), Vocabulary.of(words)
    train, dev, test = (vocabulary.encode_lines(part) for part in (parts.train, parts.dev, parts.test))
    rows: dict[str, Any] = {}
    for name, settings in {
        "Kneser-Ney 5": {"smoothing": "kneser-ney", "order": 5},
        "Witten-Bell 5": {"smoothing": "witten-bell", "order": 5},
        "mixture": {},
    }.items():
        architecture = build("ngram", settings)
        assert isinstance(architecture, CountedArchitecture)
        began = time.perf_counter()
        weights = architecture.fit(train, dev, vocabulary.size)
        seconds = time.perf_counter() - began
        losses = [evaluate(line_losses(architecture, weights, lines), lines.lengths) for lines in (dev, test)]
        rows[name] = {"dev": losses[0].nats_per_character, "test": losses[1].nats_per_character, "seconds": seconds}
    bigram = build("ngram", {"order": 2, "smoothing": "add", "alpha": 1.0})
    assert isinstance(bigram, CountedArchitecture)
    everything = vocabulary.encode_lines(words)
    weights = bigram.fit(everything, everything, vocabulary.size)
    rows["add-one bigram, all names"] = line_losses(bigram, weights, everything).sum() / len(everything.tokens)
    return {"counts": rows}


def _training(path: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        runs = {
            name: _train(path, Path(folder), *options)
            for name, options in {"default": [], "quick": ["--quick"]}.items()
        }
        out = ["--out", folder]
        help_seconds = _median(lambda: run(command_line("--help")))
        sample_seconds = _median(lambda: run(command_line("sample", "-n", "20", *out)))
        model = morelike.load(Path(folder) / "default" / "model")
        many_seconds = _median(lambda: model.sample(10_000, seed=None))
    return {
        "runs": runs,
        "help_seconds": round(help_seconds, 3),
        "sample_20_cold_seconds": round(sample_seconds, 3),
        "sample_10000_seconds": round(many_seconds, 3),
    }


def _train(path: Path, folder: Path, *options: str) -> dict[str, Any]:
    """Return the losses that `morelike train` prints, and the wall time of the whole command."""
    with with_empty_cache() as cache:
        ran = run(command_line("train", str(path), "--json", "--out", str(folder), *options), environment=cache)
    result: dict[str, Any] = json.loads(ran.printed)
    if not options:
        Path(result["run"]).rename(folder / "default")
    return {"wall_seconds": round(ran.seconds, 1), **{part: result[part]["nats"] for part in ("dev", "test")}}


def _median(work: Callable[[], Any]) -> float:
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _write(figures: dict[str, Any]) -> None:
    """Put the table between the README's marks."""
    README.write_text(between_marks(README.read_text("utf-8"), BEGIN, END, _table(figures)), "utf-8")


def _table(figures: dict[str, Any]) -> str:
    counts, runs, loop = figures["counts"], figures["runs"], figures["mlp_loop"]
    rows = [
        ("`morelike train` on names, compiling included", _losses(runs["default"])),
        ("`morelike train --quick`", _losses(runs["quick"])),
        *((f"n-gram, {name}", _losses(counts[name])) for name in ("mixture", "Kneser-Ney 5", "Witten-Bell 5")),
        ("add-one bigram over all names", f"{counts['add-one bigram, all names']:.6f}"),
        (
            "small MLP training loop against the plain PyTorch loop",
            f"{loop['ratio']:.1f} times the steps per second ({loop['morelike']['steps_per_second']:,.0f} against "
            f"{loop['torch']['steps_per_second']:,.0f}; same weights and batches give the same losses)",
        ),
        ("contexts of all 32,033 names, read to arrays", f"{1000 * figures['contexts_seconds']:.0f} ms"),
        ("10,000 new names from the default model", f"{figures['sample_10000_seconds']:.2f} s"),
        ("`morelike sample` of 20 words, cold", f"{figures['sample_20_cold_seconds']:.2f} s"),
        ("`morelike --help`, cold", f"{figures['help_seconds']:.2f} s"),
    ]
    lines = ["| what | measured |", "|---|---|", *(f"| {what} | {value} |" for what, value in rows)]
    return "\n".join(
        [*lines, "", f"Measured on {in_one_line(machine())}; losses in nats per character on names_32033, shuffle-42."]
    )


def _losses(figures: dict[str, float]) -> str:
    seconds = figures.get("wall_seconds", figures.get("seconds", np.nan))
    return f"dev {figures['dev']:.4f}, test {figures['test']:.4f} in {seconds:.1f} s"
