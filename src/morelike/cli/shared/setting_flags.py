"""Flags from settings that are declared once: the fields of a pydantic model as parameters of a command."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

from cyclopts import Group, Parameter
from pydantic import BaseModel


def flags(settings: BaseModel, group: Group) -> Iterator[inspect.Parameter]:
    """Yield a keyword parameter for each field. Its default is None, which shows whether the flag was given.

    The help shows the field's type, its description and its value in `settings`.
    """
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        default = "" if value is None else f" [default: {value}]"
        flag = name.replace("_", "-")
        parameter = Parameter(
            name=f"--{flag}",
            negative=f"--no-{flag}" if field.annotation is bool else (),
            help=f"{field.description}{default}",
            group=group,
            show_default=False,
        )
        choices = field.annotation if get_origin(field.annotation) is Literal else None
        annotation: Any = Literal[get_args(choices)] if choices else field.annotation
        yield inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[annotation | None, parameter]
        )
