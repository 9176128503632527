"""The training loop of a transformer of 4 layers, 64 wide, on names against the same model in PyTorch's eager mode."""

from __future__ import annotations

from typing import Any

from benchmarks.harness.benchmark import Target
from benchmarks.loops.comparison import Loop, compare_loops

ROWS, LAYERS, EMBEDDING, SYMBOLS = 32, 4, 64, 27
WIDTH = 14  # the row length that training chooses for this list
POSITIONS = ROWS * WIDTH

LOOP = Loop(
    peer="torch_transformer",
    list="names_32033.txt",
    settings={
        "kind": "transformer", "layers": LAYERS, "embedding": EMBEDDING, "heads": 4, "context": 16, "batch_size": ROWS,
        "optimizer": "adamw", "weight_decay": 0.0, "learning_rate": 3e-3, "schedule": "constant", "warmup": 0,
        "clip": 0, "steps": 5_000,
    },
    products=(
        (LAYERS, POSITIONS, EMBEDDING, 3 * EMBEDDING), (LAYERS, POSITIONS, EMBEDDING, EMBEDDING),
        (LAYERS, POSITIONS, EMBEDDING, 4 * EMBEDDING), (LAYERS, POSITIONS, 4 * EMBEDDING, EMBEDDING),
        (1, POSITIONS, EMBEDDING, SYMBOLS),
    ),
    loss=2.3, most=2_000,
)  # fmt: skip
TARGETS = (
    Target(
        "transformer of 4 layers, 64 wide, on names: words a second against the same model in PyTorch's eager mode",
        "ratio", 3.5, "x",
        "same weights and names: losses of ten steps and first gradients agree; each of PyTorch's batches is padded to "
        "its longest name; turns, median of ratios",
        bound="a large part of a step is matrix products, which PyTorch computes as fast",
    ),
)  # fmt: skip


def measure() -> dict[str, Any]:
    """Return both speeds, their ratio, and what the products alone would allow."""
    return compare_loops(LOOP)
