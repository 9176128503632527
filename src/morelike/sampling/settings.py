"""Settings that a caller gives: declared once, checked, and shown in the signatures of the functions that take them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from morelike.architecture import plain_reason
from morelike.errors import SettingError, did_you_mean, excerpt

Function = TypeVar("Function", bound=Callable[..., Any])
Settings = TypeVar("Settings", bound="FrozenSettings")


class FrozenSettings(BaseModel):
    """Immutable settings; an invalid value raises an error that names the setting."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def of(cls: type[Settings], **settings: Any) -> Settings:
        """Return these settings.

        Raises:
            SettingError: an unknown setting, or an invalid value.
        """
        if unknown := next((name for name in settings if name not in cls.model_fields), None):
            known = ", ".join(cls.model_fields)
            hint = did_you_mean(unknown, cls.model_fields)
            raise SettingError(f"no setting is called {excerpt(unknown)}{hint}. The settings are {known}")
        try:
            return cls(**settings)
        except ValidationError as error:
            raise SettingError(plain_reason(error)) from None


def takes_settings(*models: type[FrozenSettings]) -> Callable[[Function], Function]:
    """Return a decorator for a function with `**settings`: its signature and its help then list each setting.

    In the docstring the line `{settings}` becomes one line for each field of the models that is not a parameter itself.
    """

    def decorate(function: Function) -> Function:
        signature = inspect.signature(function)
        named = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
        fields = {name: field for model in models for name, field in model.model_fields.items()}
        fields = {name: field for name, field in fields.items() if name not in signature.parameters}
        named += [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=field.annotation)
            for name, field in fields.items()
        ]
        function.__signature__ = signature.replace(parameters=named)  # type: ignore[attr-defined]
        lines = "\n            ".join(f"{name}: {field.description}." for name, field in fields.items())
        function.__doc__ = (function.__doc__ or "").replace("{settings}", lines)
        return function

    return decorate
