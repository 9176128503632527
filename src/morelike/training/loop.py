"""The training loop: a generator of events, which decides when to evaluate, to save and to stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import TrainedArchitecture
from morelike.arrays import Float, Weights
from morelike.errors import RunError, TrainingError
from morelike.runs.checkpoint import BEST, Checkpoint, Checkpoints
from morelike.runs.events import Evaluated, Event, Finished, Noted, Progress, Sampled, Saved, Started, Stepped
from morelike.runs.knobs import Knobs
from morelike.runs.settings import TrainingConfig
from morelike.text.vocabulary import TokenLines
from morelike.training.chunks import chunk_end
from morelike.training.distributed.processes import ALONE, Processes
from morelike.training.gain_watch import GainWatch, tail_steps

if TYPE_CHECKING:
    from morelike.training.jax.engine import Chunk, Engine
    from morelike.training.jax.program import EngineState

BLOCKS = 4
"""Means in a line of metrics, after the beginning of a run: enough for a curve, in a small file."""
SHARE_OF_BLOCK = 10
"""No block is longer than this fraction of the steps before it: a loss falls steeply in the first steps."""
DECIMALS = 6
DIGITS = 6

Watch: TypeAlias = Callable[[int, Callable[[], Weights]], None]
"""Gets a step, and a function that returns the weights after it. Without its call, no weights are copied."""


@dataclass
class TrainingState:
    """Everything that a checkpoint holds."""

    engine_state: EngineState
    step: int = 0
    best: Weights = field(default_factory=dict)
    best_loss: float = float("inf")
    best_step: int = 0
    tail: tuple[int, int] | None = None
    """The step at which the last steps began, in which the rate falls to zero, and their number; see `gain_watch`."""

    def checkpoint(self) -> Checkpoint:
        """Return the state as named arrays and facts."""
        from morelike.training.jax.engine import named_arrays

        best = {f"{BEST}{name}": np.asarray(array) for name, array in self.best.items()}
        facts: dict[str, Any] = {"step": self.step, "best_loss": self.best_loss, "best_step": self.best_step}
        if self.tail:
            facts["tail"] = list(self.tail)
        return Checkpoint(named_arrays(self.engine_state) | best, facts)


def gradient_descent(
    architecture: TrainedArchitecture,
    config: TrainingConfig,
    train: TokenLines,
    dev: TokenLines,
    vocabulary_size: int,
    *,
    checkpoints: Checkpoints | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    text: bool = False,
    processes: Processes = ALONE,
    budget: float | None = None,
    watched_loss: Callable[[Weights], float] | None = None,
    sample: Callable[[int, Weights], Sampled] | None = None,
    watch_weights: Watch | None = None,
    knobs: Knobs | None = None,
    first_weights: Weights | None = None,
) -> Iterator[Event]:
    """Yield the events of gradient descent, `Finished` last; `text` says that each part is one running text.

    Training ends early when its steps, without compiling and evaluating, have taken `budget` seconds, or when a minute
    of steps gains less than the settings' `least_gain`, by `watched_loss` or else by the loss on dev.

    With `checkpoints`, training resumes from the newest valid one, and saves after each evaluation and when it stops.
    `sample` draws words from the weights after the first step and after each evaluation. `watch_weights` is called at
    the beginning and before each event of steps. `knobs` may change the learning rate and the batch size, and divide a
    chunk: its parts are `Stepped`, and its `Progress` is that of the whole chunk. A new run begins with
    `first_weights`, by default with weights drawn from the seed.
    `should_stop` is called after each chunk. If it returns true, the state is saved and the reason is "interrupted".
    Several `processes` take the same steps together; process 0 evaluates and saves.

    Raises:
        TrainingError: a loss, gradient or weight is not finite (its chunk is discarded), or another process ended.
    """
    from morelike.training.jax.engine import Engine  # JAX is imported when a training run starts, never before

    began = time.perf_counter()
    engine = Engine(architecture, config, train, dev, vocabulary_size, text=text, mesh=processes.mesh)
    now = _initial_state(engine, checkpoints, processes, first_weights)
    assert config.steps
    assert config.evaluate_every
    assert config.chunk
    sizes = {name: array.size for name, array in now.engine_state.weights.items()}
    parameters = sum(size for name, size in sizes.items() if architecture.is_parameter(name))
    yield Started(architecture.kind, parameters, now.step, config.steps, engine.device)
    if watch_weights:
        watch_weights(now.step, partial(_weights, now))
    reason, chunks = "completed", ChunkTimes()
    watch = _gain_watch(engine, watched_loss)
    now.tail = now.tail if watch else None
    steps = config.steps
    if now.tail:
        engine, steps = engine.annealing(*now.tail), sum(now.tail)
    while now.step < steps:
        if _out_of_patience(config, now):
            reason = "early stopping"
            break
        taken = StepsTaken(now.step, end := chunk_end(engine.config, now.step))
        while now.step < end:
            engine = _with_knobs(engine, knobs, now.step)
            with processes.collective():
                _advance(engine, now, (knobs.pause(now.step, end) if knobs else end) - now.step, taken)
            if now.step < end:
                if watch_weights:
                    watch_weights(now.step, partial(_weights, now))
                yield taken.last(engine.config.steps)
        chunks.add(progress := taken.progress(engine.config.steps or end))
        due = now.step % config.evaluate_every == 0 or now.step == steps
        if processes.any_process(budget is not None and chunks.seconds >= budget) and now.step < steps:
            reason, due = "budget", True
        elif watch and not now.tail and _gains_little(watch, chunks.seconds, now, engine, processes):
            now.tail, due = (now.step, tail_steps(now.step, config.chunk)), True
            engine, steps = engine.annealing(*now.tail), sum(now.tail)
            yield Noted(watch.sentence(*now.tail))
        if due:
            loss = engine.dev_loss(now.engine_state.weights) if processes.leads else None
            if (loss := processes.broadcast(loss)) is not None:
                yield _evaluated(now, loss)
        if watch_weights:
            watch_weights(now.step, partial(_weights, now))
        yield progress
        if sample and (due or now.step == 1):
            yield sample(now.step, _weights(now))
        stops = processes.any_process(should_stop())
        if stops and reason == "completed" and now.step < steps and not _out_of_patience(config, now):
            reason = "interrupted"
        if due or reason != "completed":
            yield from _save(now, checkpoints, processes)
        if reason != "completed":
            break
    weights = {name: np.asarray(array) for name, array in (now.best or now.engine_state.weights).items()}
    processes.barrier()
    seconds, best_step = time.perf_counter() - began, now.best_step if now.best else now.step
    if now.tail and reason == "completed":
        reason = "small gain"
    yield Finished(now.step, reason, weights, seconds, chunks.seconds, best_step)


@dataclass
class ChunkTimes:
    """The time that steps take without compiling: the first chunk is compiled, so later ones count."""

    first_steps: int = 0
    steps: int = 0
    spent: float = 0.0

    def add(self, progress: Progress) -> None:
        """Add a chunk."""
        steps = sum(progress.blocks)
        if not self.first_steps:
            self.first_steps = steps
        else:
            self.steps, self.spent = self.steps + steps, self.spent + progress.seconds

    @property
    def seconds(self) -> float:
        """The seconds of all steps, the first chunk at the speed of the others; 0 if there are no others."""
        return self.spent * (1 + self.first_steps / self.steps) if self.steps else 0.0


def _weights(now: TrainingState) -> Weights:
    """Return the present weights as NumPy arrays."""
    return {name: np.asarray(array) for name, array in now.engine_state.weights.items()}


def _initial_state(
    engine: Engine, checkpoints: Checkpoints | None, processes: Processes, first_weights: Weights | None
) -> TrainingState:
    """Return the state of the newest valid checkpoint of process 0, or a fresh one if there is none.

    Raises:
        RunError: the first weights do not fit the settings.
    """
    if first_weights is not None and not engine.architecture.fits(first_weights, engine.vocabulary_size):
        raise RunError("the weights with which the run begins do not fit its settings or its list")
    fresh = TrainingState(engine.initial_state() if first_weights is None else engine.state_of(first_weights))
    checkpoint = checkpoints.newest() if checkpoints else None
    if processes.count > 1:
        checkpoint = processes.broadcast_checkpoint(checkpoint or fresh.checkpoint())
    if checkpoint is None:
        return fresh
    state = engine.restore(fresh.engine_state, checkpoint.arrays)
    facts = checkpoint.facts
    best = checkpoint.arrays_of(BEST), facts["best_loss"], facts["best_step"]
    return TrainingState(state, facts["step"], *best, tuple(facts["tail"]) if "tail" in facts else None)


def _gain_watch(engine: Engine, loss: Callable[[Weights], float] | None) -> GainWatch | None:
    """Return the watch over the gain of training, None if the settings ask for none or nothing is held out."""
    if not engine.config.least_gain or engine.dev is None:
        return None
    return GainWatch(engine.config.least_gain, loss or (lambda weights: engine.dev_loss(weights) or 0.0))


def _gains_little(watch: GainWatch, seconds: float, now: TrainingState, engine: Engine, processes: Processes) -> bool:
    """Return whether process 0 finds that training should end, if the tail would end before the planned steps do."""
    assert engine.config.steps
    assert engine.config.chunk
    saves = now.step + tail_steps(now.step, engine.config.chunk) < engine.config.steps
    return processes.any_process(saves and processes.leads and watch.is_over(seconds, now.engine_state.weights))


def _with_knobs(engine: Engine, knobs: Knobs | None, step: int) -> Engine:
    """Return an engine with the learning rate and the batch size that hold after a step."""
    if knobs is None:
        return engine
    knobs.settle(step)
    if rate := knobs.value("learning_rate", step):
        engine = engine.at_learning_rate(rate)
    return engine.with_batch_sizes(*knobs.batch_sizes(step, engine.config.batch_size))


class StepsTaken:
    """The losses and rates of the steps of one chunk, which may be taken in several parts."""

    def __init__(self, begin: int, end: int) -> None:
        self.begin, self.end, self.seconds = begin, end, 0.0
        self.losses: NDArray[np.float32] = np.array([], np.float32)
        self.rates: NDArray[np.float32] = np.array([], np.float32)
        self._parts: list[int] = []

    def add(self, chunk: Chunk, seconds: float) -> None:
        """Add a part."""
        self.losses = np.concatenate([self.losses, chunk.losses])
        self.rates = np.concatenate([self.rates, chunk.rates])
        self.seconds += seconds
        self._parts.append(len(chunk.losses))

    def last(self, steps: int | None) -> Stepped:
        """Return the last part."""
        count, step = self._parts[-1], self.begin + len(self.losses)
        loss = round(float(np.mean(self.losses[-count:], dtype=np.float64)), DECIMALS)
        return Stepped(step, steps or step, loss, count, float(self.rates[-1]))

    def progress(self, steps: int) -> Progress:
        """Return the whole chunk: the same figures, however it was divided."""
        blocks = block_lengths(self.begin, self.end - self.begin)
        return Progress(
            step=self.end,
            steps=steps,
            loss=float(np.mean(self.losses, dtype=np.float64)),
            losses=tuple(round(mean, DECIMALS) for mean in block_means(self.losses, blocks)),
            blocks=blocks,
            rates=tuple(float(f"{mean:.{DIGITS}g}") for mean in block_means(self.rates, blocks)),
            learning_rate=float(self.rates[-1]),
            seconds=self.seconds,
        )


def _advance(engine: Engine, now: TrainingState, steps: int, taken: StepsTaken) -> None:
    """Take some steps of a chunk."""
    began = time.perf_counter()
    chunk = engine.run(now.engine_state, now.step, steps)
    if not chunk.finite.all():
        first = int(np.argmin(chunk.finite))
        rate = float(chunk.rates[first])
        raise TrainingError(
            f"the loss is no longer a number at step {now.step + first + 1:,}, with learning rate {rate:.3g}; this "
            f"chunk of steps is discarded. Try a lower rate (--learning-rate {rate / 3:.1g}) or clip the gradients "
            "(--clip 1)"
        )
    now.engine_state, now.step = chunk.state, now.step + steps
    taken.add(chunk, time.perf_counter() - began)


def block_lengths(step: int, steps: int) -> tuple[int, ...]:
    """Divide the `steps` after `step` into blocks, and return the number of steps in each.

    There are about four equal blocks. They are shorter at the beginning of a run: the first 20 steps are a block each.

    >>> block_lengths(16, 16), block_lengths(1000, 60)
    ((1, 1, 1, 1, 2, 2, 2, 2, 2, 2), (15, 15, 15, 15))
    """
    longest, lengths, done = ceil(steps / BLOCKS), [], 0
    while done < steps:
        lengths.append(min(longest, max((step + done) // SHARE_OF_BLOCK, 1), steps - done))
        done += lengths[-1]
    return tuple(lengths)


def block_means(values: Float[NDArray[Any], " steps"], lengths: Sequence[int]) -> list[float]:
    """Return the mean of each block of values.

    >>> block_means(np.array([3.0, 1.0, 2.0]), [1, 2])
    [3.0, 1.5]
    """
    starts = np.cumsum([0, *lengths[:-1]])
    means: list[float] = (np.add.reduceat(values.astype(np.float64), starts) / np.array(lengths)).tolist()
    return means


def _out_of_patience(config: TrainingConfig, now: TrainingState) -> bool:
    """Return whether the last `patience` evaluations on dev brought no better loss."""
    evaluations = (now.step - now.best_step) / (config.evaluate_every or 1)
    return bool(config.patience and now.best and evaluations >= config.patience)


def _evaluated(now: TrainingState, loss: float) -> Evaluated:
    """Return the event of an evaluation; the weights of the lowest loss are kept as the best."""
    best = loss < now.best_loss
    if best:
        now.best, now.best_loss, now.best_step = dict(now.engine_state.weights), loss, now.step
    return Evaluated(now.step, loss, best)


def _save(now: TrainingState, checkpoints: Checkpoints | None, processes: Processes) -> Iterator[Saved]:
    """Save a checkpoint if there is a folder for it; all processes must hold the same state."""
    if checkpoints or processes.count > 1:
        checkpoint = now.checkpoint()
        processes.require_equal(checkpoint)
        if checkpoints:
            yield Saved(now.step, str(checkpoints.save(checkpoint)))
