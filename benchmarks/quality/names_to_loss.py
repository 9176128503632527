"""Seconds to the published val loss of names, 2.0291, against the plain loop of the recipe names-deep-mlp."""

from __future__ import annotations

from typing import Any

from benchmarks.harness.benchmark import Target
from benchmarks.loops import deep_mlp_loop
from benchmarks.quality.to_loss import Race, race

RACE = Race(
    list="names_32033.txt",
    published=2.0291,
    part="dev",
    settings={
        "kind": "mlp", "context": 8, "embedding": 16, "hidden": 300, "batch_size": 512, "learning_rate": 0.02,
        "steps": 1600, "evaluate_every": 200,
    },
    dev_mark=2.0291,
    recipe=deep_mlp_loop.LOOP,
    recipe_steps=50_000,
)  # fmt: skip
TARGETS = (
    Target(
        "seconds to names val 2.0291 by gradient descent, against the whole plain loop of names-deep-mlp",
        "ratio", 25, "x",
        "whole processes; ours starts without compiled programs and stops at the first evaluation of dev that reaches "
        "the figure; the plain loop is timed for five seconds and scaled to its 50,000 steps",
        bound="half of the time is start and compiling, the rest is the matrix products of the steps",
    ),
)  # fmt: skip


def measure() -> dict[str, Any]:
    """Return the seconds of both sides, their ratio, and the final losses of ours."""
    return race(RACE)
