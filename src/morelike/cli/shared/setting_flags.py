"""Plain flags from settings that are declared once: a pydantic model's fields as parameters of a command."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

from cyclopts import Group, Parameter
from pydantic import BaseModel

__all__ = ["flags"]


def flags(settings: BaseModel, group: Group) -> Iterator[inspect.Parameter]:
    """Yield a keyword parameter for each field, None by default, so that what was given is known.

    The value that it has in `settings`, its type and its sentence show in the help.
    """
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        default = "" if value is None else f" [default: {value}]"
        choices = field.annotation if get_origin(field.annotation) is Literal else None
        says = f"{field.description}{default}"
        parameter = Parameter(name=f"--{name.replace('_', '-')}", help=says, group=group, show_default=False)
        annotation: Any = Literal[get_args(choices)] if choices else field.annotation
        yield inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[annotation | None, parameter]
        )
