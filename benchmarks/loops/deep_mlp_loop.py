"""The training loop of the deep MLP with BatchNorm (224,097 parameters, batch 32, SGD, names) against PyTorch's."""

from __future__ import annotations

from typing import Any

from benchmarks.harness.benchmark import Target
from benchmarks.loops.comparison import Loop, compare_loops

LOOP = Loop(
    peer="torch_deep_mlp",
    list="names_32033.txt",
    settings={
        "kind": "deep_mlp", "context": 8, "embedding": 10, "hidden": 200, "layers": 6, "batch_size": 32,
        "optimizer": "sgd", "learning_rate": 0.1, "schedule": "constant", "warmup": 0, "clip": 0, "steps": 50_000,
    },
    products=((1, 32, 80, 200), (5, 32, 200, 200), (1, 32, 200, 27)),
    loss=2.2, most=8_000,
)  # fmt: skip
TARGETS = (
    Target(
        "deep MLP with BatchNorm, 224,097 parameters, batch 32: steps a second against the plain PyTorch loop",
        "ratio", 4.0, "x",
        "same weights and batches: losses of ten steps and first gradients agree; turns, median of ratios",
        bound="most of a step is matrix products of 32 x 200 x 200, one after the other on one core, as in PyTorch",
    ),
)  # fmt: skip


def measure() -> dict[str, Any]:
    """Return both speeds, their ratio, and what the products alone would allow."""
    return compare_loops(LOOP)
