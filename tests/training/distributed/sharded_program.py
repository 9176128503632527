"""Print the compiled program of a batch that is dealt to two virtual devices: `python sharded_program.py KIND FORM`."""

import sys

import jax
import numpy as np
from jax.sharding import Mesh

from morelike.architecture import find
from morelike.runs.plan import make_plan
from morelike.text.corpus import Corpus
from morelike.text.vocabulary import Vocabulary
from morelike.training.distributed.sharding import AXIS
from morelike.training.jax.engine import Engine

SMALL = {"context": 4, "embedding": 4, "hidden": 8, "layers": 2, "heads": 2}
WORDS = ["anna", "hannah", "bob", "ada", "eve"] * 4


def program(kind, form):
    text = form == "text"
    words = [" ".join(WORDS)] if text else WORDS
    small = {name: value for name, value in SMALL.items() if name in find(kind).model_fields}
    made = make_plan(
        Corpus("words", words, form=form), kind, settings={"batch_size": 3, "steps": 4, "row_length": 8, **small}
    )
    vocabulary = Vocabulary.of(words)
    lines = vocabulary.encode_text(words[0]) if text else vocabulary.encode_lines(words)
    config = made.training.with_row_length(lines.lengths, text=text).resolved(50, 1.0)
    mesh = Mesh(np.array(jax.devices()), (AXIS,))
    engine = Engine(made.architecture, config, lines, lines, vocabulary.size, text=text, mesh=mesh)
    state = engine._shards.replicate(engine.initial_state())
    arguments = *engine._chunk(0, 4), np.int32(4), engine._arguments, engine._key
    return engine._run.lower(state, *arguments).compile().as_text()


if __name__ == "__main__":
    jax.config.update("jax_num_cpu_devices", 2)
    print(program(*sys.argv[1:]))
