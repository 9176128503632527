"""Recurrence inside a compiled JAX program, with a gradient whose loop holds only what depends on later times.

The loops carry each block of a state (an LSTM's h and c) as its own array. If the blocks were joined, they would be
cut, padded and copied at each time.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from morelike.architecture import Blocks, Cell, split_blocks
from morelike.arrays import Array, Float, Weights
from morelike.training.jax.matmul import Factors, barrier, dot, transposed_products


@partial(jax.custom_vjp, nondiff_argnums=(0, 1))
def scan_cell(
    cell: Cell,
    factors: Factors,
    weights: Weights,
    matrix: Array,
    start: Array,
    initial: Array,
    begins: Array,
    x: Blocks,
) -> tuple[Float[Array, "T B H"], Float[Array, "B S"]]:
    """Return the first block of a recurrent layer's state at all times, and its last state; see `Mode.scan_cell`.

    `weights` are those that the cell itself uses, `matrix` is Wh, and `initial` [B, S] is the state before the first
    time. The backward loop holds only the product with Wh^T, which needs the gradient of the time after. The cell's
    derivatives are elementwise: they are computed for all times at once before that loop, and the gradients of the
    weights after it (the order of cuDNN: Appleyard et al. 2016, https://arxiv.org/abs/1604.01946).
    """
    outputs, last, _, _ = _forward(cell, factors, weights, matrix, start, initial, begins, x)
    return outputs, last


def _forward(
    cell: Cell,
    factors: Factors,
    weights: Weights,
    matrix: Array,
    start: Array,
    initial: Array,
    begins: Array,
    x: Blocks,
) -> tuple[Array, Array, Blocks, Blocks]:
    """Return the outputs and the last state, and for all times the states before and their products with Wh."""
    blocks = len(cell.state_inputs)
    starts = split_blocks(start, blocks)
    columns = split_blocks(
        matrix, len(cell.gates)
    )  # cut before the loop: in the loop they would be copied at each time

    def step(state: Blocks, now: Any) -> tuple[Blocks, tuple[Array, Blocks, Blocks]]:
        begins, x = now
        before = tuple(jnp.where(begins[:, None], *pair) for pair in zip(starts, state, strict=True))
        u = tuple(dot(before[0], column, factors) for column in columns)
        state = _next_state(cell, weights, before, u, x)
        return state, (state[0], before, u)

    last, (outputs, before, u) = jax.lax.scan(step, split_blocks(initial, blocks), (begins, x))
    return outputs, jnp.concatenate(last, axis=-1), before, u


def _scan_cell(
    cell: Cell,
    factors: Factors,
    weights: Weights,
    matrix: Array,
    start: Array,
    initial: Array,
    begins: Array,
    x: Blocks,
) -> tuple[tuple[Array, Array], tuple[Any, ...]]:
    outputs, last, before, u = _forward(cell, factors, weights, matrix, start, initial, begins, x)
    return (outputs, last), (weights, matrix, begins, before, u, x)


def _scan_cell_gradient(
    cell: Cell, factors: Factors, saved: tuple[Any, ...], gradients: tuple[Array, Array]
) -> tuple[Any, ...]:
    weights, matrix, begins, before, u, x = saved
    hidden, blocks = len(matrix), len(before)
    derivative = partial(_derivative, cell, weights, (before, u, x))
    by_state, by_product = barrier(  # without the barrier XLA computes them again inside the loop
        ([derivative(0, i) for i in range(blocks)], [derivative(1, i) for i in range(len(u))])
    )
    transposed = [part.T for part in split_blocks(matrix, len(u))]

    def step(later: Blocks, now: Any) -> tuple[Blocks, tuple[Blocks, Blocks, Blocks]]:
        output_gradient, begins, by_state, by_product = now
        total = (later[0] + output_gradient, *later[1:])
        to_products = tuple(_through(column, total) for column in by_product)
        through_matrix = sum(dot(part, back, factors) for part, back in zip(to_products, transposed, strict=True))
        first, *others = (_through(column, total) for column in by_state)
        earlier = (first + through_matrix, *others)
        return tuple(jnp.where(begins[:, None], 0, part) for part in earlier), (total, earlier, to_products)

    to_outputs, to_last = gradients
    scanned = to_outputs, begins, by_state, by_product
    to_initial, (total, earlier, to_products) = jax.lax.scan(step, split_blocks(to_last, blocks), scanned, reverse=True)
    to_weights = jax.vjp(lambda some: _next_state(cell, some, before, u, x), weights)[1](total)[0] if weights else {}
    to_x = tuple(
        product if gate in cell.summed_gates else _through(derivative(2, i), total)
        for i, (gate, product) in enumerate(zip(cell.gates, to_products, strict=True))
    )
    states = before[0].reshape(-1, hidden)
    to_matrix = jnp.concatenate(
        transposed_products(states, [part.reshape(-1, hidden) for part in to_products], factors), axis=1
    )
    to_start = jnp.concatenate([jnp.where(begins[..., None], part, 0).sum((0, 1)) for part in earlier])
    return to_weights, to_matrix, to_start, jnp.concatenate(to_initial, axis=-1), None, to_x


scan_cell.defvjp(_scan_cell, _scan_cell_gradient)


def _next_state(cell: Cell, weights: Weights, before: Blocks, u: Blocks, x: Blocks) -> Blocks:
    return split_blocks(cell.cell(weights, jnp.concatenate(before, axis=-1), u, x), len(before))


Column = list[Array | None]
"""A column of the cell's Jacobian: the derivative of each block of the next state by one input, None for zero."""


def _derivative(cell: Cell, weights: Weights, inputs: tuple[Blocks, Blocks, Blocks], group: int, i: int) -> Column:
    """Return the derivatives at all times by input `i` of a group: 0 for the state before, 1 for u, 2 for x."""
    name = (tuple(cell.state_inputs) if group == 0 else cell.gates)[i]
    array = inputs[group][i]

    def next_state(array: Array) -> Blocks:
        changed = [list(arrays) for arrays in inputs]
        changed[group][i] = array
        before, u, x = map(tuple, changed)
        return _next_state(cell, weights, before, u, x)

    slopes = jax.jvp(next_state, (array,), (jnp.ones_like(array),))[1]
    used = (name in names for names in cell.state_inputs.values())
    return [slope if needed else None for slope, needed in zip(slopes, used, strict=True)]


def _through(column: Column, total: Blocks) -> Array:
    """Return the gradient of an input: the gradients of the next state's blocks times their derivatives, summed."""
    terms = [part * slope for part, slope in zip(total, column, strict=True) if slope is not None]
    return sum(terms[1:], terms[0]) if terms else jnp.zeros_like(total[0])
