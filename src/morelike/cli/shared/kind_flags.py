"""Commands whose flags depend on the kind of model: `--model KIND` decides which settings there are."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

from cyclopts import App, Group, Parameter

from morelike.architecture import MIXTURE, Architecture, find, kinds
from morelike.cli.shared.setting_flags import flags
from morelike.errors import SettingError, did_you_mean
from morelike.runs.config import TrainingConfig, configure
from morelike.runs.plan import read_plan
from morelike.workflows.model_selection import AUTO, refuse_settings

__all__ = ["DEFAULT_KIND", "ChosenKindName", "KindName", "command_for"]

DEFAULT_KIND = "gru"
OF_ALL = ("as", "json", "help")
"""Flags whose names are not those of the command's parameters."""

KindName = Annotated[
    str | None, Parameter(name="--model", help="the kind of model: its settings are then flags [default: gru]")
]

ChosenKindName = Annotated[
    str | None,
    Parameter(
        name="--model",
        help="the kind of model: its settings are then flags; auto tries ngram, gru and both mixed, takes the simplest "
        "that none beats beyond chance on dev, and says why [default: gru]",
    ),
]
"""As `KindName`, of a command that can also choose."""


def command_for(function: Callable[..., int], arguments: Sequence[str], epilogue: str, default: str) -> App:
    """Return the command of a function that takes `settings`, for these arguments; `default` is its usual kind.

    Raises:
        SettingError: no such kind, a flag that is another kind's, or settings that cannot be read.
    """
    name = function.__name__
    kind = _kind(arguments, default)
    if kind == MIXTURE:
        raise SettingError("a mixture is made of trained models: train them, then `morelike mix` them")
    own = {each: p for each, p in inspect.signature(function, eval_str=True).parameters.items() if each != "settings"}
    groups = Group(f"Settings of {kind}", sort_key=1), Group("Settings of training", sort_key=2)
    if kind == AUTO and own["model"].annotation is ChosenKindName:
        refuse_settings([flag for flag in _flags_given(arguments) if not _is_known(flag, {*own, *OF_ALL})])
        fields = [field for field in flags(TrainingConfig(), groups[1]) if field.name == "seed"]
    else:
        _refuse_other_kinds(name, kind, own, arguments)
        architecture = find(kind)
        of_training = _training_settings(architecture)
        fields = [*flags(architecture(), groups[0])]
        fields += [field for field in flags(configure(architecture(), {}), groups[1]) if field.name in of_training]

    def command(*positional: Any, **given: Any) -> int:
        settings = {field.name: given.pop(field.name, None) for field in fields}
        return function(*positional, **given, settings={name: v for name, v in settings.items() if v is not None})

    signature = inspect.Signature([*own.values(), *fields], return_annotation=int)
    command.__signature__ = signature  # type: ignore[attr-defined]
    command.__annotations__ = {name: parameter.annotation for name, parameter in signature.parameters.items()}
    command.__doc__ = function.__doc__
    app = App(name=name, help_format="plaintext", help_epilogue=epilogue)
    app.default(command)
    return app


def _kind(arguments: Sequence[str], default: str) -> str:
    """Return the model kind that the arguments name, by --model, or in the settings of --config."""
    if named := _value(arguments, "--model"):
        return named
    if path := _value(arguments, "--config"):
        return cast(str, read_plan(Path(path)).get("architecture", {}).get("kind", default))
    return default


def _training_settings(architecture: type[Architecture]) -> set[str]:
    """Return the settings of training that an architecture has: all, or what counting has of them."""
    return {"weights", "labelled"} if architecture.learned_by == "counting" else set(TrainingConfig.model_fields)


def _value(arguments: Sequence[str], flag: str) -> str | None:
    for i, argument in enumerate(arguments):
        if argument == flag and i + 1 < len(arguments):
            return arguments[i + 1]
        if argument.startswith(flag + "="):
            return argument.partition("=")[2]
    return None


def _flags_given(arguments: Sequence[str]) -> list[str]:
    """Return the names of the flags among the arguments, as settings are spelled."""
    return [
        argument[2:].partition("=")[0].replace("-", "_")
        for argument in arguments
        if argument.startswith("--") and argument != "--"
    ]


def _is_known(name: str, known: Collection[str]) -> bool:
    return name in known or name.removeprefix("no_") in known


def _refuse_other_kinds(command: str, kind: str, own: dict[str, inspect.Parameter], arguments: Sequence[str]) -> None:
    """Refuse flags that no setting of this kind has, by name, and say whose they are.

    Raises:
        SettingError: such a flag.
    """
    known = {*find(kind).model_fields, *own, *OF_ALL} | _training_settings(find(kind))
    for name in _flags_given(arguments):
        if _is_known(name, known):
            continue
        flag = name.replace("_", "-")
        others = [other for other in kinds() if other != kind and name in find(other).model_fields]
        hint = did_you_mean(flag, [each.replace("_", "-") for each in sorted(known)])
        if others:
            hint = f"; it is a setting of {', '.join(others)}"
        elif name in TrainingConfig.model_fields:
            hint = ": it is counted, not trained"
        raise SettingError(f"{kind} has no setting --{flag}{hint} (see `morelike {command} --model {kind} --help`)")
