"""Labels of lines, from the third column of a list, and the symbols that represent them in the input of a model.

A label is an input of a model and is never predicted. Its symbol replaces the `END` before its line, as control codes
precede a text (Keskar et al. 2019, https://arxiv.org/abs/1909.05858). Labels therefore add no positions to rows and no
logits to a model. The ids of characters are above `END`, and the ids of label symbols are below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, Int
from morelike.errors import SettingError, did_you_mean, excerpt
from morelike.text.vocabulary import TokenLines

MAX_SHOWN = 10
"""Labels that an error message lists."""


def label_names(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the distinct labels, sorted by code point. `""` is the label of lines without a label.

    >>> label_names(["girl", "boy", "", "girl"])
    ('', 'boy', 'girl')
    """
    return tuple(sorted(set(labels)))


def label_ids(labels: Iterable[str], names: Sequence[str]) -> Int[NDArray[Any], " lines"]:
    """Return the index of each label among the names.

    Raises:
        SettingError: a label is not among the names.

    >>> label_ids(["girl", "boy", "girl"], ["boy", "girl"]).tolist()
    [1, 0, 1]
    """
    index = {name: i for i, name in enumerate(names)}
    try:
        return np.array([index[label] for label in labels], dtype=np.int32)
    except KeyError as error:
        raise SettingError(_no_label(error.args[0], names)) from None


def label_shares(
    ids: Int[NDArray[Any], " lines"], names: Sequence[str], weights: Int[NDArray[Any], " lines"] | None
) -> Mapping[str, float]:
    """Return the share of each label in the total weight of the lines. The shares sum to 1.

    >>> label_shares(np.array([1, 0, 1]), ["boy", "girl"], np.array([1, 2, 1]))
    {'boy': 0.5, 'girl': 0.5}
    """
    counts: Float[NDArray[Any], " labels"] = np.bincount(ids, weights, minlength=len(names)).astype(np.float64)
    return dict(zip(names, (counts / counts.sum()).tolist(), strict=True))


def attach_labels(lines: TokenLines, labels: Sequence[str] | None, names: Sequence[str]) -> TokenLines:
    """Return lines with their labels, or the lines as they are if there are no labels or no names.

    Raises:
        SettingError: a label is not among the names.
    """
    if not names or labels is None:
        return lines
    return replace(lines, labels=label_ids(labels, names), label_count=len(names))


def label_symbols(labels: Int[NDArray[Any], " lines"]) -> Int[NDArray[Any], " lines"]:
    """Return the id of each label's symbol, which precedes its lines: -1 for label 0, -2 for label 1, and so on.

    >>> label_symbols(np.array([0, 2])).tolist()
    [-1, -3]
    """
    return -1 - labels


def _no_label(label: str, names: Sequence[str]) -> str:
    listed = [*map(excerpt, names[:MAX_SHOWN])] + ["..."] * (len(names) > MAX_SHOWN)
    return f"no label is called {excerpt(label)}; the model has {', '.join(listed)}{did_you_mean(label, names)}"
