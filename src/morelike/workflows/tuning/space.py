"""The space of a search: the values that are tried for each setting, from the settings' own fields and from words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite, log2
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from morelike.architecture import Choices, SearchRange, find, plain_reason
from morelike.architecture.search_range import Values, declared_values, search_values, value_type
from morelike.errors import SettingError, did_you_mean, excerpt
from morelike.runs.settings import LENGTHS, TrainingConfig, configure_kind, idle_settings

if TYPE_CHECKING:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
    from optuna.trial import Trial

    Distribution: TypeAlias = CategoricalDistribution | FloatDistribution | IntDistribution

Space: TypeAlias = Mapping[str, Values]
"""The values of each setting that is tuned, by its name."""

TOLERANCE = 1e-9
DIGITS = 3
"""Digits of a number that a search draws from a scale without steps."""
LOG2 = "log2 "
"""Before the name of a size: Optuna draws the exponent, so that neighbouring sizes are neighbours."""
SEPARATOR = ".."
NEVER_TUNED: Mapping[str, str] = MappingProxyType(
    {
        "seed": "a seed makes no model better than another by more than chance",
        "count_weighting": "it decides what the loss on dev measures",
        "labelled": "it decides what the loss on dev measures",
        **dict.fromkeys(
            ("evaluate_every", "chunk", "threads", "device", "precision", "memory"),
            "it does not change what is learned",
        ),
    }
)


def search_space(kind: str, fixed: Mapping[str, Any], given: Space = MappingProxyType({})) -> Space:
    """Return the values of each setting of a kind that is tuned.

    `fixed` settings are not tuned. `given` values replace those that the fields declare.

    Raises:
        SettingError: a fixed setting has no effect or makes no sense, or nothing is left to tune.
    """
    architecture, training = configure_kind(kind, fixed)
    space = {name: search_values(field) for name, field in type(architecture).model_fields.items()}
    if architecture.learned_by == "gradients":
        declared = {name: declared_values(field) for name, field in TrainingConfig.model_fields.items()}
        space |= {name: values for name, values in declared.items() if values is not None and name not in space}
    for name in given:
        if name in fixed:
            raise SettingError(f"{name} has the value {fixed[name]} and a space: leave out one of the two")
    space |= given
    lengths = {name for name in LENGTHS if name in fixed or name in given}
    left_out = {*fixed, *NEVER_TUNED} | ({"epochs"} if lengths - {"epochs"} else set())
    space = {name: values for name, values in space.items() if name not in left_out and values != Choices(())}
    for name, disabled_by in idle_settings(architecture, training).items():
        if name in space and disabled_by.partition(" = ")[0] not in space:  # no trial changes what disables it
            if name in given:
                raise SettingError(f"{name} has no effect with {disabled_by}: leave it out of the space")
            del space[name]
    if not any(_several(values) for values in space.values()):
        raise SettingError(
            f"nothing is left to tune: each setting of {kind} is given or has one value; give --space NAME=LOW..HIGH"
        )
    return space


def parse_space(kind: str, texts: Sequence[str]) -> Space:
    """Return the values that texts such as "hidden=64..512" or "smoothing=add,kneser-ney" name.

    A range keeps the scale of the setting: sizes are powers of two, rates are drawn by their logarithm.

    Raises:
        SettingError: a text that makes no sense.

    >>> parse_space("gru", ["hidden=64..512", "dropout=0,0.25"])  # doctest: +NORMALIZE_WHITESPACE
    {'hidden': SearchRange(low=64, high=512, scale='powers of two', step=None),
     'dropout': Choices(values=(0.0, 0.25))}
    """
    found: dict[str, Values] = {}
    for text in texts:
        name, equals, values = (part.strip() for part in text.partition("="))
        name = name.replace("-", "_")
        if not (equals and name and values):
            raise SettingError(f"the space {excerpt(text)}: say NAME=LOW..HIGH or NAME=VALUE,VALUE")
        if name in found:
            raise SettingError(f"the space names {name} twice: give each setting once")
        model = _owner(kind, name)
        if name in NEVER_TUNED:
            raise SettingError(f"{name} is not tuned: {NEVER_TUNED[name]}")
        if SEPARATOR in values:
            found[name] = _range(model, name, values)
        else:
            chosen = [_value(model, name, each.strip()) for each in values.split(",") if each.strip()]
            if len(set(chosen)) < len(chosen) or not chosen:
                raise SettingError(f"the space {excerpt(text)}: give one value or more, each once")
            found[name] = Choices(tuple(chosen))
    return found


def suggest(space: Space, kind: str, fixed: Mapping[str, Any], trial: Trial) -> dict[str, Any]:
    """Return the settings of a trial, drawn from a space; settings without effect beside the others are left out."""
    settings = dict(fixed)
    for name, values in space.items():
        if not _is_idle(kind, settings, name):
            settings[name] = _as_setting(values, _drawn(trial, *as_parameter(name, values)))
    return settings


def _drawn(trial: Trial, parameter: str, distribution: Distribution) -> Any:
    """Return a value that the sampler draws from a distribution."""
    from optuna.distributions import CategoricalDistribution, IntDistribution

    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(parameter, distribution.choices)
    if isinstance(distribution, IntDistribution):
        return trial.suggest_int(parameter, distribution.low, distribution.high, log=distribution.log)
    return trial.suggest_float(
        parameter, distribution.low, distribution.high, log=distribution.log, step=distribution.step
    )


def as_parameter(name: str, values: Values) -> tuple[str, Distribution]:
    """Return the name and the distribution by which Optuna knows a setting."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(values, Choices):
        return name, CategoricalDistribution(values.values)
    if values.scale == "powers of two":
        return f"{LOG2}{name}", IntDistribution(*values.exponents)
    logarithmic = values.scale == "log"
    if isinstance(values.low, int) and isinstance(values.high, int) and values.step is None:
        return name, IntDistribution(values.low, values.high, log=logarithmic)
    return name, FloatDistribution(values.low, values.high, log=logarithmic, step=values.step)


def setting_of(parameter: str) -> str:
    """Return the name of the setting that one of Optuna's parameters stands for."""
    return parameter.removeprefix(LOG2)


def nearest_to_defaults(space: Space, kind: str, fixed: Mapping[str, Any]) -> dict[str, Any]:
    """Return Optuna's parameters for the kind's own settings, or the nearest values of the space."""
    architecture, training = configure_kind(kind, fixed)
    defaults = {**training.model_dump(), **architecture.model_dump()}
    return {
        as_parameter(name, values)[0]: _nearest(values, defaults[name])
        for name, values in space.items()
        if defaults[name] is not None and (isinstance(values, SearchRange) or defaults[name] in values.values)
    }


def _nearest(values: Values, default: Any) -> Any:
    if isinstance(values, Choices):
        return default
    if values.scale == "powers of two":
        low, high = values.exponents
        return min(max(round(log2(max(default, 1))), low), high)
    inside = min(max(default, values.low), values.high)
    return values.low + round((inside - values.low) / values.step) * values.step if values.step else inside


def _is_idle(kind: str, settings: Mapping[str, Any], name: str) -> bool:
    """Return whether a setting has no effect beside settings that are chosen already."""
    try:
        return name in idle_settings(*configure_kind(kind, {}, configured=settings))
    except SettingError:  # the settings fit together only when all are chosen
        return False


def _as_setting(values: Values, drawn: Any) -> Any:
    if isinstance(values, Choices):
        return drawn
    if values.scale == "powers of two":
        return 1 << drawn
    return drawn if isinstance(drawn, int) else float(f"{drawn:.{DIGITS}g}")


def _several(values: Values) -> bool:
    if isinstance(values, Choices):
        return len(values.values) > 1
    low, high = values.exponents if values.scale == "powers of two" else (values.low, values.high)
    return low < high


def _owner(kind: str, name: str) -> type[BaseModel]:
    """Return the class that declares a setting: the kind's, or that of training.

    Raises:
        SettingError: neither declares it, or the kind is counted and has no such setting.
    """
    architecture = find(kind)
    if name in architecture.model_fields:
        return architecture
    trained = architecture.learned_by == "gradients"
    if name in TrainingConfig.model_fields and (trained or name in NEVER_TUNED):
        return TrainingConfig
    known = [*architecture.model_fields, *(TrainingConfig.model_fields if trained else ())]
    raise SettingError(
        f"{kind} has no setting {excerpt(name)}{did_you_mean(name, known)}. There are {', '.join(known)}"
    )


def _value(model: type[BaseModel], name: str, text: str) -> Any:
    """Return a value of a setting from its text.

    Raises:
        SettingError: the setting has no such value.
    """
    field = model.model_fields[name]
    try:
        return getattr(model(**{name: text}), name)
    except ValidationError as error:
        if not error.errors()[0]["loc"]:  # the value does not fit other settings, which may be tuned too
            return TypeAdapter(value_type(field)).validate_python(text)
        raise SettingError(f"the space of {name}: {plain_reason(error)}") from None


def _range(model: type[BaseModel], name: str, text: str) -> SearchRange:
    """Return the range of a setting from its text.

    Raises:
        SettingError: a setting without an order, a bound that is no value of it, or no value between the bounds.
    """
    field = model.model_fields[name]
    if value_type(field) not in (int, float):
        raise SettingError(f"the space {name}={text}: {name} has no order; list its values: {name}=VALUE,VALUE")
    low, high = (_value(model, name, bound.strip()) for bound in text.split(SEPARATOR, 1))
    if not isfinite(low) or not isfinite(high) or low > high:
        raise SettingError(f"the space {name}={text}: the first number is the lowest value, the second the highest")
    found = replace(_scale(field), low=low, high=high)
    if found.scale != "linear" and low <= 0:
        raise SettingError(f"the space {name}={text}: begin above 0, because {name} is drawn by its logarithm")
    if found.scale == "powers of two" and found.exponents[0] > found.exponents[1]:
        raise SettingError(
            f"the space {name}={text}: no power of two lies in it, and sizes are powers of two, so that few "
            f"programs are compiled; widen it, or list the values: {name}={low},{high}"
        )
    if found.step and abs((high - low) / found.step - round((high - low) / found.step)) > TOLERANCE:
        return replace(found, step=None)  # the last step would not reach the highest value
    return found


def _scale(field: FieldInfo) -> SearchRange:
    """Return a range with the scale of a field; its bounds mean nothing."""
    values = search_values(field)
    if isinstance(values, SearchRange):
        return values
    return SearchRange(0, 0)
