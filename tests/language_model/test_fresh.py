"""Fresh models, with weights of one's own."""

import math

import jaxtyping
import numpy as np
import pytest

import morelike
from morelike.errors import MorelikeError

WORDS = ["anna", "hanna", "anne", "hannah"]


def build(**given):
    return morelike.build("mlp", WORDS, embedding=2, hidden=4, **given)


def test_some_or_all_weights_may_be_ones_own():
    fresh = build()
    assert fresh.parameters == 5 * 2 + 6 * 4 + 4 + 4 * 5 + 5
    own = build(weights={"b2": [0, 1, 2, 3, 4]})
    assert own.weights["b2"].tolist() == [0, 1, 2, 3, 4]
    assert own.weights["b2"].dtype == np.float32
    np.testing.assert_array_equal(own.weights["C"], fresh.weights["C"])
    other = build(weights=build(seed=1).weights)
    assert not np.array_equal(other.weights["C"], fresh.weights["C"])
    np.testing.assert_array_equal(other.forward(WORDS).logits, build(seed=1).forward(WORDS).logits)


def test_given_arrays_are_copied():
    own = np.zeros(5, dtype=np.float32)
    model = build(weights={"b2": own})
    own[:] = 7
    assert not model.weights["b2"].any()


def test_a_model_built_from_weights_is_saved_and_loaded(tmp_path):
    model = build(seed=2)
    model.step(WORDS, 0.5)
    again = morelike.load(model.save(tmp_path / "fresh"))
    assert again.next("an") == model.next("an")
    assert again.sample(5) == model.sample(5)


LISTED = r"C \(5, 2\), W1 \(6, 4\), b1 \(4,\), W2 \(4, 5\), b2 \(5,\)$"


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ({"W3": np.zeros(3)}, r"^mlp has no weight 'W3'.*Its weights are " + LISTED),
        ({"W2": np.zeros((5, 4))}, r"^the weight W2 has the shape \(5, 4\), not \(4, 5\). The .* mlp are " + LISTED),
        ({"b2": [0, 1, 2, 3, math.inf]}, "the weight b2 has numbers that are not finite float32"),
        ({"b2": [0, 1, 2, 3, 1e300]}, "the weight b2 has numbers that are not finite float32"),
        ({"b2": ["a"] * 5}, r"the weight b2 = .*: give an array of numbers \(5,\)"),
        ({"b2": np.zeros(5) * 1j}, r"the weight b2 = .*: give an array of numbers \(5,\)"),
        ([np.zeros(5)], "weights = .*: give a dictionary of arrays by name"),
        ({"b2": [[1], [2, 3]]}, r"the weight b2 = .*: give an array of numbers \(5,\)"),
    ],
)  # fmt: skip
def test_weights_that_do_not_fit_are_refused_in_one_sentence(weights, says, monkeypatch):
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    with pytest.raises(MorelikeError, match=says):
        build(weights=weights)


def test_what_cannot_be_built_is_refused():
    for act, says in [
        (lambda: morelike.build("ngram", WORDS), "ngram is counted, not trained: it has no fresh weights"),
        (lambda: morelike.build("mpl", WORDS), "no model is called 'mpl'.*did you mean 'mlp'"),
        (lambda: build(layers=2), "mlp has no setting 'layers'"),
        (lambda: build(seed=-1), "seed = -1: give 0 or more"),
        (lambda: morelike.build("mlp", []), "the list is empty"),
    ]:
        with pytest.raises(MorelikeError, match=says):
            act()


def test_a_careless_start_costs_what_the_french_notebook_says(data):
    words = morelike.read_lines(data("civil_mots.txt"))
    settings = {"context": 3, "embedding": 2, "hidden": 100}
    careless = morelike.build("mlp", words, initialization="normal", **settings)
    assert careless.parameters == 4923
    batch = morelike.build_dataset(words, 3)[:3000]
    assert 10 < careless.forward(batch).loss < 25  # 16.7 there
    scaled = {"W2": careless.weights["W2"] * 0.01, "b2": careless.weights["b2"] * 0}
    mended = morelike.build("mlp", words, weights=careless.weights | scaled, **settings)
    assert mended.forward(batch).loss == pytest.approx(math.log(41), abs=0.02)
