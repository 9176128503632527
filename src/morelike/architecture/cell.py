"""The recurrent cell: its gates, the blocks of its state, and the products that it is computed from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, TypeAlias

from morelike.arrays import Array, Float, Weights

Blocks: TypeAlias = tuple[Array, ...]
"""Arrays of equal shape: one for each gate of a cell, or one for each vector in its state."""


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

    def gate_values(self, layer: Weights, state: Float[Array, "*B S"], u: Blocks, x: Blocks) -> Blocks:
        """Return each gate after its activation function, [B, H] each, in the order of `gates`.

        The parameters are those of `cell`, which computes the next state from these values. A cell that declares none
        shows its states only.
        """
        return ()

    @abstractmethod
    def cell(self, layer: Weights, state: Float[Array, "*B S"], u: Blocks, x: Blocks) -> Float[Array, "*B S"]:
        """Return the next state of a layer.

        `u` is the first block of the state times Wh; `x` is the input times Wx, plus b; both hold one [B, H] for each
        gate. The cell is elementwise, so training takes the products of all times out of the loop.
        """


def split_blocks(x: Float[Array, "*shape GH"], count: int) -> Blocks:
    """Return `count` equal blocks of the last axis.

    >>> import numpy as np
    >>> [block.tolist() for block in split_blocks(np.array([[1.0, 2.0, 3.0]]), 3)]
    [[[1.0]], [[2.0]], [[3.0]]]
    """
    width = x.shape[-1] // count
    return tuple(x[..., i * width : (i + 1) * width] for i in range(count))


def gate_products(matrix: Float[Array, "H GH"], state: Float[Array, "B S"]) -> Blocks:
    """Return the first block of a state times Wh, one product [B, H] for each gate."""
    hidden, columns = matrix.shape
    return tuple(state[..., :hidden] @ block for block in split_blocks(matrix, columns // hidden))
