"""The rows of a state, one for each line: put together, and fed a character in pieces that fit the cache."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import Float, Int, MapFunction, State, Weights, rows

__all__ = ["size", "step_rows"]

PIECE = 512
"""Rows fed at once: what a step of the default model makes on the way stays near the cache, and two threads do not wait
for Python's lock too often."""


def size(state: State) -> int:
    """Return how many bytes a state takes."""
    if isinstance(state, tuple):
        return sum(map(size, state))
    return int(state.size * state.itemsize)


def step_rows(
    architecture: Architecture,
    weights: Weights,
    state: State,
    chosen: Int[NDArray[Any], " B"],
    token: Int[NDArray[Any], " B"],
    map_function: MapFunction = map,
) -> tuple[State, Float[NDArray[Any], "B V"]]:
    """Return what `step` does of these rows of a state, piece by piece.

    The pieces are the same however many threads take part, and so is what comes out, to the bit.
    """
    piece = partial(_piece, architecture, weights, state, chosen, token)
    states, logits = zip(*map_function(piece, range(0, len(token), PIECE)), strict=True)
    if len(states) == 1:
        return states[0], logits[0]
    return architecture.join_states(states), np.concatenate(logits)


def _piece(
    architecture: Architecture,
    weights: Weights,
    state: State,
    chosen: Int[NDArray[Any], " B"],
    token: Int[NDArray[Any], " B"],
    first: int,
) -> tuple[State, Float[NDArray[Any], "P V"]]:
    piece = slice(first, first + PIECE)
    return architecture.step(weights, rows(state, chosen[piece]), token[piece])
