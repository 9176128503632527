"""The same weights in, the same logits and gradients out as the corresponding `torch.nn` modules."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from morelike.architecture import build
from morelike.training.compiled import Compiled

SYMBOLS, LINES, TIME = 11, 4, 9
TOLERANCE = {"float32": 1e-5, "float64": 1e-10}


def mlp_in_torch(torch, architecture, weights, tokens):
    contexts = windows(tokens, architecture.context)
    hidden = torch.tanh(weights["C"][contexts].flatten(-2) @ weights["W1"] + weights["b1"])
    return hidden @ weights["W2"] + weights["b2"]


def gru_in_torch(torch, architecture, weights, tokens):
    """Lines one by one, each begun with its own start state, through `torch.nn.GRUCell` by functional call."""
    cells = []
    for i in range(architecture.layers):
        part = {name: weights[f"layers.{i}.{name}"] for name in ("Wx", "Wh", "b", "bn")}
        cell = torch.nn.GRUCell(part["Wx"].shape[0], architecture.hidden, dtype=part["Wx"].dtype)
        zeros = torch.zeros(2 * architecture.hidden, dtype=part["bn"].dtype)
        exported = {
            "weight_ih": part["Wx"].T,
            "weight_hh": part["Wh"].T,
            "bias_ih": part["b"],
            "bias_hh": torch.cat([zeros, part["bn"]]),
        }
        cells.append((cell, exported))
    rows = []
    for line in tokens:
        states = None
        logits = []
        for token in line:
            if token == 0 or states is None:
                states = [weights["start"][i][None] for i in range(architecture.layers)]
            x = weights["C"][int(token)][None]
            for i, (cell, exported) in enumerate(cells):
                states[i] = torch.func.functional_call(cell, exported, (x, states[i]))
                x = x + states[i] if i else states[i]
            logits.append(x @ weights["Wo"] + weights["bo"])
        rows.append(torch.cat(logits))
    return torch.stack(rows)


def windows(tokens, context):
    result = np.zeros((*tokens.shape, context), dtype=np.int64)
    for row, line in enumerate(tokens):
        window = [0] * context
        for column, token in enumerate(line):
            window = [0] * context if token == 0 else [*window[1:], int(token)]
            result[row, column] = window
    return result


SUBJECTS = [
    ("mlp", {"hidden": 13, "embedding": 5, "context": 4}, mlp_in_torch),
    ("gru", {"hidden": 7, "embedding": 5}, gru_in_torch),
    ("gru", {"hidden": 7, "embedding": 5, "layers": 2}, gru_in_torch),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("kind", "settings", "reference"), SUBJECTS)
def test_logits_and_all_gradients_equal_those_of_torch(torch, kind, settings, reference, dtype):
    architecture = build(kind, settings)
    rng = np.random.default_rng(0)
    weights = architecture.init(rng, SYMBOLS)
    # Away from the fresh zeros, so that no bias or start state is compared at a point where it has no effect.
    weights = {name: (a + 0.3 * rng.standard_normal(a.shape)).astype(dtype) for name, a in weights.items()}
    tokens = rng.integers(0, SYMBOLS, (LINES, TIME))
    tokens[:, 0] = 0
    aim = rng.standard_normal((LINES, TIME, SYMBOLS)).astype(dtype)

    theirs = {name: torch.tensor(a, requires_grad=True) for name, a in weights.items()}
    logits = reference(torch, architecture, theirs, tokens)
    (logits * torch.tensor(aim)).sum().backward()

    with jax.enable_x64(dtype == "float64"):

        def score(ours):
            ours_logits = architecture.logits(ours, jnp.asarray(tokens), Compiled())
            return (ours_logits * aim).sum(), ours_logits

        ours = {name: jnp.asarray(a) for name, a in weights.items()}
        (_, ours_logits), gradients = jax.jit(jax.value_and_grad(score, has_aux=True))(ours)

    assert ours_logits.dtype == dtype
    close(ours_logits, logits.detach().numpy(), TOLERANCE[dtype])
    for name, gradient in gradients.items():
        close(gradient, theirs[name].grad.numpy(), TOLERANCE[dtype])


def close(ours, theirs, tolerance):
    scale = max(1.0, float(np.abs(theirs).max()))
    assert float(np.abs(np.asarray(ours) - theirs).max()) / scale < tolerance
