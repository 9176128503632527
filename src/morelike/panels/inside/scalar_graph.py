"""The scalar graph: one example through the autograd, forward and back, with the real weights."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from morelike.autograd.drawing.folding import Fold
from morelike.autograd.drawing.graph import graph_of
from morelike.autograd.drawing.picture import draw
from morelike.autograd.engine import Value
from morelike.autograd.losses import cross_entropy
from morelike.errors import SettingError
from morelike.panels.inside.example import Example, Position, example_of
from morelike.panels.look import Look
from morelike.panels.plain import UnfitError, Word, rounded
from morelike.workflows.gradient_parity import scalar_pass

MOST_VALUES = 100_000
"""Values of a graph that is computed at a look: about a second."""

MOST_NODES = 200
"""Nodes that the table lists."""


def scalar_graph(
    look: Look,
    *,
    word: Word,
    position: Position = 0,
    unit: Annotated[
        int | None, Field(ge=0, description="a hidden unit, whose graph alone is drawn; by default that of the loss")
    ] = None,
    fold: Annotated[Fold, Field(description="what the picture folds: auto, none, neurons or layers")] = "auto",
) -> dict[str, Any]:
    """Return the graph of the loss of one example, or of one hidden unit, with data and gradient at each node.

    Each gradient is the derivative of the loss. `svg` is a picture, folded if it is large; `nodes` lists at most the
    200 nodes that are nearest to the result. A weight is named by its array and its index, as W1[3,5].

    Raises:
        VocabularyError: an unknown character.
        SettingError: another kind than mlp and bigram, a graph of more than 100,000 values, a unit that does not exist,
            or a picture with too many boxes.
    """
    kind = look.model.architecture.kind
    if kind not in ("mlp", "bigram"):
        raise UnfitError(f"the scalar graph of {kind} is not drawn: choose mlp or bigram")
    example = example_of(look, word, position)
    loss, hidden = _mlp(look, example) if kind == "mlp" else _bigram(look, example)
    loss.label = "loss"
    loss.backward()
    root = loss
    if unit is not None:
        if unit >= len(hidden):
            raise SettingError(f"unit = {unit}: this {kind} has {len(hidden)} hidden units, counted from 0 on")
        root = hidden[unit]
    try:
        svg = draw(root, fold).svg
    except ValueError as error:
        raise SettingError(str(error)) from None
    nodes = graph_of(root).nodes
    listed = nodes[-MOST_NODES:]
    some = f"the last {len(listed)} of {len(nodes):,} nodes are listed" if len(listed) < len(nodes) else None
    return {
        "word": example.word,
        "position": position,
        "context": example.context,
        "target": example.target,
        "loss": rounded(loss.data),
        "count": len(nodes),
        "nodes": [
            {"name": n.name, "formula": n.formula, "data": rounded(n.value.data), "grad": rounded(n.value.grad)}
            for n in listed
        ],
        "svg": svg,
        "note": "; ".join(filter(None, (example.note, some))) or None,
    }


def _mlp(look: Look, example: Example) -> tuple[Value, list[Value]]:
    """Return the loss of an mlp on an example, and its hidden units."""
    weights = {name: np.asarray(array, dtype=np.float64) for name, array in look.model.weights.items()}
    if (values := 2 * sum(prod(array.shape) for array in weights.values())) > MOST_VALUES:
        raise SettingError(
            f"about {values:,} values: a graph is computed up to {MOST_VALUES:,}; choose a smaller hidden layer"
        )
    assert example.examples is not None
    x, y = example.examples
    loss, tables, (hidden,) = scalar_pass(weights, x.tolist(), y.tolist())
    for name, table in tables.items():
        for index, value in _leaves(table):
            value.label = f"{name}[{','.join(map(str, index))}]"
    for i, value in enumerate(hidden):
        value.label = f"h[{i}]"
    return loss, hidden


def _bigram(look: Look, example: Example) -> tuple[Value, list[Value]]:
    """Return the loss of a bigram on an example: of one row of W. It has no hidden units."""
    assert example.examples is not None
    row, target = int(example.examples.inputs[0, -1]), int(example.examples.targets[0])
    numbers = look.model.weights["W"][row].astype(np.float64).tolist()
    if 4 * len(numbers) > MOST_VALUES:
        raise SettingError(f"{len(numbers):,} symbols: the graph of a bigram is computed up to {MOST_VALUES // 4:,}")
    return cross_entropy([[Value(number, f"W[{row},{i}]") for i, number in enumerate(numbers)]], [target]), []


def _leaves(table: Any, index: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Value]]:
    """Yield each value of nested lists with its index."""
    if isinstance(table, Value):
        yield index, table
        return
    for i, each in enumerate(table):
        yield from _leaves(each, (*index, i))
