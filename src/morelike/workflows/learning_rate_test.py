"""The learning-rate range test: a short run in which the rate rises, and what its losses say (Smith 2017)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import TrainedArchitecture
from morelike.arrays import Float
from morelike.errors import SettingError
from morelike.runs.plan import Plan
from morelike.training.preparation import prepare

__all__ = ["RangeTest", "range_test", "suggest"]

SMOOTHED = 0.05  # share of the steps, on either side, over which a loss is averaged
FEWEST = 10


@dataclass(frozen=True)
class RangeTest:
    """The rate and the loss of each step, the losses smoothed, and the rate to take with the reason for it."""

    rates: Float[NDArray[Any], " steps"]
    losses: Float[NDArray[Any], " steps"]
    smoothed: Float[NDArray[Any], " steps"]
    suggestion: float
    reason: str


def range_test(plan: Plan, *, low: float = 1e-3, high: float = 1.0, steps: int = 1000) -> RangeTest:
    """Return the losses of a run whose rate rises from `low` to `high`, evenly in its logarithm.

    The optimiser, the batches and the weights' seed are the plan's; its own rate and schedule have no part in it.

    Raises:
        SettingError: rates that do not rise, too few steps, or a kind that is counted.
    """
    if not 0 < low < high < float("inf"):
        raise SettingError(f"rates from {low:g} to {high:g}: give a low one above 0 and a higher one")
    if steps < FEWEST:
        raise SettingError(f"{steps} steps are too few for a range test: give {FEWEST} or more")
    if not isinstance(plan.architecture, TrainedArchitecture):
        raise SettingError(f"{plan.architecture.kind} is counted, not trained: it has no learning rate")
    from morelike.training.jax.engine import Engine  # JAX is imported when training starts, never before
    from morelike.training.jax.optimizer import geometric_schedule

    settings = plan.training.model_copy(update={"steps": steps, "epochs": None, "evaluate_every": steps})
    prepared = prepare(replace(plan, training=settings))
    config = prepared.plan.training
    nothing = prepared.dev.take(np.array([], dtype=np.int64))
    engine = Engine(
        plan.architecture,
        config,
        prepared.train,
        nothing,
        prepared.vocabulary.size,
        text=plan.corpus.form == "text",
        learning_rate=geometric_schedule(low, high, steps),
    )
    state, done = engine.initial_state(), 0
    losses: list[NDArray[Any]] = []
    while done < steps:
        chunk = engine.run(state, done, min(config.chunk or steps, steps - done))
        losses.append(np.where(chunk.finite, chunk.losses, np.inf))
        done, state = done + len(chunk.losses), chunk.state
        if not chunk.finite.all():
            break
    found = np.full(steps, np.inf)  # what came after a loss that was no number is not known
    found[: sum(map(len, losses))] = np.concatenate(losses)
    return suggest(low * (high / low) ** (np.arange(steps) / (steps - 1)), found)


def suggest(rates: Float[NDArray[Any], " steps"], losses: Float[NDArray[Any], " steps"]) -> RangeTest:
    """Return the test with the rate that its losses suggest: that at which the smoothed loss is least.

    While the rate rises a loss still gains from the steps before it, so the least one lies a little beyond the rate at
    which a step helps most: as high as a run can begin with that lowers its rate later.
    """
    smoothed = _smooth(losses, max(int(SMOOTHED * len(losses)), 1))
    least = int(np.argmin(smoothed))
    suggestion = float(f"{rates[least]:.2g}")
    reason = f"the smoothed loss is least there, {smoothed[least]:.3f} nats; begin with it and lower it later"
    if least == len(losses) - 1:
        reason += "; it is still falling at the last rate: try a higher one with --high"
    return RangeTest(rates, losses, smoothed, suggestion, reason)


def _smooth(losses: Float[NDArray[Any], " steps"], width: int) -> Float[NDArray[Any], " steps"]:
    """Return each loss averaged with those up to `width` steps before and behind it; a diverged one spoils them all."""
    padded = np.concatenate([[0.0], np.cumsum(np.where(np.isfinite(losses), losses, 0))])
    broken = np.concatenate([[0], np.cumsum(~np.isfinite(losses))])
    at = np.arange(len(losses))
    first, last = np.maximum(at - width, 0), np.minimum(at + width + 1, len(losses))
    mean = (padded[last] - padded[first]) / (last - first)
    return np.where(broken[last] > broken[first], np.inf, mean)
