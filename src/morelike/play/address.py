"""The settings of a run in the address of the page: reading them, and those that an address needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from morelike.architecture import kinds
from morelike.errors import MorelikeError
from morelike.play.lists import SHIPPED
from morelike.runs.plan import DEFAULT_KIND
from morelike.runs.settings import configure_kind

LARGEST_SEED = 2**32
MOST = 40
"""Parameters of an address that are read."""
SHOWN = 40
"""Characters of a name, and of a value, that a sentence repeats."""


def read_address(query: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Return the list, kind, seed and settings of an address, and what makes no sense, as `name = value`.

    >>> read_address({"kind": "mlp", "hidden": "64", "list": "/etc/passwd"})
    ({'kind': 'mlp', 'settings': {'hidden': 64}}, ['list = /etc/passwd'])
    """
    wanted: dict[str, Any] = {}
    left_out: list[str] = []
    kind = query.get("kind") if query.get("kind") in kinds() else None
    own = {
        "list": query.get("list") if query.get("list") in SHIPPED else None,
        "kind": kind,
        "seed": _seed(query.get("seed", "")),
    }
    settings: dict[str, Any] = {}
    for name, value in [*query.items()][:MOST]:
        found = own[name] if name in own else _setting(kind or DEFAULT_KIND, name, value)
        if found is None:
            left_out.append(f"{name[:SHOWN]} = {value[:SHOWN]}")
        elif name in own:
            wanted[name] = found
        else:
            settings[name] = found
    return {**wanted, "settings": settings}, left_out


def _seed(value: str) -> int | None:
    return int(value) if value.isdecimal() and len(value) < 11 and int(value) < LARGEST_SEED else None


def _setting(kind: str, name: str, value: str) -> Any:
    """Return a setting of a kind of model as its declaration reads it, None if it makes no sense."""
    try:
        architecture, training = configure_kind(kind, {name: value}, quick=True)
    except MorelikeError:
        return None
    return {**training.model_dump(), **architecture.model_dump()}[name]


def given_settings(config: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the settings of a run's config.toml, other than its seed, that differ from those of a quick run."""
    table = config.get("architecture", {})
    try:
        architecture, training = configure_kind(str(table.get("kind")), {}, quick=True)
    except MorelikeError:
        return {}
    usual = {**training.model_dump(), **architecture.model_dump()}
    found = {**config.get("training", {}), **table}
    return {
        name: value
        for name, value in found.items()
        if name == "steps" or (name != "seed" and usual.get(name) not in (None, value))
    }
