"""Weights that depend on the label of a line, in a trace with the input `label`.

`conditioned_on` replaces rows of a table of embeddings, and nothing else depends on the label. So one table holds the
common rows once and the rows that differ once for each label, and the label chooses among them at each look-up.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import Weights
from morelike.errors import ExportError
from morelike.exports.tracing.recorder import Recorder
from morelike.exports.tracing.tracer import Tracer


def labelled_weights(
    architecture: Architecture, weights: Weights, labels: int, recorder: Recorder, label: Tracer
) -> dict[str, Any]:
    """Return the weights of a model with labels as constants; tables that depend on the label look it up.

    Raises:
        ExportError: counted n-grams, which have other tables under each label.
    """
    if any(member.architecture.learned_by == "counting" for member in architecture.mixture_members(weights)):
        raise ExportError("n-grams have other tables under each label: export the model under one label")
    by_label = [architecture.conditioned_on(weights, each) for each in range(labels)]
    result: dict[str, Any] = {}
    for name, array in by_label[0].items():
        arrays = [each[name] for each in by_label]
        if all(np.array_equal(array, each) for each in arrays[1:]):
            result[name] = recorder.constant(array, name)
        else:
            result[name] = LabelledTable(name, np.stack(arrays), recorder, label)
    return result


class LabelledTable:
    """A table [V, E] under each label. A step may only look up rows in it."""

    def __init__(self, name: str, tables: NDArray[Any], recorder: Recorder, label: Tracer) -> None:
        self.name, self.label = name, label
        self.shape: tuple[int, ...] = tables.shape[1:]
        self.dtype = tables.dtype
        symbols = self.shape[0]
        differs = (tables != tables[0]).any(axis=(0, *range(2, tables.ndim)))
        of_labels = np.flatnonzero(differs)
        self.rows = recorder.constant(np.concatenate([tables[0], *(each[of_labels] for each in tables)]), name)
        row = np.tile(np.arange(symbols), (len(tables), 1))
        for each in range(len(tables)):
            row[each, of_labels] = symbols + each * len(of_labels) + np.arange(len(of_labels))
        self.row = recorder.constant(row.ravel(), f"{name}.rows")

    def __array_namespace__(self, api_version: str | None = None) -> Any:
        return self.label.recorder.namespace

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> Tracer:
        if not isinstance(index, Tracer) or index.ndim != 1:
            self._refuse()
        return self.rows[self.row[self.label * len(self) + index]]

    def __getattr__(self, name: str) -> NoReturn:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise ExportError(f"{self.name} depends on the label and is used for more than the rows of the characters")
