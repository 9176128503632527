"""Forward passes, gradients and steps of the open bench equal those of PyTorch."""

import numpy as np
import pytest

import morelike

from . import references
from .test_gradients import SUBJECTS, close

WORDS = ["fade", "bead", "cab", "a", "decaf"]


def weights_away_from_zero(model):
    rng = np.random.default_rng(1)
    moved = {name: w + 0.3 * rng.standard_normal(w.shape) for name, w in model.weights.items()}
    return moved | {name: np.abs(w) + 0.1 for name, w in moved.items() if name.endswith(".variance")}


@pytest.mark.parametrize(("kind", "settings", "reference"), SUBJECTS)
def test_the_open_bench_equals_torch(torch, kind, settings, reference):
    torch.set_num_threads(1)
    fresh = morelike.build(kind, WORDS, **settings)
    model = morelike.build(kind, WORDS, weights=weights_away_from_zero(fresh), **settings)
    theirs = {
        name: torch.tensor(w, dtype=torch.float64, requires_grad=model.architecture.is_parameter(name))
        for name, w in model.weights.items()
    }
    rows = np.zeros((len(WORDS), 6), dtype=np.int64)  # END, then the word; what follows it is not counted
    targets = np.full(rows.shape, -1)
    for row, word in enumerate(WORDS):
        ids = model.vocabulary.encode(word)
        rows[row, 1 : len(ids) + 1] = ids
        targets[row, : len(ids) + 1] = [*ids, 0]
    norms = {}
    if kind in ("deep_mlp", "wavenet"):  # in training they normalise by the batch, which has no padding
        norms = references.batch_norms(torch, theirs)
        contexts = references.windows(rows, model.architecture.context)[targets >= 0]
        logits = windowed(torch, model, theirs, contexts, norms)
        aims = torch.tensor(targets[targets >= 0])
    else:
        logits = reference(torch, model.architecture, theirs, rows)[torch.tensor(targets >= 0)]
        aims = torch.tensor(targets[targets >= 0])
    loss = torch.nn.functional.cross_entropy(logits, aims)
    loss.backward()

    found = model.forward(WORDS, training=True)
    ours = found.logits[found.targets >= 0]
    close(ours, logits.detach().numpy(), 1e-10)
    close(found.probabilities[found.targets >= 0], logits.detach().softmax(-1).numpy(), 1e-10)
    assert found.loss == pytest.approx(loss.item(), abs=1e-10)
    gradients = model.gradients(WORDS)
    for name, gradient in gradients.items():
        close(gradient, theirs[name].grad.numpy(), 1e-10)

    optimiser = torch.optim.SGD([w for w in theirs.values() if w.requires_grad], lr=0.1)
    optimiser.step()
    assert model.step(WORDS, 0.1) == pytest.approx(loss.item(), abs=1e-10)
    for name in gradients:
        close(model.weights[name], theirs[name].detach().numpy(), 1e-6)
    for name, norm in norms.items():
        close(model.weights[f"{name}.mean"], norm.running_mean.numpy(), 1e-6)
        close(model.weights[f"{name}.variance"], norm.running_var.numpy(), 1e-6)


def windowed(torch, model, weights, contexts, norms):
    """Return the logits of contexts by the layers of PyTorch, in training."""
    h = weights["C"][torch.tensor(contexts)]
    if model.architecture.kind == "deep_mlp":
        h = h.flatten(-2)
        for name, norm in norms.items():
            h = torch.tanh(norm(h @ weights[f"{name}.W"]))
    else:
        for name, norm in norms.items():
            pairs = torch.cat([h[:, 0::2], h[:, 1::2]], dim=-1)
            h = torch.tanh(norm((pairs @ weights[f"{name}.W"]).transpose(1, 2)).transpose(1, 2))
        h = h.squeeze(1)
    return h @ weights["W"] + weights["b"]
