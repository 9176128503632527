"""How the label of a line conditions a network: each label adds a row to the table of the network's inputs.

The symbol of a label stands before its line, in the place of `END` (see `text.labels`). During training a network reads
these symbols; their rows are a weight of their own, `labels` [L, E]. In use the label is known beforehand:
`Architecture.conditioned_on` returns the weights of an ordinary model, and `step` knows nothing of labels.
"""

from __future__ import annotations

from morelike.arrays import Array, Float, Int, Weights, namespace
from morelike.text.vocabulary import END

LABELS = "labels"
"""The name of the weight that holds a row for each label of a network."""


def is_line_start(tokens: Int[Array, "*shape"]) -> Array:
    """Return where a line begins: at `END`, and at the symbol of a label, whose id is negative."""
    return tokens <= END


def input_table_and_ids(
    weights: Weights, name: str, tokens: Int[Array, "*shape"]
) -> tuple[Float[Array, "rows E"], Int[Array, "*shape"]]:
    """Return the table of a network's inputs with the labels' rows last, and the row number of each token.

    >>> import numpy as np
    >>> weights = {"C": np.array([[0.0], [1.0]]), "labels": np.array([[7.0], [8.0]])}
    >>> table, ids = input_table_and_ids(weights, "C", np.array([-2, 1]))
    >>> table[ids].tolist()
    [[8.0], [1.0]]
    """
    table = weights[name]
    if LABELS not in weights:
        return table, tokens
    xp = namespace(table)
    return xp.concatenate([table, weights[LABELS]]), xp.where(tokens < END, len(table) - 1 - tokens, tokens)


def condition_on_label(table: Float[Array, "rows E"], symbols: int, label: int) -> Float[Array, "V E"]:
    """Return the rows of the `symbols` characters, with the row of `END` replaced by a label's row.

    >>> import numpy as np
    >>> condition_on_label(np.array([[0.0], [1.0], [7.0], [8.0]]), 2, 1).tolist()
    [[8.0], [1.0]]
    """
    xp = namespace(table)
    return xp.concatenate([table[symbols + label][None], table[END + 1 : symbols]])
