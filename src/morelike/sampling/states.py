"""States with one row for each line: their size, their concatenation, and a step in chunks that fit the cache."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import Float, Int, MapFunction, State, Weights, rows

CHUNK_ROWS = 512
"""Rows in one step: the intermediate arrays of the default model stay near the cache, and two threads rarely wait for
Python's lock."""


def state_bytes(state: State) -> int:
    """Return how many bytes a state takes."""
    if isinstance(state, tuple):
        return sum(map(state_bytes, state))
    return int(state.size * state.itemsize)


def step_rows(
    architecture: Architecture,
    weights: Weights,
    state: State,
    chosen: Int[NDArray[Any], " B"],
    token: Int[NDArray[Any], " B"],
    map_function: MapFunction = map,
) -> tuple[State, Float[NDArray[Any], "B V"]]:
    """Return the new state and the logits after a step of the chosen rows, computed in chunks.

    The chunks do not depend on the number of threads, so the result is the same to the bit.
    """
    step = partial(_step_chunk, architecture, weights, state, chosen, token)
    states, logits = zip(*map_function(step, range(0, len(token), CHUNK_ROWS)), strict=True)
    if len(states) == 1:
        return states[0], logits[0]
    return architecture.join_states(states), np.concatenate(logits)


def _step_chunk(
    architecture: Architecture,
    weights: Weights,
    state: State,
    chosen: Int[NDArray[Any], " B"],
    token: Int[NDArray[Any], " B"],
    first: int,
) -> tuple[State, Float[NDArray[Any], "P V"]]:
    chunk = slice(first, first + CHUNK_ROWS)
    return architecture.step(weights, rows(state, chosen[chunk]), token[chunk])
