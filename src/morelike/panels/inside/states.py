"""States and gates by character: every layer of a model as it reads a word."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from morelike.panels.inside.layers import layer_named, layers_of
from morelike.panels.look import Look
from morelike.panels.plain import Word, rounded, shortened

MOST_UNITS = 64


def states(
    look: Look,
    *,
    word: Word,
    layer: Annotated[str, Field(max_length=100, description="a layer, gate or state; by default the last one")] = "",
    first: Annotated[int, Field(ge=0, description="the first unit that is shown")] = 0,
) -> dict[str, Any]:
    """Return the values of one layer, gate or state at each character of a word, and the names of all of them.

    Shapes: `values` [characters, units], 64 units from `first` on. The values at a symbol are those after the model
    has read it; the first symbol, "", is the beginning of the word.

    Raises:
        VocabularyError: an unknown character.
        SettingError: the model has no layers, or none of this name.
    """
    shown, note = shortened(look.model, word)
    layers = layers_of(look.model, [shown])
    name = layer_named(layers, layer)
    (values,) = layers[name]
    units = values.shape[1]
    some = (
        f"units {first} to {min(first + MOST_UNITS, units) - 1} of {units:,} are shown" if units > MOST_UNITS else None
    )
    return {
        "word": shown,
        "symbols": ["", *shown],
        "layers": {each: arrays[0].shape[1] for each, arrays in layers.items()},
        "layer": name,
        "first": first,
        "values": rounded(values[:, first : first + MOST_UNITS]),
        "note": "; ".join(filter(None, (note, some))) or None,
    }
