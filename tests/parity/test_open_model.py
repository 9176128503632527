"""Forward passes, gradients and steps of the open bench equal those of PyTorch."""

import numpy as np
import pytest

import morelike

from .exported import Exported, statistics_of
from .test_gradients import SUBJECTS, close

WORDS = ["fade", "bead", "cab", "a", "decaf"]


def weights_away_from_zero(model):
    rng = np.random.default_rng(1)
    moved = {name: w + 0.3 * rng.standard_normal(w.shape) for name, w in model.weights.items()}
    return moved | {name: np.abs(w) + 0.1 for name, w in moved.items() if name.endswith(".variance")}


@pytest.mark.parametrize(("kind", "settings"), SUBJECTS)
def test_the_open_bench_equals_torch(torch, kind, settings, tmp_path):
    torch.set_num_threads(1)
    fresh = morelike.build(kind, WORDS, **settings)
    model = morelike.build(kind, WORDS, weights=weights_away_from_zero(fresh), **settings)
    weights = {name: w.astype(np.float64) for name, w in model.weights.items()}
    theirs = Exported(torch, model.architecture, weights, model.vocabulary.size, tmp_path)
    rows = np.zeros((len(WORDS), 6), dtype=np.int64)  # END, then the word; what follows it is not counted
    targets = np.full(rows.shape, -1)
    for row, word in enumerate(WORDS):
        ids = model.vocabulary.encode(word)
        rows[row, 1 : len(ids) + 1] = ids
        targets[row, : len(ids) + 1] = [*ids, 0]
    if kind in ("deep_mlp", "wavenet"):  # in training they normalise by the batch, which has no padding
        theirs.module.train()
        contexts = theirs.windows(torch.tensor(rows))[torch.tensor(targets >= 0)]
        logits = theirs.module.predict(contexts)
    else:
        logits = theirs.logits(rows)[torch.tensor(targets >= 0)]
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(targets[targets >= 0]))
    expected = theirs.gradients(loss)

    found = model.forward(WORDS, training=True)
    ours = found.logits[found.targets >= 0]
    close(ours, logits.detach().numpy(), 1e-10)
    close(found.probabilities[found.targets >= 0], logits.detach().softmax(-1).numpy(), 1e-10)
    assert found.loss == pytest.approx(loss.item(), abs=1e-10)
    gradients = model.gradients(WORDS)
    for name, gradient in gradients.items():
        close(gradient, expected[name], 1e-10)

    torch.optim.SGD(theirs.leaves.values(), lr=0.1).step()
    assert model.step(WORDS, 0.1) == pytest.approx(loss.item(), abs=1e-10)
    for name in gradients:
        close(model.weights[name], theirs.leaves[name].detach().numpy(), 1e-6)
    for name, statistic in statistics_of(theirs).items():
        close(model.weights[name], statistic, 1e-6)
