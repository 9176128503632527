"""What it takes to be conditioned by labels; a kind opts in by naming `Labelled` among its bases.

A label stands before its line in the place of `END` (see `text.labels`). While a network is trained, its `logits` are
fed these symbols, whose rows of the input's table are a weight of their own: `labels` [L, E]. In use the label is fixed
first: `conditioned_on` returns weights of an ordinary model, which `step` takes. Nothing else needs to know of labels.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from morelike.arrays import Array, Float, Int, Weights, namespace
from morelike.text.vocabulary import END

__all__ = ["LABELS", "Labelled", "begins_line", "rows_and_ids", "with_first_row"]

LABELS = "labels"
"""The weight of a network that holds a row for each label."""


class Labelled(ABC):
    """An architecture whose distribution may be conditioned by the label of a line."""

    @abstractmethod
    def labels_in(self, weights: Weights) -> int:
        """Return how many labels the weights know; 0 for those of a model without labels."""

    @abstractmethod
    def conditioned_on(self, weights: Weights, label: int) -> Weights:
        """Return the weights of the model given a label, prepared for many steps; they know no labels any more."""


def begins_line(tokens: Int[Array, "*shape"]) -> Array:
    """Return where a line begins: at `END`, and at the symbol of a label, whose id is below it."""
    return tokens <= END


def rows_and_ids(
    weights: Weights, name: str, tokens: Int[Array, "*shape"]
) -> tuple[Float[Array, "rows E"], Int[Array, "*shape"]]:
    """Return the rows that symbols choose as a model's input, those of the labels last, and which row each token is.

    >>> import numpy as np
    >>> weights = {"C": np.array([[0.0], [1.0]]), "labels": np.array([[7.0], [8.0]])}
    >>> table, ids = rows_and_ids(weights, "C", np.array([-2, 1]))
    >>> table[ids].tolist()
    [[8.0], [1.0]]
    """
    table = weights[name]
    if LABELS not in weights:
        return table, tokens
    xp = namespace(table)
    return xp.concatenate([table, weights[LABELS]]), xp.where(tokens < END, len(table) - 1 - tokens, tokens)


def with_first_row(table: Float[Array, "rows E"], symbols: int, label: int) -> Float[Array, "V E"]:
    """Return the rows of the characters alone, a label's in the place of that of `END`.

    >>> import numpy as np
    >>> with_first_row(np.array([[0.0], [1.0], [7.0], [8.0]]), 2, 1).tolist()
    [[8.0], [1.0]]
    """
    xp = namespace(table)
    return xp.concatenate([table[symbols + label][None], table[END + 1 : symbols]])
