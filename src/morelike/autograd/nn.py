"""Neurons, layers and the multi-layer perceptron, with one `Value` for each weight."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Literal, TypeAlias

from morelike.autograd.engine import Value

Activation: TypeAlias = Literal["tanh", "relu", "sigmoid", "linear"]

ACTIVATIONS: dict[str, Callable[[Value], Value]] = {
    "tanh": Value.tanh,
    "relu": Value.relu,
    "sigmoid": Value.sigmoid,
    "linear": lambda total: total,
}


class Module(ABC):
    """A part of a network that has parameters."""

    @abstractmethod
    def parameters(self) -> list[Value]:
        """Return the weights and biases, always in the same order."""

    def zero_grad(self) -> None:
        """Set the gradients of all parameters to 0, before the next `backward()` adds to them."""
        for parameter in self.parameters():
            parameter.grad = 0.0


class Neuron(Module):
    """activation(w1 x1 + w2 x2 + ... + b), with uniform random weights `w` between -1 and 1, and the bias `b`.

    The bias starts at 0, or with `random_bias` between -1 and 1 too. `seed` is a number or a generator. The numbers of
    `place` come first in the labels: w2.1.3 for place (2, 1).

    >>> n = Neuron(2)
    >>> [p.label for p in n.parameters()]
    ['w1', 'w2', 'b']
    >>> y = n([1.0, -2.0])
    >>> y.data == (n.w[0] - n.w[1] * 2.0 + n.b).tanh().data
    True
    """

    def __init__(
        self,
        nin: int,
        activation: Activation = "tanh",
        seed: int | Random = 0,
        *,
        random_bias: bool = False,
        place: Sequence[int] = (),
    ) -> None:
        if nin < 1:
            raise ValueError(f"a neuron with {nin} inputs: give it 1 or more")
        if activation not in ACTIVATIONS:
            raise ValueError(f"no activation is called {activation!r}; there are {', '.join(ACTIVATIONS)}")
        rng = _generator(seed)
        self.w = [Value(rng.uniform(-1, 1), f"w{_dotted(*place, i)}") for i in range(1, nin + 1)]
        self.b = Value(rng.uniform(-1, 1) if random_bias else 0.0, f"b{_dotted(*place)}")
        self.activation = activation

    def __call__(self, inputs: Sequence[Value | float]) -> Value:
        """Return the neuron's output. There is one input for each weight."""
        if len(inputs) != len(self.w):
            raise ValueError(f"{len(inputs)} inputs to a neuron with {len(self.w)} weights: give one for each")
        total = self.b
        for weight, x in zip(self.w, inputs, strict=True):
            total = total + weight * x
        return ACTIVATIONS[self.activation](total)

    def parameters(self) -> list[Value]:
        """Return the weights, then the bias."""
        return [*self.w, self.b]

    @property
    def weights(self) -> list[Value]:
        """The weights, `w`."""
        return self.w

    @property
    def bias(self) -> Value:
        """The bias, `b`."""
        return self.b


class Layer(Module):
    """Neurons that have the same inputs.

    >>> len(Layer(3, 4)([1.0, 2.0, 3.0]))
    4
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        activation: Activation = "tanh",
        seed: int | Random = 0,
        *,
        random_bias: bool = False,
        place: Sequence[int] = (),
    ) -> None:
        if nout < 1:
            raise ValueError(f"a layer of {nout} neurons: give it 1 or more")
        rng = _generator(seed)
        self.neurons = [
            Neuron(nin, activation, rng, random_bias=random_bias, place=(*place, i)) for i in range(1, nout + 1)
        ]

    def __call__(self, inputs: Sequence[Value | float]) -> list[Value]:
        """Return the output of each neuron for these inputs."""
        shared = [x if isinstance(x, Value) else Value(x) for x in inputs]  # all neurons use the same value
        return [neuron(shared) for neuron in self.neurons]

    def parameters(self) -> list[Value]:
        """Return the parameters of all neurons, in order."""
        return [parameter for neuron in self.neurons for parameter in neuron.parameters()]


class MLP(Module):
    """A multi-layer perceptron. The last layer is linear unless `last` names an activation, such as "tanh".

    With `random_bias` the biases start between -1 and 1, as the weights do, else at 0.

    Weight w2.1.3 belongs to layer 2, neuron 1, input 3.

    >>> mlp = MLP(3, [4, 4, 1])
    >>> len(mlp.parameters())
    41
    >>> mlp([2.0, 3.0, -1.0]).data == MLP(3, [4, 4, 1], seed=0)([2.0, 3.0, -1.0]).data
    True
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: Activation = "tanh",
        *,
        last: Activation = "linear",
        seed: int | Random = 0,
        random_bias: bool = False,
    ) -> None:
        if isinstance(nouts, int):
            raise TypeError(f"the layers of an MLP are {nouts}: give a list of their sizes, as in MLP(3, [4, 4, 1])")
        if not nouts:
            raise ValueError("an MLP without layers: give the number of neurons of each, as in MLP(3, [4, 4, 1])")
        rng = _generator(seed)
        self.layers = [
            Layer(inputs, outputs, activation if i < len(nouts) else last, rng, random_bias=random_bias, place=(i,))
            for i, (inputs, outputs) in enumerate(zip([nin, *nouts[:-1]], nouts, strict=True), start=1)
        ]

    def __call__(self, inputs: Sequence[Value | float]) -> Any:  # the result depends on the width of the last layer
        """Return the output: a `Value`, or a list of values if the last layer has several neurons."""
        outputs = self.layers[0](inputs)
        for layer in self.layers[1:]:
            outputs = layer(outputs)
        return outputs[0] if len(outputs) == 1 else outputs

    def parameters(self) -> list[Value]:
        """Return the parameters of all layers, in order."""
        return [parameter for layer in self.layers for parameter in layer.parameters()]


def _generator(seed: int | Random) -> Random:
    return seed if isinstance(seed, Random) else Random(seed)


def _dotted(*place: int) -> str:
    return ".".join(map(str, place))
