"""Commands whose flags depend on the kind of model: `--model KIND` decides which settings exist."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, cast

from cyclopts import Group

from morelike.architecture import MIXTURE, Architecture, find, kinds
from morelike.cli.shared.parameters import ListFlags, option
from morelike.cli.shared.setting_flags import flags
from morelike.errors import SettingError, did_you_mean
from morelike.runs.settings import TrainingConfig, configure, read_config
from morelike.workflows.model_selection import AUTO, COUNTED, NETWORK

UNNAMED = ("as", "json", "list", "help", *(field.name for field in fields(ListFlags)))
"""Flags that are not named like a parameter of their function."""

KindName = Annotated[
    str | None, option("the kind of model, which decides the settings below [default: gru]", "--model")
]

ChosenKindName = Annotated[
    str | None,
    option(
        "the kind of model, which decides the settings below; auto trains an ngram and a gru, mixes them on dev, and "
        "leaves out the one that does not lower the loss [default: auto]",
        "--model",
    ),
]
"""As `KindName`, for a command that also takes `auto`."""

Parameters = dict[str, inspect.Parameter]


def with_settings(function: Callable[..., int | None], arguments: Sequence[str], default: str) -> Callable[..., Any]:
    """Return a function that takes each setting of the kind as a parameter, instead of the one parameter `settings`.

    The arguments name the kind; otherwise it is `default`.

    Raises:
        SettingError: an unknown kind, a flag of another kind, or a settings file that cannot be read.
    """
    kind = _kind(arguments, default)
    if kind == MIXTURE:
        raise SettingError("a mixture is made of trained models: train them, then `morelike mix` them")
    declared = inspect.signature(function, eval_str=True).parameters
    parameters = {name: parameter for name, parameter in declared.items() if name != "settings"}
    fields = _setting_parameters(function.__name__, kind, parameters, arguments)

    def command(*positional: Any, **given: Any) -> int | None:
        settings = {field.name: given.pop(field.name, None) for field in fields}
        return function(*positional, **given, settings={name: v for name, v in settings.items() if v is not None})

    signature = inspect.Signature([*parameters.values(), *fields])
    command.__signature__ = signature  # type: ignore[attr-defined]
    command.__annotations__ = {name: parameter.annotation for name, parameter in signature.parameters.items()}
    command.__doc__ = function.__doc__
    return command


def _setting_parameters(
    command: str, kind: str, parameters: Parameters, arguments: Sequence[str]
) -> list[inspect.Parameter]:
    """Return a parameter for each setting of a kind and of its training.

    Raises:
        SettingError: the arguments hold a flag of another kind, or the kind is chosen and they hold a setting.
    """
    group, training_group = Group(f"Settings of {kind}", sort_key=1), Group("Settings of training", sort_key=2)
    if kind == AUTO and parameters["model"].annotation is ChosenKindName:
        network, counts = find(NETWORK)(), find(COUNTED)()
        settings = {*type(network).model_fields, *type(counts).model_fields, *TrainingConfig.model_fields}
        _refuse_other_kinds(command, kind, settings, parameters, arguments)
        found = flags(network, Group(f"Settings of the network, {NETWORK}", sort_key=1))
        of_network = [*found, *flags(configure(network, {}), training_group)]
        known = {field.name for field in of_network}
        counted = flags(counts, Group(f"Settings of the counts, {COUNTED}", sort_key=3))
        return [*of_network, *(field for field in counted if field.name not in known)]
    architecture = find(kind)
    settings = {*architecture.model_fields, *_training_settings(architecture)}
    _refuse_other_kinds(command, kind, settings, parameters, arguments)
    of_training = _training_settings(architecture)
    training = flags(configure(architecture(), {}), training_group)
    return [*flags(architecture(), group), *(field for field in training if field.name in of_training)]


def _kind(arguments: Sequence[str], default: str) -> str:
    """Return the kind of model from --model, or from the settings file of --config, or the default."""
    if kind := _value(arguments, "--model"):
        return kind
    if path := _value(arguments, "--config"):
        return cast(str, read_config(Path(path)).get("architecture", {}).get("kind", default))
    return default


def _training_settings(architecture: type[Architecture]) -> set[str]:
    """Return the names of the training settings that an architecture uses."""
    return (
        {"count_weighting", "labelled"} if architecture.learned_by == "counting" else set(TrainingConfig.model_fields)
    )


def _value(arguments: Sequence[str], flag: str) -> str | None:
    for i, argument in enumerate(arguments):
        if argument == flag and i + 1 < len(arguments):
            return arguments[i + 1]
        if argument.startswith(flag + "="):
            return argument.partition("=")[2]
    return None


def _flag_names(arguments: Sequence[str]) -> list[str]:
    """Return the names of the flags among the arguments, spelled like settings."""
    return [
        argument[2:].partition("=")[0].replace("-", "_")
        for argument in arguments
        if argument.startswith("--") and argument != "--"
    ]


def _is_known(name: str, known: Collection[str]) -> bool:
    return name in known or name.removeprefix("no_") in known


def _refuse_other_kinds(
    command: str, kind: str, settings: Collection[str], parameters: Parameters, arguments: Sequence[str]
) -> None:
    """Refuse a flag that is no setting of this kind, and name the kinds that have it.

    Raises:
        SettingError: such a flag.
    """
    known = {*settings, *parameters, *UNNAMED}
    for name in _flag_names(arguments):
        if _is_known(name, known):
            continue
        flag = name.replace("_", "-")
        others = [other for other in kinds() if other != kind and name in find(other).model_fields]
        hint = did_you_mean(flag, [each.replace("_", "-") for each in sorted(known)]).replace("'", "'--", 1)
        if others:
            hint = f"; it is a setting of {', '.join(others)}"
        elif name in TrainingConfig.model_fields:
            hint = ": it is counted, not trained"
        raise SettingError(f"{kind} has no setting --{flag}{hint} (see `morelike {command} --model {kind} --help`)")
