"""The backward pass, step by step: the gradient that each value passes to each of its inputs."""

from __future__ import annotations

from dataclasses import dataclass

from morelike.autograd.drawing.graph import graph_of
from morelike.autograd.engine import Value


@dataclass(frozen=True)
class Step:
    """One use of the chain rule: `contribution` = `slope` * `incoming` is added to the input's gradient, now `total`.

    `incoming` is the complete gradient of `result`; `slope` is the derivative of `result` by `input`.
    """

    result: str
    formula: str
    incoming: float
    input: str
    slope: float
    contribution: float
    total: float

    def __str__(self) -> str:
        added = f"{self.slope:.6g} * {self.incoming:.6g} = {self.contribution:.6g}"
        return f"{self.result} = {self.formula}: {self.input}.grad += {added}, now {self.total:.6g}"


def trace(root: Value) -> list[Step]:
    """Return the steps of `root.backward()` in order, starting from gradients of 0. No gradient is changed.

    >>> x = Value(3.0, "x")
    >>> for step in trace(x * x + 1):
    ...     print(step)
    v2 = v1 + 1: v1.grad += 1 * 1 = 1, now 1
    v2 = v1 + 1: 1.grad += 1 * 1 = 1, now 1
    v1 = x * x: x.grad += 3 * 1 = 3, now 3
    v1 = x * x: x.grad += 3 * 1 = 3, now 6
    """
    nodes = graph_of(root).nodes
    gradients = [0.0] * len(nodes)
    gradients[-1] = 1.0
    steps = []
    for i in range(len(nodes) - 1, -1, -1):
        node, incoming = nodes[i], gradients[i]
        for j, slope in zip(node.inputs, node.value.slopes, strict=True):
            contribution = slope * incoming
            gradients[j] += contribution
            steps.append(Step(node.name, node.formula, incoming, nodes[j].name, slope, contribution, gradients[j]))
    return steps
