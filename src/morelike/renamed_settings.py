"""Settings with a new name: the old name is still accepted, with a note at the command line or a warning in Python."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from morelike.errors import SettingError

RENAMED_SETTINGS: Mapping[str, str] = {"batch": "batch_size", "row": "row_length", "weights": "count_weighting"}
"""The new name of each renamed setting, by its old name."""

P = ParamSpec("P")
R = TypeVar("R")


def with_new_names(
    settings: Mapping[str, Any], on_old_name: Callable[[str, str], None] = lambda old, new: None
) -> dict[str, Any]:
    """Return settings under their new names; `on_old_name` is called with the old and the new name of each renamed one.

    Raises:
        SettingError: a setting is given under both names.

    >>> with_new_names({"batch": 32, "seed": 1})
    {'batch_size': 32, 'seed': 1}
    """
    renamed = {}
    for name, value in settings.items():
        new = RENAMED_SETTINGS.get(name, name)
        if new != name:
            if new in settings:
                raise SettingError(f"{name} is now {new}, and both are given: give {new} alone")
            on_old_name(name, new)
        renamed[new] = value
    return renamed


def accept_old_names(function: Callable[P, R]) -> Callable[P, R]:
    """Return the function, which then accepts its keywords under their old names too, with a DeprecationWarning."""

    def warn(old: str, new: str) -> None:
        warnings.warn(f"{old} is now {new}", DeprecationWarning, stacklevel=4)

    @wraps(function)
    def renaming(*args: P.args, **keywords: P.kwargs) -> R:
        return function(*args, **with_new_names(keywords, warn))

    return renaming
