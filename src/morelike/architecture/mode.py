"""The mode in which a network runs: the operations that differ between training and use.

An architecture calls these operations on the `mode` that it gets, so the same equations serve both, and no global
switch exists.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from morelike.architecture.cell import Blocks, Cell, gate_products
from morelike.arrays import Array, Bool, Float, Int, Weights, softmax, standardize, take


class Mode(ABC):
    """The operations of a network that differ between training and use.

    Each `name` is unique within the network: it names an activation, or the weights of a layer.
    """

    @abstractmethod
    def drop(self, name: str, x: Float[Array, "*shape"], rate: float) -> Float[Array, "*shape"]:
        """Return x. In training, a share `rate` of it is set to zero and the rest is scaled up (dropout).

        The rate is a setting whose name ends in "dropout", passed on as it is, or a constant: such settings are
        arguments of compiled programs.
        """

    @abstractmethod
    def drop_weights(self, name: str, matrix: Float[Array, "K N"], rate: float) -> Float[Array, "K N"]:
        """Return a matrix of weights. In training, a share `rate` of it is set to zero for a step, the rest scaled up.

        This is DropConnect (Wan et al. 2013): all rows of a batch and all times have the same weights.
        """

    @abstractmethod
    def record(
        self, name: str, x: Float[Array, "*shape"], *, bounded: bool = False, diagnosed: bool = True
    ) -> Float[Array, "*shape"]:
        """Return x. A forward pass that is looked at keeps it under this name.

        A diagnosis measures the `diagnosed` arrays, the outputs of layers. `bounded` ones lie in -1 to 1: they may
        saturate.
        """

    @abstractmethod
    def moments(
        self, name: str, x: Float[Array, "*shape H"], mean: Float[Array, " H"], variance: Float[Array, " H"]
    ) -> tuple[Float[Array, " H"], Float[Array, " H"]]:
        """Return the mean and variance that normalise x: in use the given running ones, in training those of x.

        Training also updates the running ones, which are the weights `name.mean` and `name.variance`.
        """

    @abstractmethod
    def look_up(self, table: Float[Array, "V E"], index: Int[Array, "*shape"]) -> Float[Array, "*shape E"]:
        """Return the rows of a table of embeddings."""

    @abstractmethod
    def product(self, x: Float[Array, "*shape K"], matrix: Float[Array, "*batch K N"]) -> Float[Array, "*shape N"]:
        """Return x times a matrix; of a batch of matrices, each matrix of x [*batch, M, K] times its own."""

    @abstractmethod
    def softmax(self, x: Float[Array, "*shape N"]) -> Float[Array, "*shape N"]:
        """Return the probabilities of logits x; each row sums to 1."""

    @abstractmethod
    def standardize(self, x: Float[Array, "*shape E"]) -> Float[Array, "*shape E"]:
        """Return x with mean 0 and variance 1 over the features of each position."""

    @abstractmethod
    def scan_cell(
        self, name: str, cell: Cell, layer: Weights, start: Float[Array, " S"], begins: Bool[Array, "T B"], x: Blocks
    ) -> Float[Array, "T B H"]:
        """Return the first block of a recurrent layer's state at each time; `start` replaces the state at line starts.

        The state before the first character is `start`, or in a running text the last state of the text before.
        `x` holds the products of the layer's inputs with Wx, plus b: one [T, B, H] for each gate.
        """


class Use(Mode):
    """A model in use, on NumPy: no dropout, no recording, running statistics, and a plain loop over time."""

    def drop(self, name: str, x: Float[Array, "*shape"], rate: float) -> Float[Array, "*shape"]:
        return x

    def drop_weights(self, name: str, matrix: Float[Array, "K N"], rate: float) -> Float[Array, "K N"]:
        return matrix

    def record(
        self, name: str, x: Float[Array, "*shape"], *, bounded: bool = False, diagnosed: bool = True
    ) -> Float[Array, "*shape"]:
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
        self, name: str, cell: Cell, layer: Weights, start: Float[Array, " S"], begins: Bool[Array, "T B"], x: Blocks
    ) -> Float[Array, "T B H"]:
        steps = cell_steps(cell, layer, start, begins, x)
        return np.stack([step.state[:, : len(layer["Wh"])] for step in steps])


USE = Use()


class CellStep(NamedTuple):
    """One step of a recurrent layer: the state [B, S] before it, the products u and x of each gate, the state after."""

    before: Float[Array, "B S"]
    u: Blocks
    x: Blocks
    state: Float[Array, "B S"]


def cell_steps(
    cell: Cell, layer: Weights, start: Float[Array, " S"], begins: Bool[Array, "T B"], x: Blocks
) -> Iterator[CellStep]:
    """Yield the steps of a recurrent layer over time, on NumPy; the parameters are those of `Mode.scan_cell`."""
    state = np.broadcast_to(start, (begins.shape[1], len(start)))
    for t in range(len(begins)):
        before = np.where(begins[t][:, None], start, state)
        u, now = gate_products(layer["Wh"], before), tuple(gate[t] for gate in x)
        state = cell.cell(layer, before, u, now)
        yield CellStep(before, u, now, state)
