"""Labels of lines: the optional third column of a list, and the symbols by which a model is told of them.

A label is an input and is never predicted. It stands before its line in the place of `END`, as control codes stand
before a text (Keskar et al. 2019, https://arxiv.org/abs/1909.05858): so rows are no longer than without labels, and a
model has no column of logits for it. Characters have ids above `END`, labels ids below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, Int
from morelike.errors import SettingError, did_you_mean
from morelike.text.vocabulary import TokenLines

__all__ = ["label_ids", "label_names", "label_shares", "labelled", "symbols_before"]

MOST_SHOWN = 10


def label_names(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the distinct labels, sorted by code point: label i of a model is the i-th. `""` is that of lines without.

    >>> label_names(["girl", "boy", "", "girl"])
    ('', 'boy', 'girl')
    """
    return tuple(sorted(set(labels)))


def label_ids(labels: Iterable[str], names: Sequence[str]) -> Int[NDArray[Any], " lines"]:
    """Return the number of each label among the names.

    Raises:
        SettingError: a label that is not among them.

    >>> label_ids(["girl", "boy", "girl"], ["boy", "girl"]).tolist()
    [1, 0, 1]
    """
    number = {name: i for i, name in enumerate(names)}
    try:
        return np.array([number[label] for label in labels], dtype=np.int32)
    except KeyError as error:
        raise SettingError(_no_label(error.args[0], names)) from None


def label_shares(
    ids: Int[NDArray[Any], " lines"], names: Sequence[str], weights: Int[NDArray[Any], " lines"] | None
) -> Mapping[str, float]:
    """Return the share of each label among lines, which count as often as they weigh; the shares sum to 1.

    >>> label_shares(np.array([1, 0, 1]), ["boy", "girl"], np.array([1, 2, 1]))
    {'boy': 0.5, 'girl': 0.5}
    """
    counts: Float[NDArray[Any], " labels"] = np.bincount(ids, weights, minlength=len(names)).astype(np.float64)
    return dict(zip(names, (counts / counts.sum()).tolist(), strict=True))


def labelled(lines: TokenLines, labels: Sequence[str] | None, names: Sequence[str]) -> TokenLines:
    """Return lines with their labels, where they have some and there are names for them.

    Raises:
        SettingError: a label that is not among the names.
    """
    if not names or labels is None:
        return lines
    return replace(lines, labels=label_ids(labels, names), label_count=len(names))


def symbols_before(labels: Int[NDArray[Any], " lines"]) -> Int[NDArray[Any], " lines"]:
    """Return the id of the symbol that stands before the lines of each label: -1 of label 0, -2 of label 1, ...

    >>> symbols_before(np.array([0, 2])).tolist()
    [-1, -3]
    """
    return -1 - labels


def _no_label(label: str, names: Sequence[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:MOST_SHOWN]) + (", ..." if len(names) > MOST_SHOWN else "")
    return f"no label is called '{label}'; the model has {shown}{did_you_mean(label, names)}"
