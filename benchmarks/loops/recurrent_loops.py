"""The training loops of gru, lstm and rnn, 128 wide, on names against `torch.nn`'s on padded batches of whole names."""

from __future__ import annotations

from typing import Any

from benchmarks.harness.benchmark import Target
from benchmarks.loops.comparison import Loop, compare_loops

ROWS, HIDDEN, EMBEDDING, SYMBOLS = 64, 128, 32, 27
WIDTH = 14  # the row length that training chooses for this list
GATES = {"gru": 3, "lstm": 4, "rnn": 1}


def loop_of(kind: str) -> Loop:
    """Return the loop of one kind; both sides take the same number of names in a step, with AdamW without decay."""
    wide = GATES[kind] * HIDDEN
    return Loop(
        peer="torch_recurrent",
        list="names_32033.txt",
        settings={
            "kind": kind, "hidden": HIDDEN, "embedding": EMBEDDING, "dropout": 0.0, "batch_size": ROWS,
            "optimizer": "adamw", "weight_decay": 0.0, "learning_rate": 3e-3, "schedule": "constant", "warmup": 0,
            "clip": 0, "steps": 2_000,
        },
        products=(
            (1, SYMBOLS, EMBEDDING, wide), (WIDTH, ROWS, HIDDEN, wide), (1, ROWS * WIDTH, HIDDEN, SYMBOLS),
        ),
        loss=2.1, most=2_000,
    )  # fmt: skip


RATIOS = {"rnn": 3.5, "gru": 4.0, "lstm": 2.8}
TARGETS = tuple(
    Target(
        f"{kind} of 128 on names, words a second against nn.{kind.upper()} on padded batches of equally many names",
        f"{kind}.ratio", RATIOS[kind], "x",
        "same weights and names: losses of ten steps and first gradients agree; each of PyTorch's batches is padded to "
        "its longest name; turns, median of ratios",
        bound="products take about a third of a step on two cores, and each of the 14 times waits for the time before; "
        "the rest is some 25 small operations at each time and the gradient's passes over all times",
    )
    for kind in GATES
)  # fmt: skip


def measure() -> dict[str, Any]:
    """Return for each kind both speeds, their ratio, and what the products alone would allow."""
    return {kind: compare_loops(loop_of(kind)) for kind in GATES}
