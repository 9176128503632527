"""The settings of training: each declared once, with the sentence that the command line, files and forms show."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from morelike.architecture import Architecture, plain_reason
from morelike.arrays import Int
from morelike.errors import SettingError, did_you_mean
from morelike.text.count_weights import CountWeighting
from morelike.text.examples.packing import choose_row_width

__all__ = ["TrainingConfig", "configure", "width_of"]

FEWEST_STEPS = 500
"""Steps of a run whose length was not asked for, however short the list."""


class TrainingConfig(BaseModel):
    """How a model is trained. Lengths of time are in steps; one step is one update of the weights."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    steps: int | None = Field(None, ge=1, description="updates of the weights; instead of epochs")
    epochs: float | None = Field(None, gt=0, description="passes over the train part; instead of steps")
    weights: CountWeighting = Field(
        "counts",
        description="of a list with a column of counts: each word as often as it was seen, as often as the logarithm "
        "ln(1 + count), rounded, or once",
    )
    labelled: bool = Field(
        default=True, description="condition the model by the list's column of labels, if it has one"
    )
    batch: int = Field(32, ge=1, description="contexts (window models) or packed rows (recurrent ones) in a step")
    row: int | None = Field(
        None,
        ge=2,
        le=4096,
        description="characters in a packed row; by default, up to 128, what holds 99 lines of 100 whole, or up to 15 "
        "more where the lines then fill the rows better; 64 of a running text",
    )
    optimizer: Literal["adamw", "sgd"] = Field("adamw", description="how gradients become updates")
    learning_rate: float = Field(3e-3, gt=0, description="the highest rate of the schedule")
    schedule: Literal["cosine", "step", "constant"] = Field(
        "cosine", description="after the warm-up: down along a cosine, down once at decay_at, or not at all"
    )
    warmup: float = Field(0.02, ge=0, lt=1, description="share of the steps in which the rate rises from zero")
    decay_at: float = Field(0.5, gt=0, le=1, description="share of the steps after which `step` lowers the rate")
    decay_factor: float = Field(0.1, gt=0, le=1, description="what `step` multiplies the rate by")
    weight_decay: float = Field(0.01, ge=0, description="AdamW's decoupled decay of matrices")
    clip: float = Field(1.0, ge=0, description="longest gradient, as a norm; 0 for no limit")
    evaluate_every: int | None = Field(None, ge=1, description="steps between looks at dev; by default a tenth of all")
    patience: int = Field(
        0, ge=0, description="looks at dev without a better loss before stopping; 0 never stops early"
    )
    chunk: int | None = Field(None, ge=1, description="steps in one compiled call; by default from the model's size")
    threads: int | None = Field(
        None,
        ge=1,
        le=64,
        description="cores that share each step; by default all, where a step is long enough to gain. Another number "
        "rounds differently",
    )
    seed: int = Field(0, ge=0, lt=2**32, description="of the fresh weights, the batches and the dropout")

    def with_row(self, lengths: Int[NDArray[Any], " lines"], *, text: bool = False) -> TrainingConfig:
        """Return the settings with the row's width written out, for lines of these lengths (their ends included)."""
        if text:
            return self.model_copy(update={"row": max(min(self.row or TEXT_ROW, int(lengths.sum()) - 2), 2)})
        usual = min(max(int(np.percentile(lengths, 99)), 2), WIDEST_ROW) if len(lengths) else ROW_SPAN
        row = self.row or choose_row_width(lengths, range(usual, min(usual + ROW_SPAN, WIDEST_ROW + 1)))
        return self.model_copy(update={"row": row})

    def resolved(self, examples: int, cost: float) -> TrainingConfig:
        """Return the settings with steps, evaluate_every and chunk written out.

        Args:
            examples: contexts or rows in the train part.
            cost: multiplications of one example, which bounds the chunk so that Ctrl-C is heard within a second.
        """
        batch = min(self.batch, examples)
        limit = self.chunk or max(1, min(MOST_STEPS_AT_ONCE, int(CHUNK_COST / (cost * batch))))
        if self.steps is not None:
            steps = self.steps
            chunk = _even_part(self.evaluate_every or steps, limit)
            evaluate_every = self.evaluate_every or ceil(steps / LOOKS / chunk) * chunk
        else:  # as many as the epochs take, rounded up so that all chunks are of one length and compiled once
            epochs = self.epochs if self.epochs is not None else DEFAULT_EPOCHS
            wanted = ceil(epochs * examples / batch)
            wanted = wanted if self.epochs is not None else max(wanted, FEWEST_STEPS)
            chunk = _even_part(self.evaluate_every or wanted, min(limit, ceil(wanted / LOOKS)))
            evaluate_every = self.evaluate_every or ceil(wanted / LOOKS / chunk) * chunk
            steps = ceil(wanted / chunk) * chunk
        return self.model_copy(
            update={"steps": steps, "epochs": None, "batch": batch, "evaluate_every": evaluate_every, "chunk": chunk}
        )


def _even_part(steps: int, limit: int) -> int:
    """Return a chunk of at most `limit` steps that divides `steps`, if there is one in the upper half, else `limit`."""
    limit = min(limit, steps)
    return next((chunk for chunk in range(limit, limit // 2, -1) if steps % chunk == 0), limit)


CHUNK_COST = 5e9
MOST_STEPS_AT_ONCE = 2000
LOOKS = 10
DEFAULT_EPOCHS = 10.0
ROW_SPAN = 16
TEXT_ROW = 64
WIDEST_ROW = 128


def width_of(config: TrainingConfig) -> int:
    """Return the row's width of resolved settings."""
    return config.row or ROW_SPAN


def configure(architecture: Architecture, settings: Mapping[str, Any], *, quick: bool = False) -> TrainingConfig:
    """Return the settings of training that suit an architecture, with the given ones in their place.

    Raises:
        SettingError: no such setting, a value that makes no sense, or both steps and epochs.
    """
    for name in settings:
        if name not in TrainingConfig.model_fields:
            known = TrainingConfig.model_fields
            raise SettingError(
                f"training has no setting '{name}'{did_you_mean(name, known)}. There are {', '.join(known)}"
            )
    suited = {**architecture.training, **(architecture.quick if quick else {})}
    suited = {name: value for name, value in suited.items() if name in TrainingConfig.model_fields}
    if settings.get("steps") is not None and settings.get("epochs") is not None:
        raise SettingError("steps and epochs both say how long to train: give one of them")
    if settings.get("steps") is not None:
        suited.pop("epochs", None)
    if settings.get("epochs") is not None:
        suited.pop("steps", None)
    try:
        return TrainingConfig(**{**suited, **settings})
    except ValidationError as error:
        raise SettingError(f"training: {plain_reason(error)}") from None
