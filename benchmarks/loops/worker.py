"""Our side of a training loop: the engine of `morelike train`, as a worker of `harness.processes`."""

from __future__ import annotations

import json
import sys
import time
from contextlib import nullcontext
from typing import Any

import jax
import numpy as np

from benchmarks.harness.processes import peak_megabytes, serve, timed
from morelike.runs.plan import make_plan
from morelike.runs.settings import TrainingConfig
from morelike.text.examples.packed_rows import IGNORED
from morelike.text.reading import read_corpus
from morelike.text.vocabulary import END
from morelike.training.jax.engine import Engine
from morelike.training.preparation import prepare

EVALUATIONS = 40
"""The most evaluations of dev before a loss is reached."""

FOLLOWED = 10
"""Steps that both sides take from the same weights on the same batches."""


class Ours:
    """An engine with the settings of a loop; compiling is timed once, at the first question."""

    def __init__(self, task: dict[str, Any]) -> None:
        settings: dict[str, Any] = dict(task["settings"])
        corpus = read_corpus(task["path"], task["form"])
        prepared = prepare(make_plan(corpus, settings.pop("kind"), split=task["split"], settings=settings))
        config = prepared.plan.training
        assert config.steps
        self.chunk: int = config.chunk or config.steps

        def engine_of(config: TrainingConfig) -> Engine:
            return Engine(
                prepared.plan.architecture,  # type: ignore[arg-type]
                config,
                prepared.train,
                prepared.dev,
                prepared.vocabulary.size,
                text=task["form"] == "text",
            )

        self.engine = engine_of(config)
        self.in_float32 = lambda: engine_of(config.model_copy(update={"precision": "float32"}))
        lines, characters = len(prepared.train), len(prepared.train.tokens)
        self.facts = {
            "chunk": self.chunk,
            "precision": config.precision,
            "device": self.engine.device,
            "words_per_step": min(config.batch_size, self.engine.train.examples) * lines / self.engine.train.examples,
            "characters_per_step": config.batch_size * characters / self.engine.train.examples,
        }
        self.state, self.done = self.engine.initial_state(), 0

    def compile(self) -> dict[str, float]:
        """Return how much longer the first chunk takes than the second."""
        began = time.perf_counter()
        self._advance()
        first = time.perf_counter() - began
        return {"seconds": max(0.0, first - self._advance())}

    def speed(self, seconds: float) -> dict[str, float]:
        """Return the number of steps taken in about so many seconds, and their time."""
        return timed(self._advance, self.chunk, seconds)

    def to_loss(self, loss: float, most: int) -> dict[str, Any]:
        """Return the steps of a fresh run to a loss on dev, or on the batches if there is no dev; None if never."""
        self.state, self.done = self.engine.initial_state(), 0
        while self.done < most:
            evaluated = self.done
            while self.done < evaluated + most // EVALUATIONS:
                self._advance()
            now = self.engine.dev_loss(self.state.weights)
            now = self.last if now is None else now
            if now <= loss:
                return {"steps": self.done, "loss": now}
        return {"steps": None, "loss": now}

    def give(self, path: str) -> dict[str, Any]:
        """Write fresh weights, batches and the first gradients for the other side; return the losses of the steps.

        They are computed in float32, as the other side does. `measured` are the losses of the measured steps, which may
        multiply bfloat16.
        """
        measured, config = self.engine, self.engine.config
        engine = measured if config.precision == "float32" else self.in_float32()
        # a GPU multiplies float32 as TF32 unless it is asked not to
        exact = nullcontext() if engine.device == "cpu" else jax.default_matmul_precision("highest")
        state = engine.initial_state()
        arrays: dict[str, Any] = {"steps": FOLLOWED}
        with exact:
            preview = engine.preview(state, 0)
            losses = engine.run(state, 0, FOLLOWED).losses.tolist()
        for i, index in enumerate(engine.train.indices(config.batch_size, config.seed, 0, FOLLOWED)):
            inputs, targets = (np.asarray(part) for part in engine.train.reader.gather(engine.train.data, index)[:2])
            arrays[f"inputs.{i}"], arrays[f"targets.{i}"] = _by_line(inputs, targets)
        arrays |= {f"weights.{name}": np.array(array) for name, array in state.weights.items()}
        arrays |= {f"gradients.{name}": array for name, array in preview.gradients.items()}
        np.savez(path, **arrays)
        return {"losses": losses, "measured": measured.run(state, 0, FOLLOWED).losses.tolist()}

    def memory(self) -> dict[str, int]:
        """Return the peak memory of this process."""
        return {"peak_megabytes": peak_megabytes()}

    def _advance(self) -> float:
        began = time.perf_counter()
        chunk = self.engine.run(self.state, self.done, self.chunk)
        self.state, self.done, self.last = chunk.state, self.done + self.chunk, float(chunk.losses[-1])
        return time.perf_counter() - began


def _by_line(inputs: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return packed rows as padded lines, one a row; contexts and texts without ends are unchanged."""
    if targets.ndim == 1 or not (targets == END).any():
        return inputs, targets
    counted = targets.reshape(-1) != IGNORED
    x, y = inputs.reshape(-1)[counted], targets.reshape(-1)[counted]
    starts = np.flatnonzero(x == END)
    lengths = np.diff(np.append(starts, len(x)))
    row, column = np.repeat(np.arange(len(starts)), lengths), np.arange(len(x)) - np.repeat(starts, lengths)
    lines = np.zeros((2, len(starts), lengths.max()), dtype=np.int32)
    lines[1] = IGNORED
    lines[0, row, column], lines[1, row, column] = x, y
    return lines[0], lines[1]


if __name__ == "__main__":
    serve(Ours(json.loads(sys.argv[1])))
