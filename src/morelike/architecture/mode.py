"""What differs between training and use, handed to the maths; and what a recurrent cell is made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, TypeAlias

import numpy as np

from morelike.arrays import Array, Bool, Float, Int, Weights, softmax, standardize, take

__all__ = ["USE", "Cell", "Mode", "Parts", "parts", "products"]

Parts: TypeAlias = tuple[Array, ...]
"""One array for each gate of a recurrent cell."""


class Cell(ABC):
    """A recurrent cell: its gates, the inputs of each block of its state, and its equations."""

    gates: ClassVar[tuple[str, ...]]
    """Names of the gates, in the order of their columns in Wx, b and Wh."""
    state_inputs: ClassVar[Mapping[str, tuple[str, ...]]]
    """For each block of the state [B, H], the blocks of the state before and the gates that its equation uses.

    Training computes the derivatives by these inputs and takes all others as zero.
    """
    summed_gates: ClassVar[tuple[str, ...]] = ()
    """The gates that the cell uses only as the sum u + x: the gradients of u and x are then one and the same."""

    @abstractmethod
    def cell(self, layer: Weights, state: Float[Array, "*B S"], u: Parts, x: Parts) -> Float[Array, "*B S"]:
        """Return the next state of a layer.

        `u` is the first block of the state times Wh; `x` is the input times Wx, plus b; both hold one [B, H] for each
        gate. The cell is elementwise, so training takes the products of all times out of the loop.
        """


class Mode(ABC):
    """What differs between training and use, handed to the maths so that no global switch exists."""

    @abstractmethod
    def drop(self, name: str, x: Float[Array, "*shape"], rate: float) -> Float[Array, "*shape"]:
        """Return x with a share `rate` set to zero and the rest scaled up (dropout), in training; x itself in use."""

    @abstractmethod
    def record(self, name: str, x: Float[Array, "*shape"], *, bounded: bool = False) -> Float[Array, "*shape"]:
        """Return x, after a look at it by whoever diagnoses; `bounded` activations are made to lie in -1 to 1."""

    @abstractmethod
    def moments(
        self, name: str, x: Float[Array, "*shape H"], mean: Float[Array, " H"], variance: Float[Array, " H"]
    ) -> tuple[Float[Array, " H"], Float[Array, " H"]]:
        """Return mean and variance by which to normalise x: the running ones handed in; in training those of x itself.

        Training keeps the running ones up to date, as the weights `name.mean` and `name.variance`.
        """

    @abstractmethod
    def look_up(self, table: Float[Array, "V E"], index: Int[Array, "*shape"]) -> Float[Array, "*shape E"]:
        """Return the rows of a table of embeddings."""

    @abstractmethod
    def product(self, x: Float[Array, "*shape K"], matrix: Float[Array, "*batch K N"]) -> Float[Array, "*shape N"]:
        """Return x times a matrix of weights, or each of the matrices x [*batch M K] times its own."""

    @abstractmethod
    def softmax(self, x: Float[Array, "*shape N"]) -> Float[Array, "*shape N"]:
        """Return x as shares that sum to 1."""

    @abstractmethod
    def standardize(self, x: Float[Array, "*shape E"]) -> Float[Array, "*shape E"]:
        """Return x with mean 0 and variance 1 at each position, over its features."""

    @abstractmethod
    def scan_cell(
        self, name: str, cell: Cell, layer: Weights, start: Float[Array, " S"], begins: Bool[Array, "T B"], x: Parts
    ) -> Float[Array, "T B H"]:
        """Return what the recurrent layer `name` shows of its states along time, `start` put in wherever a line begins.

        The state before the first character is `start` too, or in a running text what the text before it left.
        `x` holds, for each gate, what comes from the layer's inputs [T, B, H].
        """


class Use(Mode):
    """A model in use, on NumPy: nothing dropped, nothing observed, time as a plain loop."""

    def drop(self, name: str, x: Float[Array, "*shape"], rate: float) -> Float[Array, "*shape"]:
        return x

    def record(self, name: str, x: Float[Array, "*shape"], *, bounded: bool = False) -> Float[Array, "*shape"]:
        return x

    def moments(
        self, name: str, x: Float[Array, "*shape H"], mean: Float[Array, " H"], variance: Float[Array, " H"]
    ) -> tuple[Float[Array, " H"], Float[Array, " H"]]:
        return mean, variance

    def look_up(self, table: Float[Array, "V E"], index: Int[Array, "*shape"]) -> Float[Array, "*shape E"]:
        return take(table, index)

    def product(self, x: Float[Array, "*shape K"], matrix: Float[Array, "*batch K N"]) -> Float[Array, "*shape N"]:
        return x @ matrix

    def softmax(self, x: Float[Array, "*shape N"]) -> Float[Array, "*shape N"]:
        return softmax(x)

    def standardize(self, x: Float[Array, "*shape E"]) -> Float[Array, "*shape E"]:
        return standardize(x)

    def scan_cell(
        self, name: str, cell: Cell, layer: Weights, start: Float[Array, " S"], begins: Bool[Array, "T B"], x: Parts
    ) -> Float[Array, "T B H"]:
        state = np.broadcast_to(start, (begins.shape[1], len(start)))
        shown = []
        for t in range(len(begins)):
            state = np.where(begins[t][:, None], start, state)
            state = cell.cell(layer, state, products(layer["Wh"], state), tuple(part[t] for part in x))
            shown.append(state[:, : len(layer["Wh"])])
        return np.stack(shown)


USE = Use()


def parts(x: Float[Array, "*shape GH"], gates: int) -> Parts:
    """Return the last axis cut in equal parts, one for each gate.

    >>> [part.tolist() for part in parts(np.array([[1.0, 2.0, 3.0]]), 3)]
    [[[1.0]], [[2.0]], [[3.0]]]
    """
    width = x.shape[-1] // gates
    return tuple(x[..., i * width : (i + 1) * width] for i in range(gates))


def products(matrix: Float[Array, "H GH"], state: Float[Array, "B S"]) -> Parts:
    """Return the shown part of a state times Wh, gate by gate."""
    hidden, columns = matrix.shape
    shown = state[..., :hidden]
    return tuple(shown @ part for part in parts(matrix, columns // hidden))
