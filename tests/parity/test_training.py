"""The same batches through SGD and AdamW give the same weights as PyTorch's optimisers."""

import numpy as np
import pytest

from morelike.runs.plan import make_plan
from morelike.text.corpus import Corpus
from morelike.text.vocabulary import Vocabulary
from morelike.training.jax.engine import Engine

from .exported import Exported

WORDS = ["anna", "hannah", "otto", "bob", "ada", "eve", "hanno", "annabel", "bea", "noa", "theo", "abel"]
STEPS = 20


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": "sgd", "learning_rate": 0.3, "clip": 0},
        {"optimizer": "sgd", "learning_rate": 0.3, "clip": 0.5},
        {"optimizer": "adamw", "learning_rate": 0.01, "clip": 0, "weight_decay": 0.1},
    ],
)
def test_twenty_steps_end_where_torch_ends(torch, settings, tmp_path):
    settings = {"context": 3, "embedding": 4, "hidden": 9, "steps": STEPS, "batch_size": 8, **settings}
    made = make_plan(Corpus("words", WORDS), "mlp", settings={**settings, "warmup": 0, "schedule": "constant"})
    vocabulary = Vocabulary.of(WORDS)
    lines = vocabulary.encode_lines(WORDS)
    config = made.training.with_row_length(lines.lengths).resolved(len(lines.tokens), 1.0)
    engine = Engine(made.architecture, config, lines, lines.take(np.array([], dtype=int)), vocabulary.size)
    state = engine.initial_state()
    weights = {name: np.array(array) for name, array in state.weights.items()}
    theirs = Exported(torch, made.architecture, weights, vocabulary.size, tmp_path)
    chunk = engine.run(state, 0, STEPS)
    losses = descend(torch, theirs, engine, config)
    np.testing.assert_allclose(chunk.losses, losses, atol=2e-5)
    for name, array in chunk.state.weights.items():
        np.testing.assert_allclose(np.asarray(array), theirs.leaves[name].detach().numpy(), atol=5e-5)


def descend(torch, exported, engine, config):
    matrices = [a for a in exported.leaves.values() if a.ndim > 1]
    vectors = [a for a in exported.leaves.values() if a.ndim == 1]
    if config.optimizer == "sgd":
        optimizer = torch.optim.SGD([*matrices, *vectors], lr=config.learning_rate)
    else:
        groups = [{"params": matrices, "weight_decay": config.weight_decay}, {"params": vectors, "weight_decay": 0}]
        optimizer = torch.optim.AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.99))
    tokens, reach = (np.asarray(a) for a in engine.train.data[:2])
    losses = []
    for index in engine.train.indices(config.batch_size, config.seed, 0, STEPS):
        back = np.arange(3, 0, -1)
        context = np.where(back <= reach[index][:, None], tokens[index[:, None] - back], 0)
        logits = exported.module.predict(torch.tensor(context))
        loss = torch.nn.functional.cross_entropy(logits, torch.tensor(tokens[index].astype(np.int64)))
        exported.gradients(loss)
        if config.clip:
            torch.nn.utils.clip_grad_norm_([*matrices, *vectors], config.clip)
        optimizer.step()
        exported.reload()
        losses.append(loss.item())
    return losses
