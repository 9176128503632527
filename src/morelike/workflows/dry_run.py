"""What a run would cost on this machine: parameters, memory and seconds, from a trial of about two seconds."""

from __future__ import annotations

import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from math import ceil, log
from typing import Any

import numpy as np

from morelike.architecture import Architecture, CountedArchitecture, TrainedArchitecture
from morelike.arrays import Weights
from morelike.evaluation.loss import line_losses
from morelike.runs.plan import Plan
from morelike.text.vocabulary import TokenLines
from morelike.training.preparation import Prepared, prepare
from morelike.training.resources import bytes_needed, refuse_too_much

__all__ = ["Cost", "estimate"]

TRIAL = 2.0  # seconds of steps
FEWEST_TRIALS = 3
FIRST_LINES = 500  # that an n-gram trial counts
JUDGED_LINES = 512


@dataclass(frozen=True)
class Cost:
    """What a run takes. Times are in seconds, memory in bytes; of a list that is counted there are no steps.

    `parameters` of n-grams is the number of different n-grams; `memory` is what the process holds at its peak.
    """

    kind: str
    parameters: int
    characters: int
    examples: int
    steps: int
    memory: int
    compiling: float
    training: float
    evaluating: float
    threads: int

    @property
    def seconds(self) -> float:
        """All in all, but for reading the list, the count baseline and the report."""
        return self.compiling + self.training + self.evaluating

    def as_dict(self) -> dict[str, Any]:
        """Return the figures under the names that the command line's JSON uses."""
        return {**asdict(self), "seconds": self.seconds}


def estimate(plan: Plan) -> Cost:
    """Return what the run of a plan would cost. Nothing is kept; some steps are taken, and forgotten.

    The steps are the very program that the run would compile, on its own data, so what is estimated is their sum alone;
    n-grams are counted of ever longer parts of the list, and their number goes on as it grew (Heaps' law).

    Raises:
        SettingError: as the run itself.
    """
    prepared = prepare(plan)
    if isinstance(prepared.plan.architecture, CountedArchitecture):
        return _of_counting(prepared, prepared.plan.architecture)
    assert isinstance(prepared.plan.architecture, TrainedArchitecture)
    return _of_descent(prepared, prepared.plan.architecture)


def _of_descent(prepared: Prepared, architecture: TrainedArchitecture) -> Cost:
    from morelike.training.jax.engine import Engine  # JAX is imported when training starts, never before

    plan, splits, vocabulary, train, dev = prepared
    config, text = plan.training, plan.corpus.form == "text"
    assert config.steps
    assert config.chunk
    assert config.evaluate_every
    refuse_too_much(bytes_needed(architecture, config, vocabulary.size))
    engine = Engine(architecture, config, train, dev, vocabulary.size, text=text)
    state = engine.initial_state()
    compiling = time.perf_counter()
    program = engine.chunk_bytes(state, config.chunk)
    compiling = time.perf_counter() - compiling
    memory = held() + program
    refuse_too_much(memory)
    chunk = _median(partial(engine.run, state, 0, config.chunk), TRIAL)
    first, look = _first_and_median(partial(engine.dev_loss, state.weights), TRIAL / 4)
    weights = {name: np.asarray(array) for name, array in state.weights.items()}
    judged = sum(len(part) for part in splits.parts.values())
    return Cost(
        kind=architecture.kind,
        parameters=sum(array.size for name, array in weights.items() if architecture.is_parameter(name)),
        characters=len(train.tokens),
        examples=engine.train.examples,
        steps=config.steps,
        memory=memory,
        compiling=compiling + first - look,
        training=chunk * config.steps / config.chunk,
        evaluating=look * ceil(config.steps / config.evaluate_every) + _judging(architecture, weights, train, judged),
        threads=os.cpu_count() or 1,
    )


def _of_counting(prepared: Prepared, architecture: CountedArchitecture) -> Cost:
    """Count parts of the list, each twice as long as the last, until a second has gone; then go on as they went."""
    _, splits, vocabulary, train, dev = prepared
    began, lines = time.perf_counter(), min(FIRST_LINES, len(train))
    sizes: list[tuple[int, int, float]] = []  # characters, n-grams, seconds
    while True:
        some = train.take(np.linspace(0, len(train) - 1, lines).astype(np.int64))
        fitting = time.perf_counter()
        weights = architecture.fit(some, dev.take(np.arange(0)), vocabulary.size)
        ngrams = sum(array.size for name, array in weights.items() if name.startswith("keys."))
        sizes.append((len(some.tokens), ngrams, time.perf_counter() - fitting))
        if lines == len(train) or time.perf_counter() - began > TRIAL / 2:
            break
        lines = min(2 * lines, len(train))
    characters, ngrams, seconds = sizes[-1]
    more = len(train.tokens) / characters
    growth = _growth(sizes)
    held_now = sum(array.nbytes for array in weights.values())
    judged = sum(len(part) for part in splits.parts.values())
    return Cost(
        kind=architecture.kind,
        parameters=round(ngrams * more**growth),
        characters=len(train.tokens),
        examples=len(train.tokens),
        steps=1,
        memory=held() + round(held_now * more**growth),
        compiling=0.0,
        training=seconds * more,
        evaluating=_judging(architecture, weights, train, judged),
        threads=os.cpu_count() or 1,
    )


def _growth(sizes: list[tuple[int, int, float]]) -> float:
    """Return the power of a list's length with which its n-grams grow, between the last two sizes; at most 1."""
    if len(sizes) < 2 or sizes[-1][0] == sizes[-2][0]:
        return 1.0
    (shorter, fewer, _), (longer, more, _) = sizes[-2:]
    return min(log(more / fewer) / log(longer / shorter), 1.0)


def _judging(architecture: Architecture, weights: Weights, train: TokenLines, lines: int) -> float:
    """Return about how long the exact losses of so many lines take."""
    some = train.take(np.linspace(0, len(train) - 1, min(JUDGED_LINES, len(train))).astype(np.int64))
    return _median(partial(line_losses, architecture, weights, some), TRIAL / 8) * lines / len(some)


def _first_and_median(work: Callable[[], Any], seconds: float) -> tuple[float, float]:
    """Return how long `work` takes the first time, and then, in so many seconds of trials."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began, _median(work, seconds)


def _median(work: Callable[[], Any], seconds: float) -> float:
    """Return how long `work` takes, by trials that go on for so many seconds; at least three."""
    times: list[float] = []
    while len(times) < FEWEST_TRIALS or sum(times) < seconds:
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def held() -> int:
    """Return the most memory that this process has held so far (bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
