"""The arrays of a forward pass that belong to the characters of one word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float
from morelike.errors import SettingError, did_you_mean, excerpt
from morelike.language_model.forward import ForwardPass
from morelike.language_model.model import LanguageModel
from morelike.panels.plain import UnfitError, require_words

OTHERS = {"inputs", "targets", "logits", "probabilities", "losses", "embeddings", "concatenated"}
"""Arrays that are no layers: what goes into the first one, and what comes out of the last one."""


def layers_of(model: LanguageModel, words: Sequence[str]) -> dict[str, list[Float[NDArray[Any], "T H"]]]:
    """Return the values of each layer, gate and state at the characters of each word: one array a word.

    The values at a position follow from the characters up to it; position 0 is the beginning of the word.

    Raises:
        VocabularyError: an unknown character.
        SettingError: the model has no layers: it is counted, or it is a table.
    """
    require_words(model)
    found = model.forward(list(words))
    lengths = [len(word) + 1 for word in words]
    layers = {name: split for name in found if name not in OTHERS if (split := _by_word(found, name, lengths))}
    if not layers:
        raise UnfitError(f"a model of kind {model.architecture.kind} has no layers to look into: choose mlp or gru")
    return layers


def layer_named(layers: dict[str, Any], name: str) -> str:
    """Return the name of a layer; for "" the last one.

    Raises:
        SettingError: there is none of this name.
    """
    if name and name not in layers:
        raise SettingError(
            f"no layer is called {excerpt(name)}{did_you_mean(name, layers)}; there are {', '.join(layers)}"
        )
    return name or [*layers][-1]


def _by_word(found: ForwardPass, name: str, lengths: Sequence[int]) -> list[NDArray[Any]]:
    """Return an array for each word; nothing if the array has more axes than characters and units."""
    array = found[name]
    if found["inputs"].ndim == found["targets"].ndim and array.ndim == 3:  # words as rows
        return [row[:length] for row, length in zip(array, lengths, strict=True)]
    if found["inputs"].ndim > found["targets"].ndim and array.ndim == 2:  # each character is an example
        return np.split(array, np.cumsum(lengths)[:-1])
    return []
