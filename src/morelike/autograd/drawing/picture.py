"""The picture of an expression's graph, folded if it is large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, get_args

from morelike.autograd.drawing.folding import Fold, Group, fold_layers, fold_neurons, unfolded
from morelike.autograd.drawing.graph import Graph, formula_of, graph_of
from morelike.autograd.drawing.layout import Layout, layout
from morelike.autograd.drawing.svg import MARGIN, WIDEST, Box, svg
from morelike.autograd.engine import Value

MOST_NODES = 1000
"""The most boxes of a picture. Nobody can read a larger one."""

MOST_TRIED = 250
"""The most boxes of a picture that "auto" tries; more would only fit in rare shapes, and take seconds."""

MOST_EDGES_TRIED = 400
"""The most edges of a picture that "auto" tries. The readable networks have up to 250; 1,000 edges take seconds."""

TALLEST = 6000.0
"""Pixels of the tallest picture that "auto" does not fold."""

SCROLLS_FROM = 700
"""Pixels of height from which on a picture scrolls in a notebook."""

LONGEST_FORMULA = 1000
"""Characters of the formula of a folded box, which its tooltip shows."""

ACTIVATIONS = {"tanh", "relu", "sigmoid"}
"""The operations that end a neuron."""

STRENGTHS = {"+": 1, "-": 1, "*": 2, "/": 2}
"""How strongly an operation binds, for brackets in formulas; the others bind as `STRONGEST`."""
STRONGEST = 4


@dataclass(frozen=True)
class Drawing:
    """A picture as the text of an SVG file. A notebook shows the picture, and lets it scroll if it is large."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        return f'<div style="overflow:auto;max-height:{SCROLLS_FROM}px">{self.svg}</div>'


def draw(root: Value, fold: Fold = "auto") -> Drawing:
    """Return a picture of the expression, from top to bottom, with data and gradient in every box.

    The picture is at most 1,600 pixels wide. Call `backward()` first; until then all gradients are 0. A box whose data
    no longer follows from its inputs says "stale": see `Value.recompute`. A notebook shows the picture, and a tall one
    scrolls; the attribute `svg` is the text of an SVG file.

    Args:
        root: the result of the expression.
        fold: "none" draws every value. "neurons" draws one box for each activation and each result that is used several
            times, with the operations that lead to it alone, their weights and constants: "v7: tanh (+13)" has folded
            13 values, and its tooltip shows their formula. "layers" draws all such boxes of one depth as one. "auto"
            takes the first of the three that can be read.

    Raises:
        ValueError: too many boxes for a picture, or no such way to fold.

    >>> draw(Value(2.0, "x") * 3).svg[:4]
    '<svg'
    """
    if fold not in get_args(Fold):
        raise ValueError(f"fold = {fold!r}: choose among {', '.join(get_args(Fold))}")
    graph = graph_of(root)
    return Drawing(_svg(graph, _first_readable(graph) if fold == "auto" else _picture(graph, _groups(graph, fold))))


class _Picture(NamedTuple):
    groups: list[Group]
    boxes: list[Box]
    placed: Layout

    @property
    def can_be_read(self) -> bool:
        return self.placed.width <= WIDEST - 2 * MARGIN and self.placed.height <= TALLEST


def _groups(graph: Graph, fold: Fold) -> list[Group]:
    inputs = [node.inputs for node in graph.nodes]
    if fold == "none":
        return unfolded(inputs)
    neurons = fold_neurons(inputs, {i for i, node in enumerate(graph.nodes) if node.value.operation in ACTIVATIONS})
    return neurons if fold == "neurons" else fold_layers(neurons)


def _first_readable(graph: Graph) -> _Picture:
    folds: tuple[Fold, ...] = ("none", "neurons")
    for fold in folds:
        groups = _groups(graph, fold)
        few = len(groups) <= MOST_TRIED and sum(len(group.inputs) for group in groups) <= MOST_EDGES_TRIED
        if few and (picture := _picture(graph, groups)).can_be_read:
            return picture
    return _picture(graph, _groups(graph, "layers"))


def _picture(graph: Graph, groups: list[Group]) -> _Picture:
    if len(groups) > MOST_NODES:
        raise ValueError(
            f"a graph of {len(groups):,} nodes is too large for a picture of at most {MOST_NODES:,}: draw one "
            "of the values in it"
        )
    boxes = [_box(graph, group) for group in groups]
    return _Picture(groups, boxes, layout([g.inputs for g in groups], [b.width for b in boxes], WIDEST - 2 * MARGIN))


def _box(graph: Graph, group: Group) -> Box:
    """Return the box of a group: a node, a result with the nodes folded into it, or the results of a layer."""
    if len(group.results) > 1:
        return _layer_box(graph, group)
    last = group.results[0]
    title, *numbers = graph.lines(last)
    node = graph.nodes[last]
    stale = "; stale: an input was changed since, recompute() computes it anew" if graph.stale[last] else ""
    if not group.folded:
        return Box([title, *numbers], bool(node.inputs), f"{_exactly(node.name, node.value)}{stale}")
    title = f"{node.name}: {node.value.operation} (+{len(group.folded)})"
    hint = f"{node.name} = {_folded_formula(graph, group)}; {_exactly(node.name, node.value)}{stale}"
    return Box([title, *numbers], computed=True, hint=hint)


def _layer_box(graph: Graph, group: Group) -> Box:
    nodes = [graph.nodes[i] for i in group.results]
    stale = ", stale" * any(graph.stale[i] for i in group.results)
    operations = ", ".join(dict.fromkeys(node.value.operation for node in nodes))
    data, grads = [node.value.data for node in nodes], [node.value.grad for node in nodes]
    lines = [
        f"{len(nodes)} values: {operations}",
        f"data {min(data):.3g} to {max(data):.3g}{stale}",
        f"grad {min(grads):.3g} to {max(grads):.3g}{stale}",
    ]
    return Box(lines, computed=True, hint=f"{', '.join(node.name for node in nodes)}; {len(group.folded)} folded")


def _svg(graph: Graph, picture: _Picture) -> str:
    hints = [
        _edge_hint(graph, picture.groups[source], group, k)
        for group in picture.groups
        for k, source in enumerate(group.inputs)
    ]
    return svg(picture.boxes, hints, picture.placed)


def _edge_hint(graph: Graph, source: Group, group: Group, k: int) -> str:
    """Return the derivative along an edge between two nodes; of folded ones only their names."""
    name, before = (graph.nodes[each.results[-1]].name for each in (group, source))
    if group.folded or len(group.results) > 1:
        return f"{before} to {name}"
    return f"d {name} / d {before} = {graph.nodes[group.results[0]].value.slopes[k]:.6g}"


def _exactly(name: str, value: Value) -> str:
    return f"{name}: data {value.data!r}, grad {value.grad!r}"


def _folded_formula(graph: Graph, group: Group) -> str:
    """Return the operations of a folded box as one formula; other boxes, weights and constants stand in it by name."""
    texts: dict[int, str] = {}
    strengths: dict[int, int] = {}
    within = [i for i in (*group.folded, group.results[0]) if graph.nodes[i].inputs]
    for i in within:
        node = graph.nodes[i]
        strength = STRENGTHS.get(node.value.operation, STRONGEST)
        operands = []
        for place, j in enumerate(node.inputs):
            text = texts.get(j, graph.nodes[j].name)
            least = strength + place if len(node.inputs) > 1 else STRONGEST if node.formula[-1] != ")" else 0
            operands.append(f"({text})" if strengths.get(j, STRONGEST) < least else text)
        formula = formula_of(node.value.operation, operands)
        texts[i] = formula if len(formula) <= LONGEST_FORMULA else "…" + formula[-LONGEST_FORMULA:]
        strengths[i] = strength
    return texts[within[-1]]
