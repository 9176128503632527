"""The small MLP's training loop (3 x 2 - 100 - 41, batch 32, SGD, civil_mots) against the plain PyTorch loop.

Both run in processes of their own, in turn, so that a busy machine troubles both alike; the losses are checked before
the speeds are told. `python -m benchmarks mlp_loop`.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from typing import Any

from benchmarks.machine import ROOT, benchmark_list

STEPS = 40_000
PEER_STEPS = 10_000
ROUNDS = 2
AGREEMENT = 0.06
"""Nats by which the mean dev losses may differ: both are noisy after so few steps, and start from other weights."""


def measure() -> dict[str, Any]:
    """Return both speeds (steps per second, medians), their ratio, and the mean dev losses."""
    path = str(benchmark_list("civil_mots.txt"))
    ours = [_run("benchmarks.mlp_loop", path, str(PEER_STEPS)) for _ in range(3)]  # the same length as the peer's
    theirs = [_run("benchmarks.peers.torch_mlp", path, str(PEER_STEPS)) for _ in range(3)]
    dev = [statistics.mean(run["dev"] for run in runs) for runs in (ours, theirs)]
    if abs(dev[0] - dev[1]) > AGREEMENT:
        sys.exit(f"the two do not compute the same thing: dev {dev[0]:.3f} against {dev[1]:.3f}")
    pairs = [
        (
            _run("benchmarks.mlp_loop", path, str(STEPS))["steps_per_second"],
            *(_run("benchmarks.peers.torch_mlp", path, str(PEER_STEPS), t)["steps_per_second"] for t in ("1", "2")),
        )
        for _ in range(ROUNDS)
    ]
    ours_speed, one, two = (statistics.median(column) for column in zip(*pairs, strict=True))
    peer = max(one, two)
    return {
        "morelike_steps_per_second": round(ours_speed),
        "torch_steps_per_second": round(peer),
        "ratio": round(statistics.median(ours / max(a, b) for ours, a, b in pairs), 2),
        "dev_loss": round(dev[0], 4),
        "torch_dev_loss": round(dev[1], 4),
    }


def _run(module: str, *arguments: str) -> dict[str, float]:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def main(path: str, steps: int) -> None:
    """Train with our engine for `steps` and print what came out; compiling is not counted."""
    from morelike.api import plan
    from morelike.text.corpus import read_corpus
    from morelike.text.splits import split
    from morelike.text.vocabulary import Vocabulary
    from morelike.training.engine import Engine

    settings = {
        "embedding": 2, "hidden": 100, "initialization": "normal", "optimizer": "sgd", "learning_rate": 0.16,
        "schedule": "step", "warmup": 0, "clip": 0, "batch": 32, "steps": steps, "seed": int(time.time()) % 1000,
    }  # fmt: skip
    corpus = read_corpus(path)
    parts = split(corpus.words)
    vocabulary = Vocabulary.of(corpus.words)
    train, dev = (vocabulary.encode_lines(words) for words in (parts.train, parts.dev))
    made = plan(corpus, "mlp", settings=settings)
    config = made.training.resolved(len(train.tokens), 1.0)
    engine = Engine(made.architecture, config, train, dev, vocabulary.size)  # type: ignore[arg-type]
    chunk = config.chunk or steps
    state = engine.fresh()
    engine.run(state, 0, chunk)  # compiles
    began = time.perf_counter()
    done = 0
    while done < steps:
        done, state = done + chunk, engine.run(state, done, chunk).state
    seconds = time.perf_counter() - began
    print(json.dumps({"steps_per_second": done / seconds, "dev": engine.dev_loss(state.weights)}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
