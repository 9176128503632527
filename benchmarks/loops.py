"""Training loops of ours against the plain PyTorch loops of `benchmarks.peers`, side by side.

Both run in processes of their own, in turn, so that a busy machine troubles both alike; the losses are checked before
the speeds are told. `python -m benchmarks mlp_loop` and `python -m benchmarks deep_mlp_loop`.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from benchmarks.machine import ROOT, benchmark_list

__all__ = ["DEEP_MLP", "SMALL_MLP", "Loop", "measure"]


@dataclass(frozen=True)
class Loop:
    """One loop: our settings, the peer that does the same work, and how long each is run.

    `agreement` is by how many nats the mean dev losses may differ after `peer_steps`: both are noisy after so few
    steps, and start from other weights.
    """

    name: str
    list: str
    kind: str
    peer: str
    steps: int
    peer_steps: int
    agreement: float
    settings: dict[str, Any] = field(default_factory=dict)
    rounds: int = 2
    checks: int = 3


PLAIN = {"optimizer": "sgd", "warmup": 0, "clip": 0, "batch": 32}

SMALL_MLP = Loop(
    "small_mlp", "civil_mots.txt", "mlp", "benchmarks.peers.torch_mlp", steps=40_000, peer_steps=10_000, agreement=0.06,
    settings={**PLAIN, "embedding": 2, "hidden": 100, "initialization": "normal", "learning_rate": 0.16,
              "schedule": "step"},
)  # fmt: skip
DEEP_MLP = Loop(
    "deep_mlp", "names_32033.txt", "deep_mlp", "benchmarks.peers.torch_deep_mlp", steps=6_000, peer_steps=2_000,
    agreement=0.06, settings={**PLAIN, "learning_rate": 0.1, "schedule": "constant"}, rounds=3, checks=1,
)  # fmt: skip
LOOPS = {loop.name: loop for loop in (SMALL_MLP, DEEP_MLP)}


def measure(loop: Loop) -> dict[str, Any]:
    """Return both speeds (steps per second, medians), their ratio, and the mean dev losses."""
    path = str(benchmark_list(loop.list))
    ours = [_ours(loop, path, loop.peer_steps) for _ in range(loop.checks)]  # the same length as the peer's
    theirs = [_run(loop.peer, path, str(loop.peer_steps)) for _ in range(loop.checks)]
    dev = [statistics.mean(run["dev"] for run in runs) for runs in (ours, theirs)]
    if abs(dev[0] - dev[1]) > loop.agreement:
        sys.exit(f"the two do not compute the same thing: dev {dev[0]:.3f} against {dev[1]:.3f}")
    pairs = [
        (
            _ours(loop, path, loop.steps)["steps_per_second"],
            *(_run(loop.peer, path, str(loop.peer_steps), t)["steps_per_second"] for t in ("1", "2")),
        )
        for _ in range(loop.rounds)
    ]
    ours_speed, one, two = (statistics.median(column) for column in zip(*pairs, strict=True))
    return {
        "morelike_steps_per_second": round(ours_speed),
        "torch_steps_per_second": round(max(one, two)),
        "ratio": round(statistics.median(ours / max(a, b) for ours, a, b in pairs), 2),
        "dev_loss": round(dev[0], 4),
        "torch_dev_loss": round(dev[1], 4),
    }


def _ours(loop: Loop, path: str, steps: int) -> dict[str, float]:
    return _run("benchmarks.loops", loop.name, path, str(steps))


def _run(module: str, *arguments: str) -> dict[str, float]:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def main(loop: Loop, path: str, steps: int) -> None:
    """Train with our engine for `steps` and print what came out; compiling is not counted."""
    from morelike.api import plan
    from morelike.text.corpus import read_corpus
    from morelike.training.engine import Engine
    from morelike.training.experiment import prepare

    settings = {**loop.settings, "steps": steps, "seed": int(time.time()) % 1000}
    prepared = prepare(plan(read_corpus(path), loop.kind, settings=settings))
    config = prepared.plan.training
    engine = Engine(
        prepared.plan.architecture,  # type: ignore[arg-type]
        config,
        prepared.train,
        prepared.dev,
        prepared.vocabulary.size,
    )
    chunk = config.chunk or steps
    engine.run(engine.fresh(), 0, chunk)  # compiles
    state = engine.fresh()
    began = time.perf_counter()
    done = 0
    while done < steps:
        done, state = done + chunk, engine.run(state, done, chunk).state
    seconds = time.perf_counter() - began
    print(json.dumps({"steps_per_second": done / seconds, "dev": engine.dev_loss(state.weights)}))


if __name__ == "__main__":
    main(LOOPS[sys.argv[1]], sys.argv[2], int(sys.argv[3]))
