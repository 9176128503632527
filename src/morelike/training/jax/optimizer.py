"""Schedules of the learning rate, and the optimiser that follows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import log
from typing import Any

import jax.numpy as jnp
import optax

from morelike.runs.settings import TrainingConfig


def schedule(config: TrainingConfig) -> optax.Schedule:
    """Return the learning rate as a function of the step: a warm-up, then the schedule of the settings."""
    peak, warmup = config.learning_rate, int(config.warmup * (config.steps or 1))
    main = SCHEDULES[config.schedule](config, warmup)
    if not warmup:
        return main
    return optax.join_schedules([optax.linear_schedule(peak / (warmup + 1), peak, warmup), main], [warmup])


SCHEDULES: Mapping[str, Callable[[TrainingConfig, int], optax.Schedule]] = {
    "cosine": lambda config, warmup: optax.cosine_decay_schedule(
        config.learning_rate, max((config.steps or 1) - warmup, 1)
    ),
    "step": lambda config, warmup: optax.piecewise_constant_schedule(
        config.learning_rate, {int(config.decay_at * (config.steps or 1)) - warmup: config.decay_factor}
    ),
    "constant": lambda config, warmup: optax.constant_schedule(config.learning_rate),
}
"""The learning rate after the warm-up, by the values of the setting `schedule`."""


def geometric_schedule(low: float, high: float, steps: int) -> optax.Schedule:
    """Return rates in geometric progression, from `low` at the first step to `high` at the last."""
    first, per_step = log(low), (log(high) - log(low)) / max(steps - 1, 1)
    return lambda step: jnp.exp(first + per_step * step)


def optimizer(config: TrainingConfig, learning_rate: optax.Schedule | None = None) -> optax.GradientTransformation:
    """Return clipping by the global norm (Pascanu et al. 2013), then the optimiser of the settings.

    `learning_rate` replaces the schedule of the settings.
    """
    clip = [optax.clip_by_global_norm(config.clip)] if config.clip else []
    fault = [optax.scale(-1.0)] if config.wrong_sign else []
    return optax.chain(*clip, OPTIMIZERS[config.optimizer](config, learning_rate or schedule(config)), *fault)


def _adamw(config: TrainingConfig, learning_rate: optax.Schedule) -> optax.GradientTransformation:
    """Return AdamW (Loshchilov and Hutter 2019). Only matrices decay: not biases, gains or start states."""

    def decays(weights: Any) -> Any:
        return {name: array.ndim > 1 and name != "start" for name, array in weights.items()}

    return optax.adamw(learning_rate, b2=0.99, weight_decay=config.weight_decay, mask=decays)


OPTIMIZERS: Mapping[str, Callable[[TrainingConfig, optax.Schedule], optax.GradientTransformation]] = {
    "adamw": _adamw,
    "sgd": lambda config, learning_rate: optax.sgd(learning_rate),
}
"""The optimisers, by the values of the setting `optimizer`."""
LONG_FIRST_STEP = {"adamw"}
"""Optimisers whose first step is longer than later steps: their mean of gradients begins with one gradient."""
