"""What a batch dealt out to two devices compiles to. The devices are virtual: threads of one process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import re, sys
import jax
jax.config.update("jax_num_cpu_devices", 2)
import numpy as np
from jax.sharding import Mesh
from morelike.api import plan
from morelike.text.corpus import Corpus
from morelike.text.vocabulary import Vocabulary
from morelike.training.engine import Engine

words, (kind, text) = ["anna", "hannah", "bob", "ada", "eve"] * 4, sys.argv[1:]
words = [" ".join(words)] if text else words
small = {"context": 4, "embedding": 4, "hidden": 8, "layers": 2, "heads": 2}
made = plan(Corpus("words", words, form="text" if text else "lines"), kind, settings={
    "batch": 3, "steps": 4, "row": 8, **{k: v for k, v in small.items() if k in plan(Corpus("a", ["a"]), kind,
    settings={}).architecture.model_dump()}})
vocabulary = Vocabulary.of(words)
lines = vocabulary.encode_text(words[0]) if text else vocabulary.encode_lines(words)
config = made.training.with_row(lines.lengths, text=bool(text)).resolved(50, 1.0)
mesh = Mesh(np.array(jax.devices()), ("shares",))
engine = Engine(made.architecture, config, lines, lines, vocabulary.size, text=bool(text), mesh=mesh)
state = engine._shares.everywhere(engine.fresh())
arguments = state, engine._data, engine.train.indices(3, 0, 0, 4), np.arange(4, dtype=np.uint32), engine._key
program = engine._run.lower(*arguments).compile().as_text()
body = program[: program.index("ENTRY")]  # loops and what they call; what the chunk does once stands in the entry
print(*(len(re.findall(rf" {name}(-start)?\\\\(", part)) for part in (body, program[len(body):])
        for name in ("all-reduce", "all-gather", "reduce-scatter")))
"""


def collectives(kind, text=""):
    """Return how many all-reduces, all-gathers and reduce-scatters a step has, then those that a chunk has besides."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*filter(None, sys.path)])}
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("\\\\\\\\", "\\\\"), kind, text],
        env=environment,
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    return [int(number) for number in found.stdout.split()]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["mlp", "gru", "transformer"])
def test_a_step_has_one_all_reduce_and_nothing_else_between_processes(kind):
    assert collectives(kind) == [1, 0, 0, 0, 0, 0]


@pytest.mark.slow
def test_batch_norm_adds_one_exchange_a_layer_forward_and_one_backward():
    reduces, gathers, scatters, *besides = collectives("deep_mlp")
    assert (reduces, gathers, scatters) == (1, 2, 2)
    assert besides == [0, 0, 0]


@pytest.mark.slow
def test_a_running_text_adds_one_exchange_a_chunk_for_each_layers_state():
    assert collectives("gru", "text") == [1, 0, 0, 0, 2, 0]
