"""Small models of one shape trained side by side in one compiled program, against one after another.

The models differ by their seeds and batches; their weights, states and batches have a leading axis (`jax.vmap`). The
losses of each must be those of the same model trained alone. Seconds are seconds of processor time for a step of one
model: a search for settings has other trials for the other core.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.harness.errors import DiffersError
from benchmarks.harness.machine import benchmark_list
from morelike.runs.plan import make_plan
from morelike.text.reading import read_corpus
from morelike.training.preparation import prepare

STEPS = 40
ROUNDS = 5
WIDTHS = (1, 4, 8)
NEAR = 2e-3


@dataclass(frozen=True)
class Shape:
    """A kind of model with its settings."""

    kind: str
    settings: dict[str, Any]


SHAPES = {
    "mlp of 64": Shape("mlp", {"hidden": 64, "batch_size": 32}),
    "mlp of 200": Shape("mlp", {"hidden": 200, "batch_size": 32}),
    "gru of 96": Shape("gru", {"hidden": 96, "batch_size": 32, "dropout": 0.0}),
    "gru of 160": Shape("gru", {"hidden": 160, "batch_size": 64, "dropout": 0.0}),
}


def measure() -> dict[str, Any]:
    """Return, for each shape and number of models, the processor milliseconds of a step of one model, and the ratio.

    Raises:
        DiffersError: a model has another loss side by side than alone.
    """
    return {name: _measure(shape) for name, shape in SHAPES.items()}


def _measure(shape: Shape) -> dict[str, Any]:
    import jax
    import jax.numpy as jnp

    from morelike.training.jax.engine import Engine
    from morelike.training.jax.program import take_steps

    corpus = read_corpus(str(benchmark_list("civil_mots.txt")))
    plan = make_plan(corpus, shape.kind, settings={**shape.settings, "steps": STEPS, "threads": 1})
    prepared = prepare(plan)
    architecture, config = plan.architecture.as_trained("it has no steps"), prepared.plan.training
    engines = [
        Engine(
            architecture,
            config.model_copy(update={"seed": seed}),
            prepared.train,
            prepared.dev,
            prepared.vocabulary.size,
        )
        for seed in range(max(WIDTHS))
    ]
    each = [(engine.initial_state(), *engine._chunk(0, STEPS)[:2], engine._key) for engine in engines]
    first = engines[0]
    numbers, rates = first._chunk(0, STEPS)[2:]
    steps = np.int32(STEPS)

    def losses(state: Any, data: Any, indices: Any, key: Any) -> Any:
        found = take_steps(first._program, state, data, indices, numbers, rates, steps, first._arguments, key)
        return found[1][:STEPS]

    alone: Any = jax.jit(losses)
    together: Any = jax.jit(jax.vmap(alone))
    expected = [np.asarray(alone(*one)) for one in each]
    turns: dict[int, Callable[[], Any]] = {}
    for width in WIDTHS:
        arguments = each[0] if width == 1 else jax.tree.map(lambda *leaves: jnp.stack(leaves), *each[:width])
        program = alone if width == 1 else together
        found = np.atleast_2d(np.asarray(program(*arguments)))
        if not np.allclose(found, expected[:width], atol=NEAR):
            raise DiffersError(f"{shape.kind}: {width} models side by side have other losses than alone")
        turns[width] = lambda program=program, arguments=arguments: np.asarray(program(*arguments))
    return _compare(turns)


def _compare(turns: dict[int, Callable[[], Any]]) -> dict[str, Any]:
    """Return the median of the processor seconds of each number of models; they take turns."""
    seconds: dict[int, list[float]] = {width: [] for width in turns}
    for _ in range(ROUNDS):
        for width, run in turns.items():
            began = time.process_time()
            run()
            seconds[width].append((time.process_time() - began) / STEPS / width)
    ratios = {width: [a / b for a, b in zip(seconds[1], seconds[width], strict=True)] for width in turns}
    return {
        str(width): {
            "milliseconds": round(1000 * statistics.median(seconds[width]), 4),
            "ratio": round(statistics.median(ratios[width]), 2),
        }
        for width in turns
    }
