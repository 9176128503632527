"""The n-grams of some of the lines, laid over those of all: one walk along the n-grams of all then serves both.

The lines of a label are some of all lines, so their n-grams are some of all n-grams. What is not among them has a = 0,
and b = 1 where the context is not, which leaves the estimate after the shorter context as it is. Where rare n-grams are
left out, one that few lines kept may be none that all lines did: what it had goes to the shorter context as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int
from morelike.ngrams.counting import ABSENT, find_nodes

__all__ = ["OWN", "align_to", "nodes_among"]

OWN = "own."
"""What the names of estimates from a label's own lines begin with."""

Weights = Mapping[str, Any]


def nodes_among(frame: Weights, own: Weights, order: int) -> Iterator[Int[NDArray[Any], " M"]]:
    """Yield, for each level from 0 to `order`, which node of `frame` each node of `own` is; `ABSENT` where none."""
    symbols, nodes = int(frame["symbols"]), np.zeros(1, dtype=np.int64)
    yield nodes
    for k in range(1, order + 1):
        parents, tokens = np.divmod(own[f"keys.{k}"], symbols)
        wanted = np.where(nodes[parents] == ABSENT, ABSENT, nodes[parents] * symbols + tokens)
        nodes = find_nodes(frame[f"keys.{k}"], wanted)
        yield nodes


def align_to(frame: Weights, own: Weights, order: int) -> dict[str, NDArray[np.float64]]:
    """Return the estimates of `own`, each n-gram's at its node of `frame`, under names that begin with `OWN`."""
    nodes, symbols = list(nodes_among(frame, own, order)), int(frame["symbols"])
    result = {}
    for name, array in own.items():
        chain, _, level = name.rpartition(".")
        if not chain.endswith((".a", ".b")):
            continue
        k = int(level)
        at, contexts = nodes[k], nodes[k - 1]
        if chain.endswith(".a"):
            spread = np.zeros(len(frame[f"keys.{k}"]))
            spread[at[at != ABSENT]] = array[at != ABSENT]
        else:
            spread = np.ones(len(frame[f"keys.{k - 1}"]) if k > 1 else 1)
            parents = own[f"keys.{k}"] // symbols
            lost = np.bincount(parents[at == ABSENT], own[f"{chain[:-1]}a.{k}"][at == ABSENT], len(array))
            spread[contexts[contexts != ABSENT]] = (array + lost)[contexts != ABSENT]
        result[OWN + name] = spread
    return result
