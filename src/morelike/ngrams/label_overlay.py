"""Tables counted from a label's lines, aligned to the tables of all lines, so that one look-up serves both.

The n-grams of a label are among the n-grams of all lines. In the aligned tables, an n-gram that the label lacks has
a = 0. A context that it lacks has b = 1, which leaves the estimate after the shorter context as it is. Where rare
n-grams are left out, a label may keep an n-gram that the tables of all lines lack: its probability goes to the shorter
context as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.ngrams.counting import ABSENT, find_nodes
from morelike.ngrams.smoothing import Component, estimates_at

__all__ = ["LABEL_COUNTS", "align_to"]

LABEL_COUNTS = "own."
"""The names of aligned tables begin with this."""

Weights = Mapping[str, Any]


def align_to(full: Weights, label_counts: Weights, components: Sequence[Component]) -> dict[str, NDArray[np.float64]]:
    """Align a label's tables with the full model's: missing n-grams get a = 0, missing contexts b = 1."""
    symbols, contexts = int(full["symbols"]), np.zeros(1, dtype=np.int64)  # the label's contexts, as nodes of `full`
    result = {}
    for k in range(1, max(component.order for component in components) + 1):
        parents, tokens = np.divmod(label_counts[f"keys.{k}"], symbols)
        wanted = np.where(contexts[parents] == ABSENT, ABSENT, contexts[parents] * symbols + tokens)
        nodes = find_nodes(full[f"keys.{k}"], wanted)
        found, known = nodes != ABSENT, contexts != ABSENT
        for name in estimates_at(components, k):
            a, b = label_counts[f"{name}.a.{k}"], label_counts[f"{name}.b.{k}"]
            aligned_a = np.zeros(len(full[f"keys.{k}"]))
            aligned_a[nodes[found]] = a[found]
            aligned_b = np.ones(len(full[f"keys.{k - 1}"]) if k > 1 else 1)
            lost = np.bincount(parents[~found], a[~found], len(b))
            aligned_b[contexts[known]] = (b + lost)[known]
            result |= {f"{LABEL_COUNTS}{name}.a.{k}": aligned_a, f"{LABEL_COUNTS}{name}.b.{k}": aligned_b}
        contexts = nodes
    return result
