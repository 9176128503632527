"""Batch normalisation in training: normalised by the batch itself, running statistics kept, as `BatchNorm1d` does."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from morelike.architecture import build
from morelike.training.jax.jax_mode import Compiled

from ..contract.subjects import compiled
from .exported import Exported, statistics_of
from .test_gradients import SYMBOLS, close, disturbed

BATCHES, LINES, TIME = 3, 5, 7
TOLERANCE = {"float32": 2e-5, "float64": 1e-10}
SUBJECTS = [
    ("deep_mlp", {"hidden": 7, "embedding": 3, "context": 4, "layers": 3}),
    ("wavenet", {"hidden": 7, "embedding": 3, "context": 8}),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("kind", "settings"), SUBJECTS)
def test_logits_gradients_and_running_statistics_of_each_batch_equal_those_of_torch(
    torch, kind, settings, dtype, tmp_path
):
    torch.set_num_threads(1)  # of arrays this small, threads only wait for one another
    architecture = build(kind, settings)
    rng = np.random.default_rng(0)
    weights = disturbed(architecture.init(rng, SYMBOLS), rng, dtype)
    theirs = Exported(torch, architecture, weights, SYMBOLS, tmp_path)
    theirs.module.train()
    with jax.enable_x64(dtype == "float64"):
        descend = compiled(lambda *given: in_training(architecture, *given))
        ours = {name: jnp.asarray(a) for name, a in weights.items()}
        for _ in range(BATCHES):
            tokens = rng.integers(0, SYMBOLS, (LINES, TIME))
            aim = rng.standard_normal((LINES, TIME, SYMBOLS)).astype(dtype)
            tokens[:, 0] = 0
            logits = theirs.batch_logits(tokens)
            expected = theirs.gradients((logits * torch.tensor(aim)).sum())
            (_, (ours_logits, measured)), gradients = descend(ours, jnp.asarray(tokens), aim)
            ours |= measured
            close(ours_logits, logits.detach().numpy(), TOLERANCE[dtype])
            for name, gradient in gradients.items():
                if architecture.is_parameter(name):
                    close(gradient, expected[name], TOLERANCE[dtype])
            statistics = statistics_of(theirs)
            assert measured.keys() == statistics.keys()
            for name, statistic in statistics.items():
                assert measured[name].dtype == dtype
                close(measured[name], statistic, TOLERANCE[dtype])


def in_training(architecture, weights, tokens, aim):
    """Return ((the score, (the logits, what was measured)), the gradients) of a batch in training."""

    def score(weights):
        mode = Compiled(key=jax.random.key(0))
        logits = architecture.logits(weights, tokens, mode)
        return (logits * aim).sum(), (logits, mode.measured)

    return jax.value_and_grad(score, has_aux=True)(weights)
