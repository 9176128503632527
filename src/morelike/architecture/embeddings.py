"""The embeddings of a context, one after another, as the input of a first layer."""

from __future__ import annotations

from morelike.architecture.mode import Mode
from morelike.arrays import Array, Float, Int


def concatenated_embeddings(table: Float[Array, "V E"], context: Int[Array, "N K"], mode: Mode) -> Float[Array, "N KE"]:
    """Return the embeddings of each context's characters as one row."""
    embeddings = mode.record("embeddings", mode.look_up(table, context), diagnosed=False)
    return mode.record("concatenated", embeddings.reshape(len(context), -1), diagnosed=False)
