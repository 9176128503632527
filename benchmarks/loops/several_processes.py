"""Two processes of one thread against one process of one thread and of all: steps and characters per second of a gru.

Each run repeats the same chunk of steps; the losses are compared before the speeds are returned. The time of one
all-reduce is measured separately, with the same number of bytes as in a step. Run it with
`python -m benchmarks several_processes`.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from typing import Any

import numpy as np

from benchmarks.harness.machine import ROOT

BATCH = 64
ROUNDS = 5
STEPS = {128: 40, 512: 8}
ONE_THREAD = "--xla_cpu_multi_thread_eigen=false"


def measure() -> dict[str, Any]:
    """Return the medians for both widths: one process on one core and on all, two on one core each."""
    return {f"gru_{hidden}": _measured(hidden, steps) for hidden, steps in STEPS.items()}


def _measured(hidden: int, steps: int) -> dict[str, Any]:
    single = _run(hidden, steps, 1, cores=[[0]])
    whole = _run(hidden, steps, 1, cores=[[0, 1]])
    pair = _run(hidden, steps, 2, cores=[[0], [1]])
    assert np.allclose(single["losses"], pair["losses"], atol=1e-4)
    assert np.allclose(whole["losses"], pair["losses"], atol=1e-4)
    speeds = ("ms_per_step", "characters_per_second")
    runs = {"one process, one core": single, "one process, two cores": whole, "two processes": pair}
    found = {name: {key: run[key] for key in speeds} for name, run in runs.items()}
    return {**found, "all_reduce": {"bytes": pair["bytes"], "ms": pair["all_reduce_ms"]}}


def _run(hidden: int, steps: int, of: int, cores: list[list[int]]) -> dict[str, Any]:
    """Return the measurements of process 0 of a run."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    flags = ONE_THREAD if len(cores[0]) == 1 else ""
    processes = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "benchmarks.loops.several_processes",
                json.dumps([hidden, steps, of, i, port, cores[i]]),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            env={**os.environ, "XLA_FLAGS": flags},
        )
        for i in range(of)
    ]
    outputs = [process.communicate(timeout=900)[0] for process in processes]
    found: dict[str, Any] = json.loads(outputs[0])
    return found


def _work(hidden: int, steps: int, of: int, number: int, port: int, cores: list[int]) -> None:
    os.sched_setaffinity(0, cores)
    if of == 1:
        print(json.dumps(_timed(hidden, steps, None)))
        return
    from morelike.training.distributed.launcher import ProcessSpec
    from morelike.training.distributed.start import start

    processes = start(ProcessSpec(f"127.0.0.1:{port}", of, number), _plan(hidden), 120.0)
    found = _timed(hidden, steps, processes.mesh)
    processes.barrier()
    if processes.leads:
        print(json.dumps(found))


def _plan(hidden: int) -> Any:
    from morelike.runs.plan import make_plan
    from morelike.text.reading import read_corpus

    return make_plan(read_corpus("names"), "gru", settings={"hidden": hidden, "batch_size": BATCH, "steps": 10_000})


def _timed(hidden: int, steps: int, mesh: Any) -> dict[str, Any]:
    from morelike.text.vocabulary import Vocabulary
    from morelike.training.jax.engine import Engine

    made = _plan(hidden)
    vocabulary = Vocabulary.of(made.corpus.words)
    lines = vocabulary.encode_lines(made.corpus.words)
    config = made.training.with_row_length(lines.lengths).resolved(10_000, 1.0)
    none = lines.take(np.array([], dtype=int))
    engine = Engine(made.architecture, config, lines, none, vocabulary.size, mesh=mesh)
    state = engine.initial_state()
    losses = engine.run(state, 0, steps).losses
    seconds = [_seconds(lambda: engine.run(state, 0, steps)) / steps for _ in range(ROUNDS)]
    rows = engine.train.indices(BATCH, config.seed, 0, steps)
    characters = float((np.asarray(engine.train.data.targets)[rows] >= 0).sum()) / steps
    size = sum(array.size for array in state.weights.values()) + 2
    return {
        "losses": losses.tolist(),
        "ms_per_step": 1e3 * statistics.median(seconds),
        "characters_per_second": round(characters / statistics.median(seconds)),
        "bytes": 4 * size,
        "all_reduce_ms": _all_reduce_ms(mesh, size) if mesh else 0.0,
    }


def _all_reduce_ms(mesh: Any, size: int) -> float:
    """Return the milliseconds of one all-reduce of `size` numbers in a compiled loop."""
    import jax

    from morelike.training.distributed.sharding import AXIS, Shards

    def loop(x: Any) -> Any:
        return jax.lax.scan(lambda x, _: (0.5 * jax.lax.psum(x, AXIS), None), x, None, length=100)[0]

    shards = Shards(mesh, mesh.size)
    program, x = shards.program(loop), shards.replicate(np.ones(size, np.float32))
    program(x).block_until_ready()
    return 1e3 * statistics.median(_seconds(lambda: program(x).block_until_ready()) / 100 for _ in range(ROUNDS))


def _seconds(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    _work(*json.loads(sys.argv[1]))
