"""The collectives in the compiled program of a batch that is dealt to two devices."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

EXCHANGES = ("all-reduce", "all-gather", "reduce-scatter", "all-to-all", "collective-permute")


def exchanges(kind, form="lines"):
    """Return the collectives of a step and the other collectives of a chunk: counts by their names in HLO."""
    found = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("sharded_program.py")), kind, form],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        timeout=800,
        check=True,
    )
    step, chunk = found.stdout.split("\nENTRY")  # the entry runs once; its loop calls the computations before it
    return tuple(
        {name: n for name in EXCHANGES if (n := len(re.findall(rf" {name}(?:-start)?\(", part)))}
        for part in (step, chunk)
    )


@pytest.mark.parametrize("kind", ["mlp", "gru", "transformer"])
def test_a_step_has_one_all_reduce_and_a_chunk_nothing_besides(kind):
    assert exchanges(kind) == ({"all-reduce": 1}, {})


def test_batch_norm_adds_one_exchange_a_layer_forward_and_one_backward():
    step, chunk = exchanges("deep_mlp")
    assert step == {"all-reduce": 1, "all-gather": 2, "reduce-scatter": 2}
    assert chunk == {}


def test_a_running_text_adds_one_exchange_a_chunk_for_each_layers_state():
    assert exchanges("gru", "text") == ({"all-reduce": 1}, {"all-gather": 2})
