"""A training loop of ours against the plain PyTorch loop of `benchmarks.peers`, side by side.

Each side runs in its own process, and the two take turns, so that a busy machine slows both alike. First both take some
steps in float32 from the same weights on the same batches: losses and first gradients must agree. PyTorch's loop stays
in float32 and uses one thread or all, whichever is faster in a trial. Ours has the precision that training chooses. The
time of a step's matrix products alone on this machine, in float32, is the limit of both.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from benchmarks.harness.errors import DiffersError
from benchmarks.harness.machine import benchmark_list
from benchmarks.harness.processes import Worker, with_empty_cache

SAME_LOSS, SAME_GRADIENT, SAME_PATH = 1e-4, 1e-3, 0.05
"""Allowed differences of first losses (nats), gradients (fraction of the largest number) and later losses (nats)."""

TURN = 1.0
"""Seconds of each turn; a started chunk of steps is finished."""

Product = tuple[int, int, int, int]
"""The number of products in a forward step, and their shape: [m, k] times [k, n]."""


@dataclass(frozen=True)
class Loop:
    """One loop: our settings, and the peer that does the same work.

    `settings` holds the kind and the settings of both sides. The time to `loss` is measured on dev (on the batch if the
    list has no dev), for runs of at most `most` steps. `text` is a running text instead of a list.
    """

    peer: str
    settings: dict[str, Any]
    products: tuple[Product, ...]
    loss: float
    most: int
    list: str = ""
    text: str = ""
    rounds: int = 7


def compare_loops(loop: Loop) -> dict[str, Any]:
    """Return both sides' speed, memory and time to a loss, the median ratio, and the limit of the products.

    Raises:
        DiffersError: the two sides do not compute the same thing.
    """
    with workers(loop) as (ours, theirs):
        compiling = ours.ask("compile")["seconds"]
        differences = same_work(ours, theirs)
        threads = better_threads(theirs)
        turns = [take_turn(ours, theirs, threads) for _ in range(loop.rounds)]
        to_loss = ours.ask("to_loss", loss=loop.loss, most=loop.most)
        memories = [side.ask("memory")["peak_megabytes"] for side in (ours, theirs)]
        facts = ours.facts
    mine, other = (statistics.median(turn["seconds"][side] for turn in turns) for side in (0, 1))
    sides: dict[str, dict[str, Any]] = {
        name: {
            "steps_per_second": round(speed, 1),
            "words_per_second": round(speed * facts["words_per_step"]),
            "peak_megabytes": memory,
            "seconds_to_loss": round(to_loss["steps"] / speed, 2) if to_loss["steps"] else None,
        }
        for name, speed, memory in zip(("morelike", "torch"), (mine, other), memories, strict=True)
    }
    sides["morelike"]["precision"] = facts["precision"]
    sides["morelike"]["compile_seconds"] = round(compiling, 2)
    sides["torch"]["threads"] = threads
    return {
        "ratio": _ratio(turns, "seconds"),
        "ratio_of_processor_time": _ratio(turns, "processor_seconds"),
        **sides,
        "loss": {"asked": loop.loss, **to_loss},
        "differences": differences,
        "products": _products(loop.products, mine),
    }


def _ratio(turns: list[dict[str, tuple[float, float]]], key: str) -> float:
    return round(statistics.median(a / b for a, b in (turn[key] for turn in turns)), 2)


@contextmanager
def workers(loop: Loop, more: Mapping[str, Any] = MappingProxyType({})) -> Iterator[tuple[Worker, Worker]]:
    """Yield our side and theirs, both started; both take the same number of words in a step.

    `more` settings are added to those of the loop.
    """
    settings = {**loop.settings, **more}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        task: dict[str, Any] = {"path": str(folder / "text.txt"), "form": "text", "split": "none"}
        if loop.text:
            (folder / "text.txt").write_text(loop.text, "utf-8")
        else:
            task = {"path": str(benchmark_list(loop.list)), "form": "lines", "split": "shuffle-42"}
        task["settings"] = settings
        ours = stack.enter_context(Worker("benchmarks.loops.worker", task, stack.enter_context(with_empty_cache())))
        window = "context" in settings and settings["kind"] != "transformer"
        batch = settings["batch_size"] if window else round(ours.facts["words_per_step"])
        theirs = stack.enter_context(
            Worker(f"benchmarks.peers.{loop.peer}", {"path": task["path"], "settings": settings, "batch": batch})
        )
        yield ours, theirs


def same_work(ours: Worker, theirs: Worker) -> dict[str, float]:
    """Return the differences of losses and gradients between the two sides.

    Raises:
        DiffersError: a difference is larger than rounding explains.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "given.npz")
        given = ours.ask("give", path=path)
        mine, measured = given["losses"], given["measured"]
        followed = theirs.ask("follow", path=path)
    apart = [abs(a - b) for a, b in zip(mine, followed["losses"], strict=True)]
    rounded = max(abs(a - b) for a, b in zip(mine, measured, strict=True))
    worst = max(followed["gradients_off"], key=followed["gradients_off"].get)
    off = followed["gradients_off"][worst]
    if apart[0] > SAME_LOSS:
        raise DiffersError(f"the sides do not compute the same loss: {mine[0]:.5f} against {followed['losses'][0]:.5f}")
    if off > SAME_GRADIENT:
        raise DiffersError(f"the sides do not compute the same gradient of {worst}: {off:.2g} of it differs")
    if max(*apart, rounded) > SAME_PATH:
        raise DiffersError(
            f"the sides do not take the same steps: their losses differ by {max(*apart, rounded):.3f} nats"
        )
    return {"first_loss": apart[0], "gradient": off, "loss_after_ten_steps": apart[-1], "by_precision": rounded}


def better_threads(theirs: Worker) -> int:
    """Return the number of threads, one or all, with which PyTorch is faster."""
    numbers = {1, os.cpu_count() or 1}
    return max(numbers, key=lambda number: _per_second(theirs.ask("speed", seconds=TURN / 2, threads=number)))


def take_turn(ours: Worker, theirs: Worker, threads: int) -> dict[str, tuple[float, float]]:
    """Run both sides, one after the other; return steps per second and per processor second."""
    ran = ours.ask("speed", seconds=TURN), theirs.ask("speed", seconds=TURN, threads=threads)
    return {key: (_per_second(ran[0], key), _per_second(ran[1], key)) for key in ("seconds", "processor_seconds")}


def _per_second(ran: dict[str, float], key: str = "seconds") -> float:
    return ran["steps"] / ran[key]


def _products(products: tuple[Product, ...], speed: float) -> dict[str, float]:
    """Return the GFLOP/s of a step's products in the loop and alone, and steps per second of the products alone.

    Each product of the forward pass has two in the backward pass: for the gradients of its two factors.
    """
    operations = seconds = 0.0
    for count, m, k, n in products:
        operations += 3 * count * 2 * m * k * n
        seconds += count * sum(_seconds(*shape) for shape in ((m, k, n), (m, n, k), (k, m, n)))
    return {
        "gigaflops": round(operations * speed / 1e9, 2),
        "gigaflops_alone": round(operations / seconds / 1e9, 2),
        "steps_per_second_alone": round(1 / seconds),
    }


def _seconds(m: int, k: int, n: int) -> float:
    """Return the seconds of one product by NumPy, the best of several tries."""
    import numpy as np

    a, b, out = np.ones((m, k), np.float32), np.ones((k, n), np.float32), np.empty((m, n), np.float32)
    repeats = max(10, int(2e7 / (m * k * n)))
    best = float("inf")
    for _ in range(7):
        began = time.perf_counter()
        for _ in range(repeats):
            np.matmul(a, b, out=out)
        best = min(best, (time.perf_counter() - began) / repeats)
    return best
