"""The graph of an expression: named nodes, as DOT, as plain data, and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from morelike.autograd.drawing.layout import layout
from morelike.autograd.drawing.svg import MARGIN, WIDEST, Box, svg
from morelike.autograd.engine import Value, topological_order

MOST_NODES = 1000
"""The most nodes of a picture. Nobody can read a larger one."""


@dataclass(frozen=True)
class Node:
    """A value in a graph: its unique name, its formula, and the indices of its input nodes."""

    name: str
    formula: str
    inputs: tuple[int, ...]
    value: Value


@dataclass(frozen=True)
class Graph:
    """The nodes of an expression, each after its inputs. Inputs are indices into the list."""

    nodes: list[Node]

    def dot(self) -> str:
        """Return the graph in the DOT language of Graphviz."""
        lines = ["digraph {", "  node [shape=box, fontname=monospace]"]
        for i, node in enumerate(self.nodes):
            text = "\\n".join(map(_quotable, _lines(node)))
            lines.append(f'  n{i} [label="{text}"]')
            lines += [f"  n{j} -> n{i}" for j in node.inputs]
        return "\n".join([*lines, "}"]) + "\n"

    def as_list(self) -> list[dict[str, Any]]:
        """Return the nodes as plain data. `inputs` are ids; `slopes` are the derivatives by these inputs."""
        return [
            {
                "id": i,
                "name": node.name,
                "operation": node.value.operation,
                "formula": node.formula,
                "inputs": list(node.inputs),
                "slopes": list(node.value.slopes),
                "data": node.value.data,
                "grad": node.value.grad,
            }
            for i, node in enumerate(self.nodes)
        ]


@dataclass(frozen=True)
class Drawing:
    """A picture as the text of an SVG file. A notebook shows the picture."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg


def graph_of(root: Value) -> Graph:
    """Return the graph of all values that `root` depends on.

    The name of a node is the label of its value. Without a label, a constant is named by its number, and a result is
    named v1, v2, ...

    >>> x = Value(3.0, "x")
    >>> [(node.name, node.formula) for node in graph_of((x * 2 + x).tanh()).nodes]
    [('x', ''), ('2', ''), ('v1', 'x * 2'), ('v2', 'v1 + x'), ('v3', 'tanh(v2)')]
    """
    order = topological_order(root)
    names = _names(order)
    indices = {value: i for i, value in enumerate(order)}
    nodes = []
    for value, name in zip(order, names, strict=True):
        inputs = tuple(indices[operand] for operand in value.inputs)
        nodes.append(Node(name, _formula(value.operation, [names[i] for i in inputs]), inputs, value))
    return Graph(nodes)


def draw(root: Value) -> Drawing:
    """Return a picture of the expression, from top to bottom, with data and gradient in every box.

    The picture is at most 1,600 pixels wide: the layers of a larger expression are folded. Call `backward()` first;
    until then all gradients are 0. A notebook shows the picture; its attribute `svg` is the
    text of an SVG file.

    Raises:
        ValueError: too many nodes for a picture.

    >>> draw(Value(2.0, "x") * 3).svg[:4]
    '<svg'
    """
    graph = graph_of(root)
    if len(graph.nodes) > MOST_NODES:
        raise ValueError(
            f"a graph of {len(graph.nodes):,} nodes is too large for a picture of at most {MOST_NODES:,}: draw one "
            "of the values in it"
        )
    boxes = [Box(_lines(node), bool(node.inputs), _hint(node)) for node in graph.nodes]
    edges = [[(j, _slope(graph, node, k)) for k, j in enumerate(node.inputs)] for node in graph.nodes]
    placed = layout([node.inputs for node in graph.nodes], [box.width for box in boxes], WIDEST - 2 * MARGIN)
    return Drawing(svg(boxes, [title for titles in edges for _, title in titles], placed))


def _names(order: Sequence[Value]) -> list[str]:
    labels = {value.label for value in order}
    free = (name for name in (f"v{i}" for i in range(1, len(order) + len(labels) + 1)) if name not in labels)
    uses: dict[str, int] = {}
    names = []
    for value in order:
        name = value.label or (next(free) if value.inputs else f"{value.data:.4g}")
        uses[name] = uses.get(name, 0) + 1
        names.append(name if uses[name] == 1 else f"{name}#{uses[name]}")
    return names


def _formula(operation: str, inputs: Sequence[str]) -> str:
    if not inputs:
        return ""
    first = f"({inputs[0]})" if inputs[0].startswith("-") and operation.startswith(("neg", "**")) else inputs[0]
    if operation == "neg":
        return f"-{first}"
    if len(inputs) == 2:
        return f"{inputs[0]} {operation} {inputs[1]}"
    return f"{first}{operation}" if operation.startswith("**") else f"{operation}({inputs[0]})"


def _lines(node: Node) -> list[str]:
    title = f"{node.name} = {node.formula}" if node.formula else node.name
    return [title, f"data {node.value.data:.6g}", f"grad {node.value.grad:.6g}"]


def _hint(node: Node) -> str:
    return f"{node.name}: data {node.value.data!r}, grad {node.value.grad!r}"


def _slope(graph: Graph, node: Node, k: int) -> str:
    return f"d {node.name} / d {graph.nodes[node.inputs[k]].name} = {node.value.slopes[k]:.6g}"


def _quotable(text: str) -> str:
    printable = "".join(character if character.isprintable() else "�" for character in text)
    return printable.replace("\\", "\\\\").replace('"', '\\"')
