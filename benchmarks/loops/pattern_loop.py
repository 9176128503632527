"""The training loop of an Elman network on a text of 25 characters (recipe pattern-rnn) against PyTorch's."""

from __future__ import annotations

from typing import Any

from benchmarks.harness.benchmark import Target
from benchmarks.loops.comparison import Loop, compare_loops

LOOP = Loop(
    peer="torch_pattern",
    text="aaaaabbbbbccccacdddddaaaa",
    settings={
        "kind": "rnn", "hidden": 128, "one_hot": True, "optimizer": "adamw", "weight_decay": 0.0,
        "learning_rate": 0.005, "schedule": "constant", "warmup": 0.0, "clip": 0.0, "batch_size": 1, "steps": 1000,
    },
    products=((23, 1, 128, 128), (1, 24, 128, 5)),
    loss=0.01, most=2_000,
)  # fmt: skip
TARGETS = (
    Target(
        "pattern RNN (one-hot, Elman 128, Adam, 25 characters), epochs a second against the plain PyTorch loop",
        "ratio", 35, "x",
        "same weights: losses of ten epochs and first gradients agree; turns, median of ratios",
        bound="23 products with a 128 x 128 matrix wait for one another in the forward pass and in the backward pass",
    ),
)  # fmt: skip


def measure() -> dict[str, Any]:
    """Return both speeds, their ratio, and what the products alone would allow."""
    return compare_loops(LOOP)
