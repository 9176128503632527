"""What the gradient of recurrence leaves out is zero whatever the numbers are."""

import numpy as np
import pytest

from morelike.architecture import build
from morelike.training.recurrence import _dependence


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
    assert _dependence(made.cell, own, blocks, made.gates, 3) == needed
