"""An estimate of what a run needs on this machine: parameters, memory and seconds, from a trial of two seconds."""

from __future__ import annotations

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
from morelike.training.chunks import longest_chunk
from morelike.training.experiment import threads_of
from morelike.training.preparation import Prepared, prepare
from morelike.training.resources import bytes_needed, refuse_too_much

TRIAL_SECONDS = 2.0
FEWEST_TRIALS = 3
FIRST_LINES = 500  # lines of the first count of n-grams
SCORED_LINES = 512


@dataclass(frozen=True)
class DryRun:
    """What a run needs. Times are in seconds; `memory` is the peak of the process in bytes.

    `threads` are those that share a step, or those that count.

    The `parameters` of n-grams are the different n-grams; counting is one step.
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
        """The total, without reading the list, the n-gram baseline and the report."""
        return self.compiling + self.training + self.evaluating

    def as_dict(self) -> dict[str, Any]:
        """Return the figures by the names of the command line's JSON."""
        return {**asdict(self), "seconds": self.seconds}


def estimate(plan: Plan) -> DryRun:
    """Return an estimate of what the run of a plan needs. Nothing is written.

    A network takes a few steps with the program and the data of the real run; their time is multiplied by the number of
    steps. N-grams are counted in longer and longer parts of the list; their number is extrapolated by Heaps' law.

    Raises:
        SettingError: the run itself would raise it.
    """
    prepared = prepare(plan)
    architecture = prepared.plan.architecture
    if architecture.learned_by == "counting":
        return _counting(prepared, architecture.as_counted())
    return _gradient_descent(prepared, architecture.as_trained("there are no steps to time"))


def _gradient_descent(prepared: Prepared, architecture: TrainedArchitecture) -> DryRun:
    from morelike.training.jax.engine import Engine  # importing JAX takes a second

    plan, splits, vocabulary, train, dev = prepared
    config, text = plan.training, plan.corpus.form == "text"
    assert config.steps
    assert config.evaluate_every
    refuse_too_much(bytes_needed(architecture, config, vocabulary.size))
    engine = Engine(architecture, config, train, dev, vocabulary.size, text=text)
    state, steps = engine.initial_state(), longest_chunk(config)
    began = time.perf_counter()
    program = engine.chunk_bytes(state, steps)
    compiling = time.perf_counter() - began
    memory = peak_memory() + program
    refuse_too_much(memory)
    chunk = _median(partial(engine.run, state, 0, steps), TRIAL_SECONDS)
    first, evaluation = _first_and_median(partial(engine.dev_loss, state.weights), TRIAL_SECONDS / 4)
    weights = {name: np.asarray(array) for name, array in state.weights.items()}
    scored = sum(len(words) for words in splits.parts.values())
    return DryRun(
        kind=architecture.kind,
        parameters=sum(array.size for name, array in weights.items() if architecture.is_parameter(name)),
        characters=len(train.tokens),
        examples=engine.train.examples,
        steps=config.steps,
        memory=memory,
        compiling=compiling + first - evaluation,
        training=chunk * config.steps / steps,
        evaluating=evaluation * ceil(config.steps / config.evaluate_every)
        + _scoring(architecture, weights, train, scored),
        threads=threads_of(prepared.plan),
    )


def _counting(prepared: Prepared, architecture: CountedArchitecture) -> DryRun:
    """Count parts of the list, each twice as long as the one before, for a second; extrapolate to the whole list."""
    _, splits, vocabulary, train, dev = prepared
    began, lines = time.perf_counter(), min(FIRST_LINES, len(train))
    sizes: list[tuple[int, int, float]] = []  # characters, n-grams, seconds
    while True:
        some = train.take(np.linspace(0, len(train) - 1, lines).astype(np.int64))
        fitting = time.perf_counter()
        weights = architecture.fit(some, dev.take(np.arange(0)), vocabulary.size)
        ngrams = sum(array.size for name, array in weights.items() if name.startswith("keys."))
        sizes.append((len(some.tokens), ngrams, time.perf_counter() - fitting))
        if lines == len(train) or time.perf_counter() - began > TRIAL_SECONDS / 2:
            break
        lines = min(2 * lines, len(train))
    characters, ngrams, seconds = sizes[-1]
    more = len(train.tokens) / characters
    growth = _growth(sizes)
    table_bytes = sum(array.nbytes for array in weights.values())
    scored = sum(len(words) for words in splits.parts.values())
    return DryRun(
        kind=architecture.kind,
        parameters=round(ngrams * more**growth),
        characters=len(train.tokens),
        examples=len(train.tokens),
        steps=1,
        memory=peak_memory() + round(table_bytes * more**growth),
        compiling=0.0,
        training=seconds * more,
        evaluating=_scoring(architecture, weights, train, scored),
        threads=threads_of(prepared.plan),
    )


def _growth(sizes: list[tuple[int, int, float]]) -> float:
    """Return the exponent of Heaps' law, at most 1: between the last two sizes, n-grams ~ characters ** exponent."""
    if len(sizes) < 2 or sizes[-1][0] == sizes[-2][0]:
        return 1.0
    (shorter, fewer, _), (longer, more, _) = sizes[-2:]
    return min(log(more / fewer) / log(longer / shorter), 1.0)


def _scoring(architecture: Architecture, weights: Weights, train: TokenLines, lines: int) -> float:
    """Return about how many seconds the exact losses of `lines` lines take."""
    some = train.take(np.linspace(0, len(train) - 1, min(SCORED_LINES, len(train))).astype(np.int64))
    return _median(partial(line_losses, architecture, weights, some), TRIAL_SECONDS / 8) * lines / len(some)


def _first_and_median(work: Callable[[], Any], seconds: float) -> tuple[float, float]:
    """Return the seconds of the first call of `work`, and the median of further calls."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began, _median(work, seconds)


def _median(work: Callable[[], Any], seconds: float) -> float:
    """Return the median seconds of `work` over calls that take `seconds` in all; there are at least three."""
    times: list[float] = []
    while len(times) < FEWEST_TRIALS or sum(times) < seconds:
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def peak_memory() -> int:
    """Return the largest memory of this process so far (bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
