"""N-grams that imitate a model: of what the model makes often, they say what it says."""

import numpy as np
import pytest

import morelike
from morelike.arrays import softmax
from morelike.language_model import ngram_proxy

from .small_models import lively_model

SEES_THREE = "mlp"


@pytest.fixture(scope="module")
def imitated():
    model = lively_model(SEES_THREE)
    architecture = model.architecture.model_copy(update={"context": 3})
    weights = architecture.init(np.random.default_rng(3), model.vocabulary.size)
    weights["W2"] = weights["W2"] * 20  # far from even
    return architecture, weights, ngram_proxy.make_ngram_proxy(architecture, weights, model.vocabulary.size)


def next_of(architecture, weights, context):
    state = architecture.start(weights, 1)
    for token in (0, *context):
        state, logits = architecture.step(weights, state, np.array([token], dtype=np.int32))
    return softmax(logits.astype(np.float64))[0]


def test_its_distributions_sum_to_one_wherever_it_is(imitated):
    _, _, guide = imitated
    for context in ([], [1], [2, 2, 2], [1, 2, 3, 4, 4, 4, 4]):
        assert next_of(guide.architecture, guide.weights, context).sum() == pytest.approx(1, abs=1e-6)


def test_at_the_start_of_a_word_it_is_the_model_but_for_the_share_of_shorter_contexts(imitated):
    architecture, weights, guide = imitated
    share = ngram_proxy.WORDS / (ngram_proxy.WORDS + 1)
    wanted = next_of(architecture, weights, [])
    found = next_of(guide.architecture, guide.weights, [])
    assert np.abs(found - wanted).max() < 1 - share + ngram_proxy.MIN_PROBABILITY


def test_one_drawn_symbol_would_tell_less_than_the_whole_distribution(imitated):
    """The error after each first character is far below that of counting as many draws."""
    architecture, weights, guide = imitated
    first = next_of(architecture, weights, [])
    for token in np.argsort(-first[1:])[:3] + 1:
        wanted = next_of(architecture, weights, [token])
        found = next_of(guide.architecture, guide.weights, [token])
        drawn = np.sqrt(wanted * (1 - wanted) / (ngram_proxy.WORDS * first[token]))
        assert np.abs(found - wanted).sum() < 0.5 * drawn.sum()


def test_every_n_gram_is_known_without_its_first_symbol_too():
    """Look-ahead goes from each n-gram to the one without its first symbol."""
    model = morelike.train(morelike.read_lines("names")[:300], "mlp", steps=1, embedding=4, hidden=8, split="none")
    weights = {name: array * (100 if array.ndim == 2 else 1) for name, array in model.weights.items()}  # far from even
    proxy = ngram_proxy.make_ngram_proxy(model.architecture, weights, model.vocabulary.size)
    assert all(level.suffix.min() >= 0 for level in proxy.look_ahead.levels)
