"""Every recurrent architecture declares exactly the inputs that its cell uses."""

from typing import ClassVar

import numpy as np
import pytest

from morelike.architecture import RecurrentArchitecture, build, find, kinds, split_blocks

HIDDEN = 3
RECURRENT = [kind for kind in kinds() if issubclass(find(kind), RecurrentArchitecture)]
EVERY = pytest.mark.parametrize("kind", RECURRENT)


def random_inputs(architecture):
    """Return float64 weights of a cell, a state, and the products u and x of each gate."""
    rng = np.random.default_rng(0)
    layer = {name: rng.standard_normal(array.shape) for name, array in architecture.init_layer(rng, HIDDEN).items()}
    state = rng.standard_normal((5, architecture.state_width))
    u, x = (tuple(rng.standard_normal((5, HIDDEN)) for _ in architecture.gates) for _ in range(2))
    return layer, state, u, x


def inputs_used(architecture):
    """Return the true inputs of each block of the next state: a NaN in an input shows in every block that uses it."""
    layer, state, u, x = random_inputs(architecture)
    blocks = tuple(architecture.state_inputs)
    used = {block: [] for block in blocks}

    def probe(name, state, u, x):
        for block, array in zip(blocks, split_blocks(architecture.cell(layer, state, u, x), len(blocks)), strict=True):
            if np.isnan(array).any() and name not in used[block]:
                used[block].append(name)

    for i, block in enumerate(blocks):
        probed = state.copy()
        probed[:, i * HIDDEN : (i + 1) * HIDDEN] = np.nan
        probe(block, probed, u, x)
    for i, gate in enumerate(architecture.gates):
        probe(gate, state, changed(u, i, np.nan), x)
        probe(gate, state, u, changed(x, i, np.nan))
    return {block: tuple(names) for block, names in used.items()}


def gates_summed(architecture):
    """Return the gates for which what is added to u can be taken from x without changing the next state."""
    layer, state, u, x = random_inputs(architecture)
    expected = architecture.cell(layer, state, u, x)
    shifted = {
        gate: architecture.cell(layer, state, changed(u, i, 0.7), changed(x, i, -0.7))
        for i, gate in enumerate(architecture.gates)
    }
    return tuple(gate for gate, found in shifted.items() if np.allclose(found, expected, rtol=1e-12, atol=1e-12))


def changed(arrays, i, by):
    return (*arrays[:i], arrays[i] + by, *arrays[i + 1 :])


def check_declaration(architecture):
    assert inputs_used(architecture) == architecture.state_inputs
    assert gates_summed(architecture) == architecture.summed_gates


@EVERY
def test_a_cell_declares_the_inputs_of_each_block_and_the_gates_that_it_sums(kind):
    check_declaration(build(kind, {"hidden": HIDDEN}))


@EVERY
def test_a_declaration_that_leaves_out_or_invents_an_input_is_caught(kind):
    truth = find(kind).state_inputs
    first, names = next(iter(truth.items()))
    for wrong in (names[:-1], (*names, "invented")):

        class Planted(find(kind)):
            state_inputs: ClassVar = truth | {first: wrong}

        with pytest.raises(AssertionError):
            check_declaration(Planted(hidden=HIDDEN))


@EVERY
def test_a_declaration_of_the_wrong_summed_gates_is_caught(kind):
    right = find(kind).summed_gates
    for wrong in {right[:-1], find(kind).gates} - {right}:

        class Planted(find(kind)):
            summed_gates: ClassVar = wrong

        with pytest.raises(AssertionError):
            check_declaration(Planted(hidden=HIDDEN))
