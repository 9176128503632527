"""The default model on ten lists of other kinds, against counts alone and the network alone: test losses and seconds.

`morelike train LIST`, `morelike train LIST --model gru` and `--model ngram` are run as commands with an empty cache of
compiled programs. The losses of the first are compared on test with the better of the other two, in pairs. A refit is
part of the time; the compared model is the one before it. Seconds are those of the processor, which a busy machine
changes least.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import morelike
from benchmarks.harness.benchmark import Target
from benchmarks.harness.machine import benchmark_list
from benchmarks.harness.processes import morelike as command_line
from benchmarks.harness.processes import run, with_empty_cache
from morelike.text.splits import split

LISTS: tuple[tuple[str, int], ...] = (
    ("names", 20),
    ("mots", 200),
    ("civil_mots.txt", 1000),
    ("kjv.txt", 1000),
    ("kjv words", 3000),
    ("dna_orfs.txt", 400),
    ("smiles.txt", 3000),
    ("passwords.txt", 8000),
    ("places_latin.txt", 20_000),
    ("places_latin.txt", 117_000),
)
"""The lists, and how many lines are drawn from each; `kjv words` are the distinct words of kjv.txt."""
LONGEST = 200
"""Characters that are kept of a line: genes are up to 1,500 long."""
SHORT = "mots, 200 lines"
TARGETS = (
    Target(
        "lists of other kinds on which the default is worse on test than the better of counts and network",
        "worse", 0, "lists",
        "95 % interval of the paired difference excludes 0", at_most=True,
        bound="the choice on dev, a tenth of the list",
    ),
    Target(
        "processor seconds of the default over those of the network alone, the highest of all lists",
        "highest ratio", 1.3, "x",
        "`morelike train` against `--model gru`, compiling included; of lists on which the default trains a network",
        at_most=True, bound="the refit of lists below 5,000 lines, which trains twice",
    ),
    Target(
        "the default on 200 lines", f"{SHORT}.default.seconds", 2.0, "s",
        "wall time of the whole command", at_most=True, bound="importing, and counting twice with the refit",
    ),
    Target(
        "test loss of the default on 200 lines over that of counts alone", f"{SHORT}.over counts", 0.0, "nats",
        "before the refit", at_most=True, bound="the choice on dev, a tenth of the list",
    ),
)  # fmt: skip


def measure(lists: Sequence[tuple[str, int]] = LISTS, *options: str) -> dict[str, Any]:
    """Return the figures of each list, on how many the default is worse beyond chance, and the highest ratio.

    `options` are those of `morelike train` for the default and the network.
    """
    figures: dict[str, Any] = {}
    for name, size in lists:
        figures[f"{name.removesuffix('.txt')}, {size:,} lines"] = _of_list(list(_drawn(name, size)), options)
    ratios = [each["ratio"] for each in figures.values() if each["tried"]]
    return {
        **figures,
        "worse": sum(each["interval"][0] > 0 for each in figures.values()),
        **({"highest ratio": max(ratios)} if ratios else {}),
    }


def _drawn(name: str, size: int) -> Iterator[str]:
    """Yield some lines of a list, drawn at random."""
    path = benchmark_list(name.replace(" words", ".txt")) if "." in name or " " in name else name
    lines = morelike.read_lines(path)
    if name.endswith(" words"):
        lines = list(dict.fromkeys(word.strip(".,;:!?()'") for line in lines for word in line.split()))
        lines = [word for word in lines if word]
    random.Random(0).shuffle(lines)
    yield from (line[:LONGEST].strip() for line in lines[:size])


def _of_list(words: list[str], options: Sequence[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.txt"
        path.write_text("\n".join(words) + "\n", "utf-8")
        default = _trained(path, *options)
        network = _trained(path, "--model", "gru", *options)
        counts = _trained(path, "--model", "ngram")
        alone = min(network, counts, key=lambda each: each["test"])
        kept = Path(default["run"])
        judged = kept / "judged" if (kept / "judged").exists() else kept / "model"
        compared = morelike.compare(
            morelike.load(judged), morelike.load(Path(alone["run"]) / "model"), split(morelike.read_lines(path)).test
        )
    shown = {"default": default, "network": network, "counts": counts}
    return {
        "kind": default["kind"],
        "tried": default["tried"],
        **{name: {key: each[key] for key in ("test", "seconds", "processor seconds")} for name, each in shown.items()},
        "difference": round(compared.difference, 5),
        "interval": [round(end, 5) for end in compared.interval],
        "over counts": round(default["test"] - counts["test"], 5),
        "ratio": round(default["processor seconds"] / network["processor seconds"], 3),
    }


def _trained(path: Path, *options: str) -> dict[str, Any]:
    """Return the run, the kind, whether the default trained a network, the test loss, and the command's seconds."""
    with with_empty_cache() as cache:
        ran = run(command_line("train", str(path), "--json", "--out", str(path.parent), *options), environment=cache)
    printed: dict[str, Any] = json.loads(ran.printed)
    return {
        "run": printed["run"],
        "kind": printed["kind"],
        "tried": bool(printed.get("choice", {}).get("dev")),
        "test": printed["test"]["nats"],
        "seconds": round(ran.seconds, 2),
        "processor seconds": round(ran.processor_seconds, 2),
    }
