"""The same weights in, the same logits and gradients out as the modules that `morelike export --to torch` writes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from morelike.architecture import build
from morelike.training.jax.jax_mode import Compiled

from ..contract.subjects import compiled
from .exported import Exported

SYMBOLS, LINES, TIME = 11, 4, 9
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}

SUBJECTS = [
    ("bigram", {}),
    ("mlp", {"hidden": 13, "embedding": 5, "context": 4}),
    ("deep_mlp", {"hidden": 7, "embedding": 3, "context": 4, "layers": 3}),
    ("wavenet", {"hidden": 7, "embedding": 3, "context": 8}),
    ("rnn", {"hidden": 7, "embedding": 5}),
    ("rnn", {"hidden": 7, "embedding": 5, "layers": 2}),
    ("rnn", {"hidden": 7, "one_hot": True}),
    ("rnn", {"hidden": 7, "embedding": 7, "tied": True}),
    ("gru", {"hidden": 7, "embedding": 5}),
    ("gru", {"hidden": 7, "embedding": 5, "layers": 2}),
    ("lstm", {"hidden": 7, "embedding": 5}),
    ("lstm", {"hidden": 7, "embedding": 5, "layers": 2}),
    ("lstm", {"hidden": 7, "embedding": 7, "tied": True}),
    ("bow", {"hidden": 7, "embedding": 5, "context": 5}),
    ("transformer", {"embedding": 6, "layers": 2, "heads": 2, "context": 5}),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("kind", "settings"), SUBJECTS)
def test_logits_and_all_gradients_equal_those_of_torch(torch, kind, settings, dtype, tmp_path):
    torch.set_num_threads(1)  # of arrays this small, threads only wait for one another
    architecture = build(kind, settings)
    rng = np.random.default_rng(0)
    weights = disturbed(architecture.init(rng, SYMBOLS), rng, dtype)
    tokens = rng.integers(0, SYMBOLS, (LINES, TIME))
    tokens[:, 0] = 0
    tokens[0, 1:] = np.maximum(tokens[0, 1:], 1)  # a line longer than what any of them sees
    aim = rng.standard_normal((LINES, TIME, SYMBOLS)).astype(dtype)

    theirs = Exported(torch, architecture, weights, SYMBOLS, tmp_path)
    logits = theirs.logits(tokens)
    expected = theirs.gradients((logits * torch.tensor(aim)).sum())

    with jax.enable_x64(dtype == "float64"):

        def score(ours):
            ours_logits = architecture.logits(ours, jnp.asarray(tokens), Compiled())
            return (ours_logits * aim).sum(), ours_logits

        ours = {name: jnp.asarray(a) for name, a in weights.items()}
        (_, ours_logits), gradients = compiled(jax.value_and_grad(score, has_aux=True))(ours)

    assert ours_logits.dtype == dtype
    close(ours_logits, logits.detach().numpy(), TOLERANCE[dtype])
    for name, gradient in gradients.items():
        if architecture.is_parameter(name):  # torch has no gradient of a running statistic
            assert gradient.dtype == dtype
            close(gradient, expected[name], TOLERANCE[dtype])


def disturbed(weights, rng, dtype):
    """Return weights away from the fresh zeros, so that none is compared at a point where it has no effect."""
    moved = {name: a + 0.3 * rng.standard_normal(a.shape) for name, a in weights.items()}
    moved |= {name: np.abs(a) + 0.1 for name, a in moved.items() if name.endswith(".variance")}
    return {name: a.astype(dtype) for name, a in moved.items()}


def close(ours, theirs, tolerance):
    scale = max(1.0, float(np.abs(theirs).max()))
    assert float(np.abs(np.asarray(ours) - theirs).max()) / scale < tolerance
