"""From an architecture and its weights to the trace of its `step`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import MIXTURE, Architecture
from morelike.arrays import State, Weights, rows
from morelike.ensembles.mixture import Mixture, replace_members
from morelike.errors import ExportError
from morelike.exports.tracing import functions
from morelike.exports.tracing.label_rows import labelled_weights
from morelike.exports.tracing.recorder import Recorder
from morelike.exports.tracing.trace import Kind, Table, Trace
from morelike.exports.tracing.tracer import Tracer
from morelike.text.vocabulary import END

LONGEST_MEMORY = 10_000
"""Characters after which the state of a model must have its final shape."""


def trace(architecture: Architecture, weights: Weights, *, labels: int = 0) -> Trace:
    """Return the trace of an architecture's step with these weights.

    Args:
        architecture: any architecture, also a mixture; n-grams become operations `ngram`.
        weights: prepared weights; those of one label, or of a model without labels.
        labels: the number of labels of the model. If it is not 0, `weights` are those of the model, not prepared, and
            the trace has the input `label`.

    Raises:
        ExportError: the step uses an operation that traces do not have, or its state has no final shape.

    >>> import morelike
    >>> model = morelike.build("gru", ["anna", "hanna"], hidden=4)
    >>> found = trace(*model.prepared)
    >>> found.counts["matmul"], found.counts["tanh"], found.vocabulary_size
    (4, 3, 4)
    """
    if architecture.learned_by == "mixing" and architecture.kind != MIXTURE:
        raise ExportError("the model mixes its labels: export it under one label, by `--label`")
    numbers = architecture.conditioned_on(weights, 0) if labels else weights
    start, shape = _start(architecture, numbers)
    recorder, tables = Recorder(functions.Namespace()), list[Table]()
    token = recorder.input((-1,), "int32")
    label = recorder.input((-1,), "int32") if labels else None
    if label is None:
        traced = _constants(architecture, numbers, recorder)
    else:
        traced = labelled_weights(architecture, weights, labels, recorder, label)
    inputs = [recorder.input((*each.shape[:-2], -1, each.shape[-1]), _kind(each)) for each in start]
    functions.ACTIVE.append(recorder)
    try:
        runs = _with_tables(architecture, recorder, tables)
        state, logits = runs.step(traced, _unflatten(shape, inputs), token)
    finally:
        functions.ACTIVE.pop()
    following = [each.astype(old.kind) for each, old in zip(_flatten(state), inputs, strict=True)]
    if any(each.shape != old.shape for each, old in zip(following, inputs, strict=True)):
        raise ExportError("the state of the model has another shape after a step")
    results = [recorder.number(each) for each in (*following, logits.astype(np.float32))]
    operations, constants = recorder.used(results)
    return Trace(
        tuple(recorder.values),
        constants,
        tuple(operations),
        cast(int, token.written),
        None if label is None else label.written,
        tuple(cast(int, each.written) for each in inputs),
        tuple(results[:-1]),
        results[-1],
        tuple(start),
        tuple(tables),
    )


class _TracedCounts:
    """A counted model as a member of a traced mixture: its step is one operation."""

    def __init__(self, architecture: Architecture, recorder: Recorder, tables: list[Table]) -> None:
        self.architecture, self.recorder, self.tables = architecture, recorder, tables

    def step(self, weights: Weights, state: Tracer, token: Tracer) -> tuple[Tracer, Tracer]:
        """Record a look-up in the tables of these weights."""
        self.tables.append(Table(self.architecture, weights))
        return self.recorder.emit_ngram(len(self.tables) - 1, token, state, int(weights["symbols"]))


def _with_tables(architecture: Architecture, recorder: Recorder, tables: list[Table]) -> Any:
    """Return the architecture as it is traced: counted models, also as members of a mixture, are tables."""
    if architecture.learned_by == "counting":
        return _TracedCounts(architecture, recorder, tables)
    if (mixture := _mixture(architecture)) is None:
        return architecture
    copy = mixture.model_copy()
    copy.__dict__["architectures"] = [_with_tables(member, recorder, tables) for member in mixture.architectures]
    return copy


def _constants(architecture: Architecture, weights: Weights, recorder: Recorder, prefix: str = "") -> Weights:
    """Return the weights as constants of a trace; tables of counts stay as they are."""
    if architecture.learned_by == "counting":
        return dict(weights)
    if (mixture := _mixture(architecture)) is None:
        return {name: recorder.constant(array, prefix + name) for name, array in weights.items()}
    members = [
        _constants(member, each, recorder, f"{prefix}members.{m}.")
        for m, (member, each) in enumerate(mixture.members_with_weights(weights))
    ]
    shared = {name: each for name, each in weights.items() if not name.startswith("members.")}
    return replace_members({name: recorder.constant(each, prefix + name) for name, each in shared.items()}, members)


def _mixture(architecture: Architecture) -> Mixture | None:
    return cast(Mixture, architecture) if architecture.kind == MIXTURE else None


def _kind(array: NDArray[Any]) -> Kind:
    return cast(Kind, array.dtype.name)


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array of a state as float32 or int32."""
    return array.astype(np.float32 if array.dtype.kind == "f" else np.int32)


def _flatten(state: State) -> list[Any]:
    return [each for part in state for each in _flatten(part)] if isinstance(state, tuple) else [state]


def _unflatten(like: State, arrays: Sequence[Any]) -> State:
    """Return arrays in the structure of a state."""
    left = iter(arrays)

    def build(part: State) -> State:
        return tuple(build(each) for each in part) if isinstance(part, tuple) else next(left)

    return build(like)


def _shapes(state: State) -> list[tuple[int, ...]]:
    return [each.shape for each in _flatten(state)]


def _start(architecture: Architecture, weights: Weights) -> tuple[list[NDArray[Any]], Any]:
    """Return the state of one line before its first character, in the shape that states keep, and its structure.

    A cache grows until it holds all that the model sees. `join_states` fills a shorter one at its start.
    """
    first = state = architecture.start(weights, 1)
    token = np.array([END], dtype=np.int32)
    for _ in range(LONGEST_MEMORY):
        following, _ = architecture.step(weights, state, token)
        if _shapes(following) == _shapes(state):
            break
        state = following
    else:
        raise ExportError(f"the state of {architecture.kind} still grows after {LONGEST_MEMORY:,} characters")
    found = first if state is first else rows(architecture.join_states([state, first]), np.array([1]))
    return [_plain(each) for each in _flatten(found)], found
