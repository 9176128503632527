"""Direct draws follow the distribution of every smoothing, and keep the state that `step` keeps."""

import numpy as np
import pytest

import morelike
from morelike.arrays import softmax
from morelike.ngrams.direct_draws import DirectDraws

from ..language_model.small_models import chi_square_is_likely
from .test_look_ahead import SETTINGS, WORDS

DRAWS = 20_000


@pytest.fixture(params=SETTINGS, ids=str)
def model(request):
    return morelike.train(WORDS, "ngram", split="none", **request.param)


def draws_of(model, weights=None):
    weights = model.weights if weights is None else weights
    return DirectDraws(weights, model.architecture.components_of(weights))


@pytest.mark.parametrize("prefix", ["", "ca", "ccc"])
def test_symbols_are_drawn_with_the_probabilities_of_the_model(model, prefix):
    state, draws = model.architecture.start(model.weights, 1), draws_of(model)
    for token in model.vocabulary.encode(prefix):
        stepped, _ = model.architecture.step(model.weights, state, np.array([token]))
        state = draws.extended(state, np.array([token]))
        assert state.tolist() == stepped.tolist()
    drawn = draws.next_symbols(np.repeat(state, DRAWS, axis=0), np.random.default_rng(0))
    p = softmax(model.logits(prefix).astype(np.float64))
    assert np.bincount(drawn, minlength=len(p)).sum() == DRAWS
    common = np.flatnonzero(p * DRAWS >= 5)
    assert len(common) >= len(p) - 1
    counts = np.bincount(drawn, minlength=len(p))[common]
    assert chi_square_is_likely(counts, p[common] / p[common].sum())


def test_symbols_under_a_label_are_drawn_with_its_probabilities():
    labels = ["x" if "ab" in word else "y" for word in WORDS]
    model = morelike.train(WORDS, "ngram", order=4, labels=labels, split="none").conditioned_on("x")
    architecture, weights = model.prepared
    state = np.repeat(architecture.start(weights, 1), DRAWS, axis=0)
    drawn = draws_of(model, weights).next_symbols(state, np.random.default_rng(0))
    assert chi_square_is_likely(np.bincount(drawn, minlength=4), softmax(model.logits("").astype(np.float64)))
