"""Automatic differentiation of scalar expressions, small networks, and pictures of their graphs.

Reading order: engine (the `Value`), nn (neurons), losses, optimizer, examples; then drawing.graph, trace and
expression, which show how the engine works. The package needs the standard library only.
"""

from morelike.autograd.drawing.graph import Graph, graph_of
from morelike.autograd.drawing.picture import Drawing, draw
from morelike.autograd.engine import Value, topological_order
from morelike.autograd.examples import FOUR_EXAMPLES, two_moons
from morelike.autograd.expression import parse
from morelike.autograd.losses import cross_entropy, hinge, softmax, squared_error
from morelike.autograd.nn import MLP, Layer, Module, Neuron
from morelike.autograd.optimizer import SGD
from morelike.autograd.trace import Step, trace

__all__ = [
    "FOUR_EXAMPLES",
    "MLP",
    "SGD",
    "Drawing",
    "Graph",
    "Layer",
    "Module",
    "Neuron",
    "Step",
    "Value",
    "cross_entropy",
    "draw",
    "graph_of",
    "hinge",
    "parse",
    "softmax",
    "squared_error",
    "topological_order",
    "trace",
    "two_moons",
]
