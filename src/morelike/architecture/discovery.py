"""Finding architectures by their file's name, and building one from settings."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from morelike.architecture.contract import Architecture
from morelike.errors import SettingError, did_you_mean, excerpt

MIXTURE = "mixture"
"""The kind that averages trained models. It is not trained itself, so `kinds` leaves it out."""


def kinds() -> list[str]:
    """Return the names of all architectures, sorted: the files in `models/`.

    >>> "gru" in kinds()
    True
    """
    package = importlib.import_module("morelike.models")
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__))


def find(kind: str) -> type[Architecture]:
    """Return the class of the architecture of this name.

    Raises:
        SettingError: there is none. An error inside its file is raised unchanged.

    >>> find("gru").__name__
    'GRU'
    """
    if kind not in kinds() and kind != MIXTURE:
        raise SettingError(
            f"no model is called {excerpt(kind)}; there are {', '.join(kinds())}{did_you_mean(kind, kinds())}"
        )
    package = "ensembles" if kind == MIXTURE else "models"
    module = importlib.import_module(f"morelike.{package}.{kind}")
    (found,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Architecture) and value.__module__ == module.__name__
    )
    return found


def build(kind: str, settings: Mapping[str, Any]) -> Architecture:
    """Return the architecture of this name with these settings.

    Raises:
        SettingError: an unknown kind, an unknown setting, or an invalid value. The message names it.

    >>> build("gru", {"hidden": 64}).hidden
    64
    """
    found = find(kind)
    for name in settings:
        if name not in found.model_fields:
            known = ", ".join(found.model_fields)
            others = [k for k in kinds() if k != kind and name in find(k).model_fields]
            hint = f"; it is a setting of {', '.join(others)}" if others else did_you_mean(name, found.model_fields)
            raise SettingError(f"{kind} has no setting {excerpt(name)}{hint}. The settings of {kind}: {known}")
    try:
        return found(**settings)
    except ValidationError as error:
        raise SettingError(f"{kind}: {plain_reason(error)}") from None


def plain_reason(error: ValidationError) -> str:
    """Return the first error of a pydantic `ValidationError` as one sentence, with the setting and its value."""
    first = error.errors(include_url=False)[0]
    name = ".".join(str(key) for key in first["loc"] if not str(key).startswith(("function-", "constrained-")))
    reason = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    reason = reason[0].lower() + reason[1:].partition(", unable to parse")[0]
    return f"{name} = {excerpt(first['input'])}: {reason}" if name else reason
