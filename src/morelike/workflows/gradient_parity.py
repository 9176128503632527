"""The loss and the gradients of one small model, computed in three ways: by scalars, by NumPy and by JAX.

The model is the `mlp` of Bengio et al. (2003). With scalars, `autograd.Value` finds the derivatives. With NumPy, the
backward pass is written by hand, one line for each gradient. JAX differentiates the architecture that training uses.
The weights (float64) and the contexts are the same, so the results must be equal.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import build
from morelike.arrays import Int, Weights, one_hot, random_generator
from morelike.autograd.engine import Value
from morelike.autograd.losses import cross_entropy
from morelike.errors import SettingError
from morelike.text.corpus import Corpus
from morelike.text.examples.contexts import contexts
from morelike.text.vocabulary import Vocabulary

TOLERANCE = 1e-10
"""The largest absolute difference, in float64, between two ways that agree."""

MOST_VALUES = 3_000_000
"""The most scalars in memory at once; each takes about 200 bytes."""

Gradients: TypeAlias = dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Way:
    """The results of one way: the loss (nats), the gradients by weight, the seconds of a first and a second call.

    The first call of JAX includes compilation.
    """

    name: str
    loss: float
    gradients: Gradients
    first_seconds: float
    seconds: float


@dataclass(frozen=True)
class GradientParity:
    """The results of all three ways."""

    ways: list[Way]
    examples: int
    parameters: int

    def differences(self) -> dict[str, dict[str, float]]:
        """Return the largest absolute difference of `loss` and of each weight's gradient, for each pair of ways."""
        found: dict[str, dict[str, float]] = {name: {} for name in ("loss", *self.ways[0].gradients)}
        for one, other in combinations(self.ways, 2):
            pair = f"{one.name} - {other.name}"
            found["loss"][pair] = abs(one.loss - other.loss)
            for name, gradient in one.gradients.items():
                found[name][pair] = float(np.abs(gradient - other.gradients[name]).max())
        return found

    @property
    def agree(self) -> bool:
        """Whether all differences are within the tolerance. NaN is not."""
        return all(each <= TOLERANCE for pairs in self.differences().values() for each in pairs.values())


def compare_gradients(
    corpus: Corpus, *, context: int = 3, embedding: int = 4, hidden: int = 20, examples: int = 32, seed: int = 0
) -> GradientParity:
    """Return loss and gradients in three ways, on `examples` contexts drawn at random from a list, or all it has.

    Raises:
        SettingError: sizes of no possible model, or more scalars than fit in memory.
    """
    if examples < 1:
        raise SettingError(f"examples = {examples}: give 1 or more")
    sizes = {"context": context, "embedding": embedding, "hidden": hidden, "initialization": "normal"}
    architecture = build("mlp", sizes).as_trained("it has no gradients")
    vocabulary = Vocabulary.of(corpus.words)
    values = 2 * examples * (context * embedding * hidden + hidden * vocabulary.size + 2 * vocabulary.size)
    if values > MOST_VALUES:
        raise SettingError(
            f"{values:,} scalars are needed, and {MOST_VALUES:,} are the most: give fewer examples or a smaller hidden "
            "layer"
        )
    x, y = contexts(vocabulary.encode_lines(corpus.words), context)
    rng = random_generator(seed)
    weights = {name: array.astype(np.float64) for name, array in architecture.init(rng, vocabulary.size).items()}
    chosen = rng.permutation(len(y))[:examples]
    x, y = x[chosen], y[chosen]
    from morelike.training.jax.example_gradients import float64_gradients  # importing JAX takes a second

    ways = [
        _timed("scalars", lambda: by_scalars(weights, x.tolist(), y.tolist())),
        _timed("numpy", lambda: by_hand(weights, x, y)),
        _timed("jax", float64_gradients(architecture, weights, x, y)),
    ]
    return GradientParity(ways, len(y), sum(array.size for array in weights.values()))


class ScalarPass(NamedTuple):
    """A forward pass with scalars: the loss, the weights as nested lists by name, and the hidden units by context."""

    loss: Value
    weights: dict[str, Any]
    hidden: list[list[Value]]


def scalar_pass(weights: Weights, contexts: Sequence[Sequence[int]], targets: Sequence[int]) -> ScalarPass:
    """Return the forward pass with a `Value` for each weight and each intermediate result."""
    tables = {name: _values(array.tolist()) for name, array in weights.items()}
    C, W1, b1, W2, b2 = (tables[name] for name in ("C", "W1", "b1", "W2", "b2"))
    hidden = []
    for context in contexts:
        e = [number for token in context for number in C[token]]
        hidden.append([total.tanh() for total in _affine(e, W1, b1)])
    loss = cross_entropy([_affine(h, W2, b2) for h in hidden], targets)
    return ScalarPass(loss, tables, hidden)


def by_scalars(weights: Weights, contexts: Sequence[Sequence[int]], targets: Sequence[int]) -> tuple[float, Gradients]:
    """Return loss and gradients by scalars: see `scalar_pass`."""
    loss, tables, _ = scalar_pass(weights, contexts, targets)
    loss.backward()
    return loss.data, {name: np.array(_grads(table)) for name, table in tables.items()}


def by_hand(weights: Weights, x: Int[NDArray[Any], "N K"], y: Int[NDArray[Any], " N"]) -> tuple[float, Gradients]:
    """Return loss and gradients by NumPy alone, with a forward and a backward pass.

    Shapes: e [N, K E], a and h [N, H], logits and p [N, V]. dz is the gradient of the loss by z, in the shape of z.
    """
    C, W1, b1, W2, b2 = (weights[name] for name in ("C", "W1", "b1", "W2", "b2"))
    examples = np.arange(len(y))
    e = C[x].reshape(len(y), -1)
    a = e @ W1 + b1
    h = np.tanh(a)
    logits = h @ W2 + b2
    powers = np.exp(logits - logits.max(1, keepdims=True))
    p = powers / powers.sum(1, keepdims=True)
    loss = -np.log(p[examples, y]).mean()

    dlogits = (p - one_hot(y, len(b2))) / len(y)  # prediction minus truth, by softmax and logarithm together
    dW2 = h.T @ dlogits
    db2 = dlogits.sum(0)  # b2 is added to every row, so its gradient is the sum over the rows
    dh = dlogits @ W2.T
    da = dh * (1 - h**2)
    dW1 = e.T @ da
    db1 = da.sum(0)
    de = da @ W1.T
    dC = np.zeros_like(C)
    np.add.at(dC, x, de.reshape(*x.shape, -1))  # a row of C that is used several times sums its gradients
    return float(loss), {"C": dC, "W1": dW1, "b1": db1, "W2": dW2, "b2": db2}


def _timed(name: str, run: Callable[[], tuple[float, Gradients]]) -> Way:
    seconds = []
    for _ in range(2):
        began = time.perf_counter()
        loss, gradients = run()
        seconds.append(time.perf_counter() - began)
    return Way(name, loss, gradients, *seconds)


def _affine(inputs: Sequence[Value], matrix: Sequence[Sequence[Value]], bias: Sequence[Value]) -> list[Value]:
    columns = zip(*matrix, strict=True)
    return [
        sum((x * w for x, w in zip(inputs, column, strict=True)), b) for column, b in zip(columns, bias, strict=True)
    ]


def _values(numbers: Any) -> Any:
    """Return nested lists of numbers as equally nested lists of Values."""
    return [_values(each) for each in numbers] if isinstance(numbers, list) else Value(numbers)


def _grads(values: Any) -> Any:
    return [_grads(each) for each in values] if isinstance(values, list) else values.grad
