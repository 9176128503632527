"""The panels by name, with their parameters, which the signature of each function declares."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias, get_type_hints

from pydantic import create_model

from morelike.errors import SettingError, did_you_mean, excerpt
from morelike.panels.inside.attention import attention
from morelike.panels.inside.embedding import embedding
from morelike.panels.inside.health import health
from morelike.panels.inside.lens import lens
from morelike.panels.inside.scalar_graph import scalar_graph
from morelike.panels.inside.states import states
from morelike.panels.inside.unit import unit
from morelike.panels.inside.verdict import verdict
from morelike.panels.look import Look
from morelike.panels.losses.counts_and_gradient import counts_and_gradient
from morelike.panels.losses.landmarks import landmarks
from morelike.panels.losses.race import race
from morelike.panels.words.guess import guess
from morelike.panels.words.memory import memory
from morelike.panels.words.next_symbol import next_symbol
from morelike.panels.words.samples import samples
from morelike.panels.words.surprisal import surprisal
from morelike.sampling.settings import FrozenSettings

PanelFunction: TypeAlias = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class Panel:
    """A panel: a function from a look, and from its parameters by keyword, to plain values for JSON."""

    function: PanelFunction

    @cached_property
    def parameters(self) -> type[FrozenSettings]:
        """The parameters as a class that checks them; pydantic gives its JSON schema."""
        hints = get_type_hints(self.function, include_extras=True)
        declared = [
            each for each in inspect.signature(self.function).parameters.values() if each.kind is each.KEYWORD_ONLY
        ]
        fields: Any = {
            each.name: (hints[each.name], ... if each.default is each.empty else each.default) for each in declared
        }
        return create_model(f"{self.function.__name__}_parameters", __base__=FrozenSettings, **fields)

    @property
    def sentence(self) -> str:
        """The first sentence of the function's docstring: what the panel shows."""
        return inspect.cleandoc(self.function.__doc__ or "").partition("\n")[0].removeprefix("Return ")


PANELS: Mapping[str, Panel] = {
    "surprisal": Panel(surprisal),
    "samples": Panel(samples),
    "landmarks": Panel(landmarks),
    "next": Panel(next_symbol),
    "embedding": Panel(embedding),
    "states": Panel(states),
    "unit": Panel(unit),
    "attention": Panel(attention),
    "guess": Panel(guess),
    "counts_and_gradient": Panel(counts_and_gradient),
    "lens": Panel(lens),
    "scalar_graph": Panel(scalar_graph),
    "health": Panel(health),
    "verdict": Panel(verdict),
    "memory": Panel(memory),
    "race": Panel(race),
}


def show(name: str, look: Look, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a panel of a look as plain values for JSON. The values of the query may be strings, as in a URL.

    Raises:
        SettingError: no panel has this name, a parameter is missing, unknown or invalid, or the model cannot have it.
        MorelikeError: as the panel's function.
    """
    if name not in PANELS:
        raise SettingError(
            f"no panel is called {excerpt(name)}; there are {', '.join(PANELS)}{did_you_mean(name, PANELS)}"
        )
    panel, given = PANELS[name], dict(query or {})
    for each, info in panel.parameters.model_fields.items():
        if info.is_required() and each not in given:
            raise SettingError(f"the panel {name} needs a parameter: give {each}, {info.description}")
    parameters = dict(panel.parameters.of(**given))
    look.require_finite()
    return panel.function(look, **parameters)
