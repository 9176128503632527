"""What the gradient of recurrence leaves out is zero whatever the numbers are."""

import numpy as np
import pytest

from morelike.architecture import build
from morelike.training.jax.recurrence import _dependence, _summed


@pytest.mark.parametrize(
    ("kind", "blocks", "needed"),
    [
        ("rnn", 1, [[False], [True]]),  # the state shown acts through its product alone
        ("gru", 1, [[True], [True], [True], [True]]),
        ("lstm", 2, [[False, False], [True, True], [True, True], [True, True], [True, True], [True, False]]),
    ],
)
def test_each_block_of_a_state_depends_on_what_its_equation_names(kind, blocks, needed):
    made = build(kind, {"hidden": 3})
    own = made.init_layer(np.random.default_rng(0), 3)
    assert _dependence(made.cell, own, blocks, made.gates, 3) == needed + needed[blocks:]  # as by its product


@pytest.mark.parametrize(
    ("kind", "blocks", "summed"),
    [("rnn", 1, [True]), ("gru", 1, [True, True, False]), ("lstm", 2, [True, True, True, True])],
)
def test_a_gate_shares_its_gradient_with_its_product_only_where_the_equations_add_the_two(kind, blocks, summed):
    made = build(kind, {"hidden": 3})
    own = {name: array for name, array in made.init_layer(np.random.default_rng(0), 3).items() if name == "bn"}
    zeros = np.zeros((2, 1, 3), np.float32)
    assert _summed(made.cell, own, (zeros,) * blocks, (zeros,) * made.gates, (zeros,) * made.gates) == summed


def test_a_gate_that_uses_its_input_twice_or_hands_it_out_shares_no_gradient():
    zeros = (np.zeros((2, 1, 3), np.float32),)
    assert _summed(_twice, {}, zeros, zeros, zeros) == [False]
    assert _summed(_handed_out, {}, zeros, zeros, zeros) == [False]


def _twice(own, state, u, x):
    return (x[0] + u[0]) * x[0]


def _handed_out(own, state, u, x):
    x[0] + u[0]
    return x[0]
