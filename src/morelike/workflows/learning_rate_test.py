"""The learning-rate range test: a short run with a rising learning rate, and the rate that it suggests (Smith 2017)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float
from morelike.display import Summarized, Summary
from morelike.errors import SettingError
from morelike.runs.plan import Plan
from morelike.training.chunks import longest_chunk
from morelike.training.preparation import prepare

if TYPE_CHECKING:
    from morelike.training.jax.engine import Engine

SMOOTHING = 0.05  # a smoothed loss is a mean over this share of all steps before it and after it
FEWEST_STEPS = 10
SWEPT = (
    *("learning_rate", "schedule", "warmup", "decay_at", "decay_factor"),
    *("epochs", "min_steps", "max_steps", "evaluate_every", "patience"),
)
"""Settings that a range test has no use for."""


@dataclass(frozen=True, repr=False)
class RangeTest(Summarized):
    """The rate, the loss and the smoothed loss of each step; the suggested rate, and the reason for it."""

    rates: Float[NDArray[Any], " steps"]
    losses: Float[NDArray[Any], " steps"]
    smoothed: Float[NDArray[Any], " steps"]
    suggestion: float
    reason: str

    @property
    def still_falling(self) -> bool:
        """Whether the smoothed loss is lowest at the last rate, so that a higher one may be better still."""
        return int(np.argmin(self.smoothed)) == len(self.smoothed) - 1

    def _summary(self) -> Summary:
        rates = {"low": float(self.rates[0]), "high": float(self.rates[-1]), "steps": len(self.rates)}
        return Summary({"suggestion": self.suggestion, **rates}, {"reason": self.reason})


@dataclass(frozen=True)
class Swept:
    """The steps of a range test that were just taken, and the smoothed losses of all steps so far."""

    rates: Float[NDArray[Any], " new"]
    losses: Float[NDArray[Any], " new"]
    smoothed: Float[NDArray[Any], " done"]


def range_test(plan: Plan, *, low: float = 1e-3, high: float = 1.0, steps: int = 1000) -> RangeTest:
    """Return the losses of a run whose rate rises exponentially from `low` to `high`.

    The optimiser, the batches and the seed come from the plan; its learning rate and schedule are not used.

    Raises:
        SettingError: rates that do not rise, too few steps, or a kind without gradient descent.
    """
    *_, found = sweep(plan, low=low, high=high, steps=steps)
    assert isinstance(found, RangeTest)
    return found


def sweep(plan: Plan, *, low: float, high: float, steps: int) -> Iterator[Swept | RangeTest]:
    """Yield the steps of a range test as they are taken, and its result last; see `range_test`.

    Raises:
        SettingError: as `range_test`.
    """
    if not 0 < low < high < float("inf"):
        raise SettingError(f"rates from {low:g} to {high:g}: give a low one above 0 and a higher one")
    if steps < FEWEST_STEPS:
        raise SettingError(f"{steps} steps are too few for a range test: give {FEWEST_STEPS} or more")
    engine = _engine(plan, low, high, steps)
    state, done = engine.initial_state(), 0
    rates = low * (high / low) ** (np.arange(steps) / (steps - 1))
    losses = np.full(steps, np.inf)  # the run stops after a loss that is not finite
    while done < steps:
        chunk = engine.run(state, done, min(longest_chunk(engine.config), steps - done))
        new = slice(done, done + len(chunk.losses))
        losses[new] = np.where(chunk.finite, chunk.losses, np.inf)
        done, state = new.stop, chunk.state
        yield Swept(rates[new], losses[new], _smooth(losses[:done], _width(steps)))
        if not chunk.finite.all():
            break
    yield suggest(rates, losses)


def _engine(plan: Plan, low: float, high: float, steps: int) -> Engine:
    """Return the engine of a plan with the rising rate."""
    architecture = plan.architecture.as_trained("it has no learning rate")
    from morelike.training.jax.engine import Engine  # importing JAX takes a second
    from morelike.training.jax.optimizer import geometric_schedule

    settings = plan.training.model_copy(update={"steps": steps, "epochs": None, "evaluate_every": steps})
    prepared = prepare(replace(plan, training=settings))
    no_dev = prepared.dev.take(np.array([], dtype=np.int64))
    return Engine(
        architecture,
        prepared.plan.training,
        prepared.train,
        no_dev,
        prepared.vocabulary.size,
        text=plan.corpus.form == "text",
        learning_rate=geometric_schedule(low, high, steps),
    )


def refuse_swept(settings: Mapping[str, Any]) -> None:
    """Refuse settings that have no effect on a range test.

    Raises:
        SettingError: such a setting is given, with a value that is not 0.
    """
    if idle := next((name for name in SWEPT if settings.get(name)), None):
        raise SettingError(f"--{idle.replace('_', '-')} has no part in a range test: the rate rises in all its steps")


def suggest(rates: Float[NDArray[Any], " steps"], losses: Float[NDArray[Any], " steps"]) -> RangeTest:
    """Return the test with the suggested rate: the rate at which the smoothed loss is lowest.

    Each loss still profits from the steps before it, so the lowest loss lies a little beyond the rate at which one step
    helps most. This is the highest rate with which a run can begin, if its schedule lowers the rate later.
    """
    smoothed = _smooth(losses, _width(len(losses)))
    lowest = int(np.argmin(smoothed))
    suggestion = float(f"{rates[lowest]:.2g}")
    reason = f"the smoothed loss is lowest there, {smoothed[lowest]:.3f} nats; begin with this rate and lower it later"
    if lowest == len(losses) - 1:
        reason += "; it is still falling at the last rate: try a higher one with --high"
    return RangeTest(rates, losses, smoothed, suggestion, reason)


def _width(steps: int) -> int:
    """Return the steps on each side of a step over which its loss is smoothed."""
    return max(int(SMOOTHING * steps), 1)


def _smooth(losses: Float[NDArray[Any], " steps"], width: int) -> Float[NDArray[Any], " steps"]:
    """Return the mean of the losses within `width` steps of each step; inf if one of them is not finite."""
    padded = np.concatenate([[0.0], np.cumsum(np.where(np.isfinite(losses), losses, 0))])
    diverged = np.concatenate([[0], np.cumsum(~np.isfinite(losses))])
    at = np.arange(len(losses))
    first, last = np.maximum(at - width, 0), np.minimum(at + width + 1, len(losses))
    mean = (padded[last] - padded[first]) / (last - first)
    return np.where(diverged[last] > diverged[first], np.inf, mean)
