"""The settings of a run: training's are declared here, each once, and all are read from keywords, flags and files."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from math import ceil
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from morelike.architecture import MIXTURE, Architecture, SearchRange, build, find, kinds, plain_reason, sizes
from morelike.arrays import Int
from morelike.errors import SettingError, did_you_mean, excerpt
from morelike.renamed_settings import with_new_names
from morelike.text.count_weights import CountWeighting
from morelike.text.examples.packing import choose_row_width
from morelike.text.formats.options import ReadingOptions

DEFAULT_EPOCHS = 10.0
FEWEST_STEPS = 500
"""Steps of a run without a given length, however short the list."""
MOST_QUICK_STEPS = 1500
"""Steps of a quick run without a given length, however long the list."""
EVALUATIONS = 10
"""Evaluations on dev in a run, by default."""
MOST_STEPS_AT_ONCE = 2000
CHUNK_COST = 5e9
"""Multiplications of a compiled chunk of steps: a second or less, so that Ctrl-C is answered soon."""
LONGEST_ROW = 128
TEXT_ROW = 64
LENGTHS = ("steps", "epochs", "min_steps", "max_steps", "least_gain")
"""The settings that say how long to train."""
ROW_SPAN = 16
"""Row lengths that are compared, from the 99th percentile of line lengths on."""

COUNTED_SETTINGS = {"count_weighting", "labelled", "seed"}
"""The settings of training that a counted kind uses, too; the seed is that of the first samples."""
DISABLED_BY: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "weight_decay": ("optimizer", ("sgd",)),
    "decay_at": ("schedule", ("cosine", "constant")),
    "decay_factor": ("schedule", ("cosine", "constant")),
}
"""The settings of training that have no effect with some values of another setting, and these values."""

TABLES: Mapping[str, tuple[str, ...]] = {
    "data": ("list", "as", "split", *(field.name for field in fields(ReadingOptions))),
    "architecture": ("kind",),
    "mixed_with": ("kind",),
    "training": (),
}
"""The tables of a config.toml, and in each the names of the settings that are strings."""
SWITCHES = ("refit", "hide_test")
"""The settings of the table `data` that are true or false."""


class TrainingConfig(BaseModel):
    """How a model is trained. Durations are in steps; one step is one update of the weights.

    A field with a `SearchRange` is tuned by `morelike tune`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    steps: int | None = Field(None, ge=1, description="updates of the weights; instead of epochs")
    epochs: Annotated[float | None, SearchRange(4, 32, "log")] = Field(
        None, gt=0, description="passes over the train split; instead of steps"
    )
    min_steps: int | None = Field(
        None, ge=1, description="fewest updates, however short the list; without effect if steps are given"
    )
    max_steps: int | None = Field(
        None, ge=1, description="most updates, however long the list; without effect if steps are given"
    )
    count_weighting: CountWeighting = Field(
        "counts",
        description="if the list has counts, how often each word is learned: counts: count times; log: ln(1 + count) "
        "times, rounded; none: once",
    )
    labelled: bool = Field(
        default=True, description="condition the model on the list's column of labels, if it has one"
    )
    batch_size: Annotated[int, sizes(16, 128)] = Field(
        32, ge=1, description="contexts (window models) or packed rows (recurrent models) in a step"
    )
    row_length: int | None = Field(
        None,
        ge=2,
        le=4096,
        description="row length; default: the 99th percentile of line lengths, plus up to 15 if that fills the rows "
        "better, at most 128; for a running text 64",
    )
    optimizer: Literal["adamw", "sgd"] = Field(
        "adamw", description="how gradients become updates"
    )  # these values, and those of `schedule`, have their functions in training/jax/optimizer.py
    learning_rate: Annotated[float, SearchRange(1e-3, 3e-2, "log")] = Field(
        3e-3, gt=0, description="the highest rate of the schedule"
    )
    schedule: Literal["cosine", "step", "constant"] = Field(
        "cosine", description="after the warm-up: down along a cosine, down once at --decay-at, or not at all"
    )
    warmup: float = Field(0.02, ge=0, lt=1, description="share of the steps in which the rate rises from zero")
    decay_at: float = Field(0.5, gt=0, le=1, description="share of the steps after which `step` lowers the rate")
    decay_factor: float = Field(0.1, gt=0, le=1, description="factor by which `step` multiplies the rate")
    weight_decay: Annotated[float, SearchRange(1e-3, 0.3, "log")] = Field(
        0.01, ge=0, description="AdamW's decoupled decay of matrices"
    )
    wrong_sign: bool = Field(
        default=False, description="take each update with the wrong sign: a fault, to see what a diagnosis says of it"
    )
    clip: float = Field(1.0, ge=0, description="largest norm of the gradient; 0 for no limit")
    evaluate_every: int | None = Field(
        None, ge=1, description="steps between evaluations on dev; default: a tenth of all steps"
    )
    patience: int = Field(
        0, ge=0, description="evaluations on dev without a better loss before training stops; 0 never stops early"
    )
    least_gain: float | None = Field(
        None,
        gt=0,
        description="nats per character of dev that a minute of steps must gain, else training ends after a short tail "
        "in which the rate falls to zero; a network that is mixed with counts is judged by the mixture. When it ends "
        "depends on the machine's speed",
    )
    chunk: int | None = Field(None, ge=1, description="steps in one compiled call; default: from the model's size")
    threads: int | None = Field(
        None,
        ge=1,
        le=64,
        description="cores that share each step; default: all cores if a step is long enough, else one. Another number "
        "rounds differently",
    )
    device: Literal["auto", "cpu", "gpu"] = Field(
        "auto", description="where the steps are computed; auto: on a GPU if JAX finds one, else on the processor"
    )
    precision: Literal["float32", "bfloat16"] | None = Field(
        None,
        description="numbers that a step's matrix products multiply; their sums, the weights and all figures stay "
        "float32. Default: bfloat16 for all but the smallest steps if the processor has AMX, else float32",
    )
    seed: int = Field(0, ge=0, lt=2**32, description="seed of the initial weights, the batches and the dropout")

    def with_row_length(self, lengths: Int[NDArray[Any], " lines"], *, text: bool = False) -> TrainingConfig:
        """Return the settings with the row length written out, for lines of these lengths (their ends included)."""
        if text:
            row_length = max(min(self.row_length or TEXT_ROW, int(lengths.sum()) - 2), 2)
        else:
            usual = min(max(int(np.percentile(lengths, 99)), 2), LONGEST_ROW) if len(lengths) else ROW_SPAN
            candidates = range(usual, min(usual + ROW_SPAN, LONGEST_ROW + 1))
            row_length = self.row_length or choose_row_width(lengths, candidates)
        return self.model_copy(update={"row_length": row_length})

    def resolved(self, examples: int, cost: float) -> TrainingConfig:
        """Return the settings with steps, batch size, evaluate_every and chunk written out.

        Args:
            examples: contexts or rows in the train part.
            cost: multiplications of one example; they limit the chunk, so that Ctrl-C is answered within a second.
        """
        batch_size = min(self.batch_size, examples)
        limit = self.chunk or most_steps_at_once(cost * batch_size)
        if self.steps is not None:
            steps = self.steps
            chunk = _chunk_that_divides(self.evaluate_every or steps, limit)
            evaluate_every = self.evaluate_every or ceil(steps / EVALUATIONS / chunk) * chunk
        else:  # the steps are rounded up so that all chunks have one length and are compiled once
            wanted = ceil((DEFAULT_EPOCHS if self.epochs is None else self.epochs) * examples / batch_size)
            wanted = max(wanted, self.min_steps or 1)
            wanted = min(wanted, self.max_steps or wanted)
            chunk = _chunk_that_divides(self.evaluate_every or wanted, min(limit, ceil(wanted / EVALUATIONS)))
            evaluate_every = self.evaluate_every or ceil(wanted / EVALUATIONS / chunk) * chunk
            steps = ceil(wanted / chunk) * chunk
        lengths: dict[str, Any] = {"evaluate_every": evaluate_every, "chunk": chunk, "batch_size": batch_size}
        lengths |= {"steps": steps, "least_gain": self.least_gain}
        return self.model_copy(update={**dict.fromkeys(LENGTHS), **lengths})


def most_steps_at_once(cost: float) -> int:
    """Return the most steps of a chunk, given the multiplications of a step."""
    return max(1, min(MOST_STEPS_AT_ONCE, int(CHUNK_COST / cost)))


def _chunk_that_divides(steps: int, limit: int) -> int:
    """Return the longest chunk from `limit` down to half of it that divides `steps`, else `limit`."""
    limit = min(limit, steps)
    return next((chunk for chunk in range(limit, limit // 2, -1) if steps % chunk == 0), limit)


def row_length_of(config: TrainingConfig) -> int:
    """Return the row length of resolved settings."""
    return config.row_length or ROW_SPAN


def configure(architecture: Architecture, settings: Mapping[str, Any], *, quick: bool = False) -> TrainingConfig:
    """Return the settings of training: the given ones over the architecture's defaults over the general defaults.

    Raises:
        SettingError: no such setting, a value that makes no sense, or both steps and epochs.
    """
    known = TrainingConfig.model_fields
    for name in settings:
        if name not in known:
            raise SettingError(
                f"training has no setting {excerpt(name)}{did_you_mean(name, known)}. There are {', '.join(known)}"
            )
    defaults = {"epochs": DEFAULT_EPOCHS, "min_steps": FEWEST_STEPS, **architecture.training}
    if quick:
        defaults |= {"max_steps": MOST_QUICK_STEPS, **architecture.quick}
    defaults = {name: value for name, value in defaults.items() if name in known}
    if settings.get("steps") is not None and settings.get("epochs") is not None:
        raise SettingError("steps and epochs both say how long to train: give one of them")
    if any(settings.get(name) is not None for name in ("steps", "epochs")):
        defaults = {name: value for name, value in defaults.items() if name not in LENGTHS}
    try:
        return TrainingConfig(**{**defaults, **settings})
    except ValidationError as error:
        raise SettingError(f"training: {plain_reason(error)}") from None


def idle_settings(architecture: Architecture, training: TrainingConfig) -> dict[str, str]:
    """Return the settings of a run that have no effect, each with what disables it.

    >>> idle_settings(build("gru", {"one_hot": True}), TrainingConfig(optimizer="sgd", schedule="step"))
    {'embedding': 'one_hot = True', 'input_dropout': 'one_hot = True', 'weight_decay': 'optimizer = sgd'}
    """
    return {**architecture.idle_settings(), **idle_training_settings(architecture, training)}


def idle_training_settings(architecture: Architecture, training: TrainingConfig) -> dict[str, str]:
    """Return the settings of training that have no effect, each with what disables it."""
    if architecture.learned_by != "gradients":
        unused = set(TrainingConfig.model_fields) - COUNTED_SETTINGS - set(type(architecture).model_fields)
        return dict.fromkeys(sorted(unused), f"{architecture.kind}, which is counted, not trained")
    idle = {}
    for name, (other, values) in DISABLED_BY.items():
        if (value := getattr(training, other)) in values:
            idle[name] = f"{other} = {value}"
    if architecture.as_trained("it has no examples").window is not None:
        idle["row_length"] = f"{architecture.kind}, whose examples are contexts, not rows"
    if training.steps is not None:
        idle |= dict.fromkeys(("min_steps", "max_steps"), f"steps = {training.steps}")
    return idle


def configure_kind(
    kind: str,
    settings: Mapping[str, Any],
    *,
    quick: bool = False,
    configured: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[Architecture, TrainingConfig]:
    """Return an architecture and its settings of training; each setting goes to the one that declares it.

    `configured` are settings of a file, which the `settings` override.

    Raises:
        SettingError: no such kind, a setting that neither declares, a value that makes no sense, or one of `settings`
            that has no effect.
    """
    architecture, training = _configure_kind(kind, {**configured, **settings}, quick=quick)
    for name, disabled_by in idle_settings(architecture, training).items():
        if settings.get(name):  # 0 or False asks for no effect
            raise SettingError(f"{name} = {settings[name]} has no effect with {disabled_by}: leave it out")
    return architecture, training


def _configure_kind(kind: str, settings: Mapping[str, Any], *, quick: bool) -> tuple[Architecture, TrainingConfig]:
    if kind == MIXTURE:
        raise SettingError("a mixture is made of trained models: train them, then mix them")
    architecture_fields, training_fields = find(kind).model_fields, TrainingConfig.model_fields
    for name in settings:
        if name not in architecture_fields and name not in training_fields:
            others = [other for other in kinds() if name in find(other).model_fields]
            known = [*architecture_fields, *training_fields]
            hint = f"; it is a setting of {', '.join(others)}" if others else did_you_mean(name, known)
            raise SettingError(f"{kind} has no setting {excerpt(name)}{hint}. There are {', '.join(known)}")
    defaults = find(kind).quick if quick else {}
    architecture = build(
        kind, {name: value for name, value in {**defaults, **settings}.items() if name in architecture_fields}
    )
    rest = {name: value for name, value in settings.items() if name not in architecture_fields}
    return architecture, configure(architecture, rest, quick=quick)


def configure_tables(tables: Mapping[str, Mapping[str, Any]]) -> tuple[Architecture, TrainingConfig]:
    """Return the architecture and the settings of training that the tables of a config.toml describe.

    Raises:
        SettingError: no such kind or setting, or a value that makes no sense.
    """
    settings = dict(tables["architecture"])
    architecture = build(settings.pop("kind"), settings)
    return architecture, configure(architecture, tables["training"])


def read_config(path: Path) -> dict[str, dict[str, Any]]:
    """Return the tables of a config.toml: data, architecture, training; old names of settings become new ones.

    Raises:
        SettingError: missing, not TOML, or a table or value that does not belong there.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingError(f"the settings '{path}' cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"the settings '{path}' are not TOML: {error}") from None
    for name, table in tables.items():
        if name not in TABLES or not isinstance(table, dict):
            raise SettingError(f"'{path}': no table is called '{name}'; there are data, architecture and training")
        for setting in TABLES[name]:
            if not isinstance(value := table.get(setting, ""), str):
                raise SettingError(f"'{path}': {setting} = {excerpt(value)}: expected a name in quotes")
    known = (*TABLES["data"], *SWITCHES)
    for setting in tables.get("data", {}):
        if setting not in known:
            raise SettingError(f"'{path}': data has no setting '{setting}'; it has {', '.join(known)}")
    for setting in SWITCHES:
        if not isinstance(value := tables.get("data", {}).get(setting, False), bool):
            raise SettingError(f"'{path}': {setting} = {excerpt(value)}: expected true or false")
    return {name: with_new_names(table) if name == "training" else table for name, table in tables.items()}
