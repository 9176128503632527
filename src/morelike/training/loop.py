"""The training loop: a generator of events, which decides when to look at dev, to save and to stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import TrainedArchitecture
from morelike.arrays import Float, Weights
from morelike.errors import TrainingError
from morelike.runs.checkpoint import Checkpoint, Checkpoints
from morelike.runs.events import Evaluated, Event, Finished, Progress, Saved, Started
from morelike.runs.settings import TrainingConfig
from morelike.text.vocabulary import TokenLines
from morelike.training.processes import ALONE, Processes

if TYPE_CHECKING:
    from morelike.training.jax.engine import Engine, EngineState

__all__ = ["block_means", "descend"]

MOST_BLOCKS = 20
"""Means of a chunk's parts that its line of metrics holds: a curve fine enough to look at, in a file small enough."""
DECIMALS = 6


@dataclass
class Progressing:
    """Where training stands: all that a checkpoint holds."""

    state: EngineState
    step: int = 0
    best: Weights = field(default_factory=dict)
    best_loss: float = float("inf")
    best_step: int = 0


def descend(
    architecture: TrainedArchitecture,
    config: TrainingConfig,
    train: TokenLines,
    dev: TokenLines,
    vocabulary_size: int,
    *,
    checkpoints: Checkpoints | None = None,
    stopping: Callable[[], bool] = lambda: False,
    text: bool = False,
    processes: Processes = ALONE,
) -> Iterator[Event]:
    """Yield the events of gradient descent, `Finished` last; `text` says that the lines are one running text each.

    With `checkpoints` it goes on from the newest good one, and saves at each look at dev and when it stops.
    `stopping` is asked after each chunk; when true, the state is saved and the reason is "interrupted". Several
    `processes` do the same steps together; the first of them judges and saves.

    Raises:
        TrainingError: a loss, gradient or weight that is not finite; nothing of that chunk is kept. Or a lost process.
    """
    from morelike.training.jax.engine import Engine  # JAX is imported when a training run starts, never before

    began = time.perf_counter()
    engine = Engine(architecture, config, train, dev, vocabulary_size, text=text, mesh=processes.mesh())
    here = _begun(engine, checkpoints, processes)
    assert config.steps
    assert config.evaluate_every
    assert config.chunk
    parameters = sum(array.size for name, array in here.state.weights.items() if architecture.is_parameter(name))
    yield Started(architecture.kind, parameters, here.step, config.steps)
    reason = "completed"
    while here.step < config.steps:
        if _out_of_patience(config, here):
            reason = "early stopping"
            break
        last = min(here.step - here.step % config.evaluate_every + config.evaluate_every, config.steps)
        with processes.together():
            progress = _advance(engine, here, min(config.chunk, last - here.step))
        looks = here.step == last
        if looks and (loss := processes.told(_dev_loss(engine, here, processes))) is not None:
            yield _judge(here, loss)
        yield progress
        if processes.any(stopping()) and here.step < config.steps and not _out_of_patience(config, here):
            reason = "interrupted"
        if looks or reason != "completed":
            yield from _saved(here, checkpoints, processes)
        if reason != "completed":
            break
    weights = {name: np.asarray(array) for name, array in (here.best or here.state.weights).items()}
    processes.part()
    yield Finished(here.step, reason, weights, time.perf_counter() - began)


def _advance(engine: Engine, here: Progressing, steps: int) -> Progress:
    began = time.perf_counter()
    chunk = engine.run(here.state, here.step, steps)
    if not chunk.finite.all():
        broken = int(np.argmin(chunk.finite))
        rate = float(chunk.rates[broken])
        raise TrainingError(
            f"the loss is no longer a number at step {here.step + broken + 1:,}, with learning rate {rate:.3g}; none"
            f" of it was kept. Try a lower rate (--learning-rate {rate / 3:.1g}) or clip the gradients (--clip 1)"
        )
    here.state, here.step = chunk.state, here.step + steps
    return Progress(
        step=here.step,
        steps=engine.config.steps or here.step,
        loss=float(np.mean(chunk.losses, dtype=np.float64)),
        losses=block_means(chunk.losses),
        learning_rate=float(chunk.rates[-1]),
        seconds=time.perf_counter() - began,
    )


def block_means(losses: Float[NDArray[Any], " steps"]) -> tuple[float, ...]:
    """Return the means of the losses over up to 20 blocks, as equal in length as they can be, longer ones first.

    >>> block_means(np.array([3.0, 1.0, 2.0]))
    (3.0, 1.0, 2.0)
    >>> len(block_means(np.arange(2001.0)))
    20
    """
    blocks = np.array_split(losses, min(len(losses), MOST_BLOCKS))
    return tuple(round(float(np.mean(block, dtype=np.float64)), DECIMALS) for block in blocks)


def _out_of_patience(config: TrainingConfig, here: Progressing) -> bool:
    """Return whether dev has not been better for as many looks as patience lasts."""
    looks = (here.step - here.best_step) / (config.evaluate_every or 1)
    return bool(config.patience and here.best and looks >= config.patience)


def _judge(here: Progressing, loss: float) -> Evaluated:
    best = loss < here.best_loss
    if best:
        here.best, here.best_loss, here.best_step = dict(here.state.weights), loss, here.step
    return Evaluated(here.step, loss, best)


def _dev_loss(engine: Engine, here: Progressing, processes: Processes) -> float | None:
    return engine.dev_loss(here.state.weights) if processes.leads else None


def _saved(here: Progressing, checkpoints: Checkpoints | None, processes: Processes) -> Iterator[Saved]:
    """Save where there is a place to save to, once all processes hold the same."""
    if not (checkpoints or processes.several):
        return
    checkpoint = _to_checkpoint(here)
    processes.stay_equal(checkpoint)
    if checkpoints:
        yield Saved(here.step, str(checkpoints.save(checkpoint)))


def _begun(engine: Engine, checkpoints: Checkpoints | None, processes: Processes) -> Progressing:
    """Return where training begins: at the newest good checkpoint, if there is one, of process 0."""
    fresh = engine.fresh()
    checkpoint = checkpoints.newest() if checkpoints else None
    if processes.several:
        checkpoint = processes.begin_from(checkpoint or _to_checkpoint(Progressing(fresh)))
    if checkpoint is None:
        return Progressing(fresh)
    state = engine.restore(fresh, checkpoint.arrays)
    best = {name[5:]: array for name, array in checkpoint.arrays.items() if name.startswith("best.")}
    facts = checkpoint.facts
    return Progressing(state, facts["step"], best, facts["best_loss"], facts["best_step"])


def _to_checkpoint(here: Progressing) -> Checkpoint:
    from morelike.training.jax.engine import named_arrays

    arrays = named_arrays(here.state) | {f"best.{name}": np.asarray(array) for name, array in here.best.items()}
    facts: dict[str, Any] = {"step": here.step, "best_loss": here.best_loss, "best_step": here.best_step}
    return Checkpoint(arrays, facts)
