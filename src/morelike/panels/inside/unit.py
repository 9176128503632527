"""One unit: the words of the list that move it most."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from morelike.arrays import random_generator
from morelike.errors import SettingError
from morelike.language_model.threads import one_thread
from morelike.panels.inside.layers import layer_named, layers_of
from morelike.panels.look import Look
from morelike.panels.plain import LONGEST_WORD, require_words, rounded

MOST_WORDS = 400
NUMBERS = 1 << 22
"""Numbers in the logits of all words that are read: with a large alphabet fewer words are read."""

SHOWN = 12


def unit(
    look: Look,
    *,
    index: Annotated[int, Field(ge=0, description="the number of a unit, from 0 on")],
    layer: Annotated[str, Field(max_length=100, description="a layer, gate or state; by default the last one")] = "",
) -> dict[str, Any]:
    """Return the words that move one unit most, with its value at each character.

    400 words of train are read. A word moves a unit by the largest difference between its values at two neighbouring
    characters; `at` is the second of them.

    Raises:
        SettingError: the model has no layers, no layer of this name, or no such unit.
    """
    require_words(look.model)
    words = _words(look)
    with one_thread():
        layers = layers_of(look.model, words)
    name = layer_named(layers, layer)
    units = layers[name][0].shape[1]
    if index >= units:
        raise SettingError(f"index = {index}: the units of {name} have the numbers 0 to {units - 1}")
    values = [array[:, index] for array in layers[name]]
    moves = [np.abs(np.diff(each)) for each in values]
    largest = np.array([move.max(initial=0.0) for move in moves])
    order = np.argsort(-largest, kind="stable")[:SHOWN]
    return {
        "layer": name,
        "index": index,
        "units": units,
        "words": [
            {
                "word": words[i],
                "symbols": ["", *words[i]],
                "values": rounded(values[i]),
                "moved": rounded(largest[i]),
                "at": int(np.argmax(moves[i])) + 1 if len(moves[i]) else 0,
            }
            for i in order
        ],
        "note": f"the {len(order)} that move it most of {len(words):,} learned words",
    }


def _words(look: Look) -> list[str]:
    """Return distinct words of train, drawn at random."""
    train = look.background.splits.train
    drawn = random_generator(0).permutation(len(train))[: 2 * MOST_WORDS]
    words = list(dict.fromkeys(word for i in drawn if len(word := train[int(i)]) <= LONGEST_WORD))
    if not words:
        raise SettingError(f"no word of train has {LONGEST_WORD} characters or fewer: none is short enough to show")
    longest = max(map(len, words)) + 1
    return words[: int(np.clip(NUMBERS // (longest * look.model.vocabulary.size), 1, MOST_WORDS))]
