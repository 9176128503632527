"""Recurrence inside a compiled JAX program, with a gradient that leaves in the loop only what must wait.

The blocks of a state (an LSTM's h and c) go through the loops as arrays of their own: joined, they would be cut, padded
and copied at each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from morelike.architecture import Cell, Parts, parts
from morelike.arrays import Array, Float, Weights
from morelike.training.jax.matmul import tall

__all__ = ["scan_cell"]


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def scan_cell(
    cell: Cell, own: Weights, matrix: Array, start: Array, first: Array, begins: Array, x: Parts
) -> tuple[Float[Array, "T B H"], Float[Array, "B S"]]:
    """Return what a recurrent layer shows at all times, and its last state; see `Mode.scan_cell`.

    `first` [B, S] is the state before all. Going back in time only what must wait stays in the loop: the product with
    Wh^T. The cell's derivatives are elementwise and taken for all times at once before it, the weights' gradients
    after it (the order of cuDNN: Appleyard et al. 2016, https://arxiv.org/abs/1604.01946).
    """
    shown, last, _, _ = _forward(cell, own, matrix, start, first, begins, x)
    return shown, last


def _forward(
    cell: Cell, own: Weights, matrix: Array, start: Array, first: Array, begins: Array, x: Parts
) -> tuple[Array, Array, Parts, Parts]:
    blocks = len(start) // len(matrix)
    starts = parts(start, blocks)
    columns = parts(matrix, len(x))  # cut in the loop, they would be copied at each time

    def step(state: Parts, now: Any) -> tuple[Parts, tuple[Array, Parts, Parts]]:
        begins, x = now
        before = tuple(jnp.where(begins[:, None], *pair) for pair in zip(starts, state, strict=True))
        u = tuple(before[0] @ column for column in columns)
        state = _update(cell, own, before, u, x)
        return state, (state[0], before, u)

    last, (shown, before, u) = jax.lax.scan(step, parts(first, blocks), (begins, x))
    return shown, jnp.concatenate(last, axis=-1), before, u


def _scan_cell(
    cell: Cell, own: Weights, matrix: Array, start: Array, first: Array, begins: Array, x: Parts
) -> tuple[tuple[Array, Array], tuple[Any, ...]]:
    shown, last, before, u = _forward(cell, own, matrix, start, first, begins, x)
    return (shown, last), (own, matrix, begins, x, before, u)


def _scan_cell_gradient(cell: Cell, saved: tuple[Any, ...], gradients: tuple[Array, Array]) -> tuple[Any, ...]:
    own, matrix, begins, x, before, u = saved
    hidden, blocks = len(matrix), len(before)
    keep: Any = jax.lax.optimization_barrier  # or XLA computes them again inside the loop
    inputs = (*before, *u, *x)
    first = blocks + len(u)  # of the inputs at a time
    columns = keep(_derivatives(cell, own, inputs, blocks, range(first)))
    by_state, by_product = columns[:blocks], columns[blocks:]
    transposed = [part.T for part in parts(matrix, len(u))]

    def step(later: Parts, now: Any) -> tuple[Parts, tuple[Parts, Parts, Parts]]:
        here, begins, by_state, by_product = now
        total = (later[0] + here, *later[1:])
        to_products = tuple(_weighed(total, column) for column in by_product)
        through = sum(part @ back for part, back in zip(to_products, transposed, strict=True))
        shown, *others = (_weighed(total, column) for column in by_state)
        earlier = (shown + through, *others)
        return tuple(jnp.where(begins[:, None], 0, part) for part in earlier), (total, earlier, to_products)

    of_shown, of_last = gradients
    scanned = of_shown, begins, by_state, by_product
    last, (total, earlier, to_products) = jax.lax.scan(step, parts(of_last, blocks), scanned, reverse=True)
    to_own = jax.vjp(lambda own: _update(cell, own, before, u, x), own)[1](total)[0] if own else {}
    alone = [gate for gate, summed in enumerate(_summed(cell, own, before, u, x)) if not summed]
    by_x = zip(alone, _derivatives(cell, own, inputs, blocks, [first + gate for gate in alone]), strict=True)
    to_inputs = dict(enumerate(to_products)) | {gate: _weighed(total, column) for gate, column in by_x}
    to_x = tuple(to_inputs.values())
    shown = before[0].reshape(-1, hidden)
    to_matrix = jnp.concatenate([tall(shown, part.reshape(-1, hidden)) for part in to_products], axis=1)
    to_start = [jnp.where(begins[..., None], part, 0).sum((0, 1)) for part in earlier]
    return to_own, to_matrix, jnp.concatenate(to_start), jnp.concatenate(last, axis=-1), None, to_x


scan_cell.defvjp(_scan_cell, _scan_cell_gradient)


def _update(cell: Cell, own: Weights, before: Parts, u: Parts, x: Parts) -> Parts:
    return parts(cell(own, jnp.concatenate(before, axis=-1), u, x), len(before))


BlockDerivatives = list[Array | None]
"""The derivatives of each block of a state by one of the things it is made of, which each unit has alone."""


def _derivatives(cell: Cell, own: Weights, inputs: Parts, blocks: int, which: Iterable[int]) -> list[BlockDerivatives]:
    """Return columns of the cell's Jacobian at all times, by `which` of its inputs.

    These are the blocks of the state before, then of each gate the products, then of each what comes from below.
    """
    gates = (len(inputs) - blocks) // 2
    needed = _dependence(cell, own, blocks, gates, inputs[0].shape[-1])

    def column(at: int) -> BlockDerivatives:
        def of(part: Array) -> Parts:
            changed = (*inputs[:at], part, *inputs[at + 1 :])
            return _update(cell, own, changed[:blocks], changed[blocks:-gates], changed[-gates:])

        slopes = jax.jvp(of, (inputs[at],), (jnp.ones_like(inputs[at]),))[1]
        return [slope if depends else None for slope, depends in zip(slopes, needed[at], strict=True)]

    return [column(at) for at in which]


def _dependence(cell: Cell, own: Weights, blocks: int, gates: int, hidden: int) -> list[list[bool]]:
    """Return of each of the cell's inputs which blocks of the state it has a part in.

    NaN goes wherever a number goes: one is put in, and looked for in what comes out.
    """
    own = {name: np.zeros(array.shape, np.float32) for name, array in own.items()}
    found = []
    for at in range(blocks + 2 * gates):
        inputs = [np.full((1, hidden), np.nan if i == at else 0, np.float32) for i in range(blocks + 2 * gates)]
        state = cell(
            own, np.concatenate(inputs[:blocks], axis=-1), tuple(inputs[blocks:-gates]), tuple(inputs[-gates:])
        )
        found.append([bool(np.isnan(part).any()) for part in parts(state, blocks)])
    return found


def _summed(cell: Cell, own: Weights, before: Parts, u: Parts, x: Parts) -> list[bool]:
    """Return of each gate whether the cell takes nothing but the sum of its u and its x: their gradients are one."""
    once = (tuple(part[0] for part in of) for of in (before, u, x))
    program: Any = jax.make_jaxpr(partial(_update, cell))(own, *once).jaxpr
    uses = [(line.primitive.name, {id(taken) for taken in line.invars}) for line in program.eqns]
    uses.append(("return", {id(given) for given in program.outvars}))
    pairs = zip(program.invars[-2 * len(x) : -len(x)], program.invars[-len(x) :], strict=True)
    both = [{id(product), id(below)} for product, below in pairs]
    return [[use for use in uses if use[1] & pair] == [("add", pair)] for pair in both]


def _weighed(total: Parts, column: BlockDerivatives) -> Array:
    """Return the sum of the blocks' gradients times their derivatives."""
    terms = [part * slope for part, slope in zip(total, column, strict=True) if slope is not None]
    return sum(terms[1:], terms[0]) if terms else jnp.zeros_like(total[0])
