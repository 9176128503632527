"""One small model by scalars, by NumPy and by JAX: equal losses and gradients, or it is told."""

import numpy as np
import pytest

from morelike.errors import SettingError
from morelike.text.corpus import Corpus
from morelike.workflows import gradient_parity as module
from morelike.workflows.gradient_parity import TOLERANCE, by_hand, compare_gradients

WORDS = Corpus("words", ["anna", "hanna", "anne", "hannah", "nan", "ana", "hen"])
WEIGHTS = {"C", "W1", "b1", "W2", "b2"}


@pytest.mark.parametrize(
    "sizes",
    [
        {},
        {"context": 1, "embedding": 1, "hidden": 1, "examples": 1},
        {"context": 5, "embedding": 2, "hidden": 7, "examples": 9, "seed": 3},
        {"examples": 10_000, "hidden": 3},
    ],
)
def test_losses_and_all_gradients_agree_to_ten_digits(sizes):
    found = compare_gradients(WORDS, **sizes)
    assert [way.name for way in found.ways] == ["scalars", "numpy", "jax"]
    assert found.agree
    for way in found.ways:
        assert way.gradients.keys() == WEIGHTS
        assert all(np.any(gradient) for gradient in way.gradients.values())
    assert max(each for pairs in found.differences().values() for each in pairs.values()) <= TOLERANCE


def test_the_gradients_by_hand_are_the_slopes_of_the_loss():
    rng = np.random.default_rng(0)
    shapes = {"C": (5, 2), "W1": (6, 4), "b1": (4,), "W2": (4, 5), "b2": (5,)}
    weights = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    x, y = rng.integers(0, 5, (8, 3)), rng.integers(0, 5, 8)
    _, gradients = by_hand(weights, x, y)
    for name, array in weights.items():
        for at in np.ndindex(array.shape):
            nudge = np.zeros_like(array)
            nudge[at] = 1e-6
            up, down = (by_hand({**weights, name: array + sign * nudge}, x, y)[0] for sign in (1, -1))
            assert gradients[name][at] == pytest.approx((up - down) / 2e-6, abs=1e-8), (name, at)


def test_a_way_that_errs_in_one_gradient_is_found_out(monkeypatch):
    def wrong(weights, x, y):
        loss, gradients = by_hand(weights, x, y)
        return loss, gradients | {"b1": gradients["b1"] + 1e-9}

    monkeypatch.setattr(module, "by_hand", wrong)
    found = compare_gradients(WORDS)
    assert not found.agree
    assert found.differences()["b1"]["scalars - numpy"] == pytest.approx(1e-9, rel=0.1)
    assert found.differences()["b1"]["scalars - jax"] <= TOLERANCE


def test_a_gradient_that_is_no_number_does_not_agree(monkeypatch):
    monkeypatch.setattr(module, "by_hand", lambda *given: (float("nan"), by_hand(*given)[1]))
    assert not compare_gradients(WORDS).agree


def test_the_same_seed_gives_the_same_losses_and_another_one_others():
    first, again, other = (compare_gradients(WORDS, seed=seed).ways[1].loss for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize(
    ("sizes", "says"),
    [
        ({"examples": 0}, "examples = 0: give 1 or more"),
        ({"hidden": 0}, "mlp: hidden = 0"),
        ({"hidden": 10**6}, "scalars are needed, and 3,000,000 are the most: give fewer examples"),
    ],
)
def test_sizes_that_make_no_sense_are_refused(sizes, says):
    with pytest.raises(SettingError, match=says):
        compare_gradients(WORDS, **sizes)
