"""The small MLP's training loop (3 x 2 - 100 - 41, batch 32, SGD, civil_mots) against the plain PyTorch loop."""

from __future__ import annotations

from typing import Any

from benchmarks.harness.benchmark import Target
from benchmarks.loops.comparison import Loop, compare_loops

LOOP = Loop(
    peer="torch_mlp",
    list="civil_mots.txt",
    settings={
        "kind": "mlp", "context": 3, "embedding": 2, "hidden": 100, "initialization": "normal", "batch_size": 32,
        "optimizer": "sgd", "learning_rate": 0.16, "schedule": "constant", "warmup": 0, "clip": 0, "steps": 200_000,
    },
    products=((1, 32, 6, 100), (1, 32, 100, 41)),
    loss=2.3, most=60_000,
)  # fmt: skip
TARGETS = (
    Target(
        "civil MLP loop (3 x 2 - 100 - 41, batch 32, SGD), steps a second against the plain PyTorch loop", "ratio",
        8, "x", "same weights and batches: losses of ten steps and first gradients agree; turns, median of ratios",
        bound="the products of a step are very small; its time goes to the memory accesses of some forty operations, "
        "not to arithmetic",
    ),
)  # fmt: skip


def measure() -> dict[str, Any]:
    """Return both speeds, their ratio, and what the products alone would allow."""
    return compare_loops(LOOP)
