"""Probabilities of whole lines by repeated calls of `step`; lines with the same beginning share the computation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Array, Float, Int, State, log_softmax, rows, unique_states
from morelike.text.vocabulary import END


def log_probabilities_by_steps(
    step: Callable[[State, Array], tuple[State, Array]], state: State, tokens: Int[NDArray[Any], "B T"]
) -> Float[NDArray[Any], "B T"]:
    """Return ln p (nats, float32) of each character, given the characters before it on its line.

    `step` returns the next state and the logits, as `Architecture.step` does; `state` is the state of one line before
    its first character.
    """
    token = np.full(1, END, dtype=tokens.dtype)
    row = np.zeros(len(tokens), dtype=np.int64)  # lines with the same beginning share one row of the state
    result = np.empty(tokens.shape, dtype=np.float32)
    for t in range(tokens.shape[1]):
        state, logits = step(state, token)
        result[:, t] = log_softmax(logits)[row, tokens[:, t]]
        first, onward = unique_states(row * logits.shape[-1] + tokens[:, t])
        state, token, row = rows(state, row[first]), tokens[first, t], onward
    return result
