"""Arrays of NumPy, when a model is used, or of JAX, while it is trained.

The mathematics uses the namespace of the array that it gets (the array API standard, 2021), so the same lines run in
NumPy and inside a compiled JAX program.

Axis names in annotations: `B` batch (lines or rows), `T` time (characters), `K` context length, `V` vocabulary size
(with the end symbol), `E` embedding width, `H` hidden width, `N` examples.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from math import pi
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from morelike.errors import SettingError

if TYPE_CHECKING or "jaxtyping" in sys.modules:
    from jaxtyping import Bool, Float
    from jaxtyping import Integer as Int
else:  # tests check the shapes; in use the import would cost 0.14 s

    class Bool:
        """A stand-in for jaxtyping's class of the same name; it ignores the shapes in its subscripts."""

        def __class_getitem__(cls, shape: object) -> object:
            return Any

    Float = Int = Bool

__all__ = [
    "Array",
    "Bool",
    "Float",
    "Int",
    "MapFunction",
    "State",
    "Weights",
    "gelu",
    "join_rows",
    "log_softmax",
    "namespace",
    "one_hot",
    "principal_plane",
    "random_generator",
    "rows",
    "sigmoid",
    "softmax",
    "standardize",
    "take",
    "unique_states",
]

EPSILON = 1e-5
"""The number that is added to a variance before its square root divides."""

Array: TypeAlias = Any
"""A NumPy or JAX array. The annotation around it states its shape and type, as in `Float[Array, "B V"]`."""

State: TypeAlias = Any
"""A model's memory of the characters so far: an array with the lines along the axis before the last, or a tuple of
such arrays."""

Weights: TypeAlias = dict[str, Array]
"""A model's weights: a flat dict, by the names in the model file."""


MapFunction: TypeAlias = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]
"""`map`, or a function that maps with several threads; the results are in order."""


def rows(state: State, chosen: Int[Array, " B"]) -> State:
    """Return a state with the chosen rows only, in this order."""
    if isinstance(state, tuple):
        return tuple(rows(each, chosen) for each in state)
    return np.take(state, chosen, axis=-2)


def join_rows(states: Sequence[State]) -> State:
    """Return one state with the rows of several states of equal form, in order."""
    if isinstance(states[0], tuple):
        return tuple(join_rows(each) for each in zip(*states, strict=True))
    return np.concatenate(states, axis=-2)


def unique_states(pasts: Int[Array, " B"]) -> tuple[Int[Array, " R"], Int[Array, " B"]]:
    """Return the first line of each distinct state, and the number of each line's state among the distinct ones.

    `pasts` holds a number for each line; lines with the same number have the same state.

    >>> first, row = unique_states(np.array([7, 3, 7]))
    >>> first.tolist(), row.tolist()
    ([1, 0], [1, 0, 1])
    """
    _, first, row = np.unique(pasts, return_index=True, return_inverse=True)
    return first, row


def namespace(x: Array) -> ModuleType:
    """Return the array library of `x`: `numpy` for NumPy's arrays, `jax.numpy` for JAX's.

    >>> import numpy as np
    >>> namespace(np.zeros(2)).__name__
    'numpy'
    """
    library: ModuleType = x.__array_namespace__()
    return library


def sigmoid(x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return 1 / (1 + exp(-x)), computed as (1 + tanh(x / 2)) / 2, which never overflows.

    >>> import numpy as np
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return 0.5 * (namespace(x).tanh(0.5 * x) + 1.0)


def log_softmax(logits: Float[Array, "*batch V"]) -> Float[Array, "*batch V"]:
    """Return the log-probabilities (nats) of logits, shifted by their maximum so that exp never overflows.

    >>> import numpy as np
    >>> log_softmax(np.array([-100.0, -3.0, 0.0, 100.0])).tolist()
    [-200.0, -103.0, -100.0, 0.0]
    """
    xp = namespace(logits)
    shifted = logits - xp.max(logits, axis=-1, keepdims=True)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))


def gelu(x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return x times the normal distribution function at x, approximated with tanh (Hendrycks and Gimpel 2016).

    >>> import numpy as np
    >>> gelu(np.array([-10.0, 0.0, 10.0])).round(3).tolist()
    [-0.0, 0.0, 10.0]
    """
    return 0.5 * x * (1.0 + namespace(x).tanh((2 / pi) ** 0.5 * (x + 0.044715 * x * x * x)))


def softmax(logits: Float[Array, "*batch V"]) -> Float[Array, "*batch V"]:
    """Return the probabilities of logits; each row sums to 1.

    >>> import numpy as np
    >>> softmax(np.array([0.0, 0.0])).tolist()
    [0.5, 0.5]
    """
    xp = namespace(logits)
    powers = xp.exp(logits - xp.max(logits, axis=-1, keepdims=True))
    return powers / xp.sum(powers, axis=-1, keepdims=True)


def standardize(x: Float[Array, "*shape E"]) -> Float[Array, "*shape E"]:
    """Return x with mean 0 and variance 1 over the features of each position.

    >>> import numpy as np
    >>> standardize(np.array([1.0, 1.0, 4.0, 4.0])).round(3).tolist()
    [-1.0, -1.0, 1.0, 1.0]
    """
    xp = namespace(x)
    centred = x - xp.mean(x, axis=-1, keepdims=True)
    return centred / xp.sqrt(xp.mean(centred * centred, axis=-1, keepdims=True) + EPSILON)


def random_generator(seed: int | None) -> np.random.Generator:
    """Return NumPy's generator of random numbers; None takes a new seed from the system.

    Raises:
        SettingError: a negative seed.

    >>> random_generator(1).integers(10, size=3).tolist()
    [4, 5, 7]
    """
    if seed is not None and seed < 0:
        raise SettingError(f"seed = {seed}: give 0 or more")
    return np.random.default_rng(seed)


def take(table: Float[Array, "V E"], index: Int[Array, "*shape"]) -> Float[Array, "*shape E"]:
    """Return the rows of `table` at `index`; the same as `one_hot(index, V) @ table`.

    >>> import numpy as np
    >>> take(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1, 0, 1])).tolist()
    [[3.0, 4.0], [1.0, 2.0], [3.0, 4.0]]
    """
    return table[index]


def one_hot(index: Int[Array, "*shape"], size: int) -> Float[Array, "*shape V"]:
    """Return float32 rows of zeros with a 1 at each index.

    >>> import numpy as np
    >>> one_hot(np.array([2, 0]), 3).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    xp = namespace(index)
    return (index[..., None] == xp.arange(size)).astype(xp.float32)


def principal_plane(table: Float[Array, "V E"]) -> tuple[Float[Array, "V 2"], float]:
    """Return the rows projected on their two principal components, and the share of the variance of these."""
    centred = table.astype(np.float64) - table.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    return left[:, :2] * sizes[:2], float((sizes[:2] ** 2).sum() / max((sizes**2).sum(), 1e-300))
