"""Names sampled together by morelike, and one by one in plain PyTorch, with the same weights."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.harness.benchmark import Target
from benchmarks.harness.errors import DiffersError
from benchmarks.harness.processes import Worker

COUNT = 5_000
ROUNDS = 5
TURN = 1.0
STEPS = 200
AGREEMENT = 1e-3  # nats of a word: float32 sums in another order
KINDS: dict[str, dict[str, Any]] = {"mlp": {"hidden": 200, "embedding": 10}, "gru": {"hidden": 160}}
BOUNDS = {
    "mlp": "half of our time is the hidden layer, computed once for each distinct context; most of the rest is drawing",
    "gru": "NumPy's arithmetic for each distinct beginning (162,000 products and three gates, some three times a "
    "name); a step of PyTorch is bounded by its calls and costs no more than a step of the MLP",
}
TARGETS = tuple(
    Target(
        f"names a second from {kind} against sampling one by one in plain PyTorch",
        f"{kind}.ratio", 50, "x",
        "same weights: log-probabilities of 100 names agree; no filters on either side; turns, median of ratios",
        bound=bound,
    )
    for kind, bound in BOUNDS.items()
)  # fmt: skip


def measure() -> dict[str, Any]:
    """Return for each kind the words per second of both sides and the median ratio."""
    return {kind: _measure(kind, settings) for kind, settings in KINDS.items()}


def _measure(kind: str, settings: dict[str, Any]) -> dict[str, Any]:
    import numpy as np

    import morelike

    names = morelike.read_lines("names")
    model = morelike.train(names, kind, steps=STEPS, **settings)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.npz"
        np.savez(path, **model.weights)
        with Worker("benchmarks.peers.torch_sampling", {"kind": kind, "path": str(path)}) as peer:
            _check(model, names[:100], peer)
            turns = [(_ours(model), peer.ask("sample", seconds=TURN)) for _ in range(ROUNDS)]
    return {
        "ratio": _ratio(turns, "seconds"),
        "ratio_of_processor_time": _ratio(turns, "processor_seconds"),
        "morelike_words_per_second": round(statistics.median(_rate(mine) for mine, _ in turns)),
        "torch_words_per_second": round(statistics.median(_rate(theirs) for _, theirs in turns)),
    }


def _check(model: Any, words: list[str], peer: Worker) -> None:
    tokens = [model.vocabulary.encode_lines([word]).tokens[:-1].tolist() for word in words]
    theirs = peer.ask("score", words=tokens)["log_probability"]
    apart = max(abs(a - b) for a, b in zip(model.log_probability(words).tolist(), theirs, strict=True))
    if apart > AGREEMENT:
        raise DiffersError(f"the two models differ: log-probabilities of a name by {apart:.2g} nats")


def _ours(model: Any) -> dict[str, float]:
    began, processor = time.perf_counter(), time.process_time()
    made = len(model.sample(COUNT, novel=False, unique=False, seed=None))
    return {
        "words": made,
        "seconds": time.perf_counter() - began,
        "processor_seconds": time.process_time() - processor,
    }


def _rate(ran: dict[str, float], key: str = "seconds") -> float:
    return ran["words"] / ran[key]


def _ratio(turns: list[tuple[dict[str, float], dict[str, float]]], key: str) -> float:
    return round(statistics.median(_rate(mine, key) / _rate(theirs, key) for mine, theirs in turns), 1)
