"""Words a second on a GPU: a default GRU, a GRU of 1,024 and a transformer of 8 x 512 against PyTorch on the same card.

Both sides multiply float32 as TF32 while they are timed. Before that they take the same steps in float32, as in
`comparison`. It ends within five minutes.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from benchmarks.harness.errors import SkippedError
from benchmarks.loops.comparison import Loop, same_work, take_turn, workers

TURNS = 5
COMMON = {
    "dropout": 0.0, "optimizer": "adamw", "weight_decay": 0.0, "schedule": "constant", "warmup": 0, "clip": 0,
    "steps": 100_000, "precision": "float32",
}  # fmt: skip


def _loop(peer: str, **settings: Any) -> Loop:
    return Loop(peer=peer, list="names_32033.txt", settings=COMMON | settings, products=(), loss=0.0, most=0)


LOOPS: Mapping[str, Loop] = MappingProxyType({
    "gru": _loop("torch_recurrent", kind="gru", hidden=160, embedding=32, batch_size=64, learning_rate=3e-3),
    "gru of 1,024": _loop("torch_recurrent", kind="gru", hidden=1024, embedding=64, batch_size=256, learning_rate=5e-4),
    "transformer of 8 x 512": _loop(
        "torch_transformer",
        kind="transformer", layers=8, embedding=512, heads=8, context=16, batch_size=128, learning_rate=3e-4,
    ),
})  # fmt: skip
FINDS = {
    "JAX": "import jax; jax.local_devices(backend='gpu')",
    "PyTorch": "import torch; assert torch.cuda.is_available()",
}


def measure(loops: Mapping[str, Loop] = LOOPS, device: str = "gpu") -> dict[str, Any]:
    """Return for each loop the words per second of both sides, their ratio and the card.

    Raises:
        SkippedError: there is no GPU that both libraries can use.
        DiffersError: the two sides do not compute the same thing.
    """
    if device == "gpu":
        _require_gpu()
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # else JAX takes most of the card's memory
    return {name: _measure(loop, device) for name, loop in loops.items()}


def _require_gpu() -> None:
    for library, code in FINDS.items():  # in processes of their own: this one stays small
        if subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode:
            raise SkippedError(f"this needs a GPU that JAX and PyTorch can use: {library} finds none here")


def _measure(loop: Loop, device: str) -> dict[str, Any]:
    with workers(loop, {"device": device}) as (ours, theirs):
        compiling = ours.ask("compile")["seconds"]
        differences = same_work(ours, theirs)
        turns = [take_turn(ours, theirs, threads=1)["seconds"] for _ in range(TURNS)]
        facts = ours.facts
    mine, other = (statistics.median(speeds[side] for speeds in turns) for side in (0, 1))
    return {
        "device": facts["device"],
        "ratio": round(statistics.median(a / b for a, b in turns), 2),
        "morelike_words_per_second": round(mine * facts["words_per_step"]),
        "torch_words_per_second": round(other * facts["words_per_step"]),
        "compile_seconds": round(compiling, 2),
        "differences": differences,
    }
