"""The graph of an expression: named nodes, as DOT and as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from morelike.autograd.engine import Value, is_outdated, topological_order


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

    @cached_property
    def stale(self) -> list[bool]:
        """Whether each node, or a node that it depends on, no longer follows from its inputs (see `Value.stale`)."""
        stale: list[bool] = []
        for node in self.nodes:
            stale.append(any(stale[j] for j in node.inputs) or is_outdated(node.value))
        return stale

    def lines(self, i: int) -> list[str]:
        """Return the text of a node: its name and formula, its data, and its gradient."""
        node, stale = self.nodes[i], ", stale" * self.stale[i]
        title = f"{node.name} = {node.formula}" if node.formula else node.name
        return [title, f"data {node.value.data:.6g}{stale}", f"grad {node.value.grad:.6g}{stale}"]

    def dot(self) -> str:
        """Return the graph in the DOT language of Graphviz."""
        lines = ["digraph {", "  node [shape=box, fontname=monospace]"]
        for i, node in enumerate(self.nodes):
            text = "\\n".join(map(_quotable, self.lines(i)))
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
        nodes.append(Node(name, formula_of(value.operation, [names[i] for i in inputs]), inputs, value))
    return Graph(nodes)


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


def formula_of(operation: str, inputs: Sequence[str]) -> str:
    """Return the text of an operation on these names; nothing for a value without inputs."""
    if not inputs:
        return ""
    first = f"({inputs[0]})" if inputs[0].startswith("-") and operation.startswith(("neg", "**")) else inputs[0]
    if operation == "neg":
        return f"-{first}"
    if len(inputs) == 2:
        return f"{inputs[0]} {operation} {inputs[1]}"
    return f"{first}{operation}" if operation.startswith("**") else f"{operation}({inputs[0]})"


def _quotable(text: str) -> str:
    printable = "".join(character if character.isprintable() else "�" for character in text)
    return printable.replace("\\", "\\\\").replace('"', '\\"')
