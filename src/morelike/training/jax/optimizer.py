"""Schedules of the learning rate, and the optimiser that follows them."""

from __future__ import annotations

from math import log
from typing import Any

import jax.numpy as jnp
import optax

from morelike.runs.config import TrainingConfig

__all__ = ["geometric_schedule", "optimizer", "schedule"]


def schedule(config: TrainingConfig) -> optax.Schedule:
    """Return the learning rate as a function of the step."""
    steps, peak = config.steps or 1, config.learning_rate
    warmup = int(config.warmup * steps)
    if config.schedule == "cosine":
        after = optax.cosine_decay_schedule(peak, max(steps - warmup, 1))
    elif config.schedule == "step":
        after = optax.piecewise_constant_schedule(peak, {int(config.decay_at * steps) - warmup: config.decay_factor})
    else:
        after = optax.constant_schedule(peak)
    return (
        optax.join_schedules([optax.linear_schedule(peak / (warmup + 1), peak, warmup), after], [warmup])
        if warmup
        else after
    )


def geometric_schedule(low: float, high: float, steps: int) -> optax.Schedule:
    """Return rates in geometric progression, from `low` at the first step to `high` at the last."""
    first, per_step = log(low), (log(high) - log(low)) / max(steps - 1, 1)
    return lambda step: jnp.exp(first + per_step * step)


def optimizer(config: TrainingConfig, learning_rate: optax.Schedule | None = None) -> optax.GradientTransformation:
    """Return clipping by the global norm (Pascanu et al. 2013), then SGD or AdamW (Loshchilov and Hutter 2019).

    `learning_rate` replaces the schedule of the settings. Only matrices decay: not biases, gains or start states.
    """
    learning_rate = learning_rate or schedule(config)
    clip = [optax.clip_by_global_norm(config.clip)] if config.clip else []
    if config.optimizer == "sgd":
        return optax.chain(*clip, optax.sgd(learning_rate))

    def decays(weights: Any) -> Any:
        return {name: array.ndim > 1 and name != "start" for name, array in weights.items()}

    return optax.chain(*clip, optax.adamw(learning_rate, b2=0.99, weight_decay=config.weight_decay, mask=decays))
