"""The regression on n-grams: where its gradient is zero, and what it separates."""

import numpy as np

from morelike.evaluation.classification import area
from morelike.evaluation.ngram_regression import END, PENALTY, NgramRegression, _ngrams

from ..training.runs import pronounceable

GOOD = pronounceable(300)
SHUFFLED = ["".join(np.random.default_rng(i).permutation([*word])) for i, word in enumerate(GOOD)]


def test_the_penalised_cross_entropy_is_flat_at_the_weights():
    found = NgramRegression.fit(GOOD[:60], SHUFFLED[:60])
    words, good = GOOD[:60] + SHUFFLED[:60], np.arange(120) < 60
    error = 1 / (1 + np.exp(-found.log_odds(words))) - good
    assert abs(error.sum()) < 0.05
    for ngram, weight in list(zip(found.ngrams, found.weights.tolist(), strict=True))[:40]:
        has = np.array([ngram in _ngrams(word) for word in words])
        assert abs(error[has].sum() + PENALTY * weight) < 0.05


def test_only_ngrams_of_two_words_or_more_count():
    found = NgramRegression.fit(["ab", "ab", "xy"], ["b", "bb"])
    assert {"a", "b", f"{END}a", "ab", f"b{END}"} < {*found.ngrams}
    assert not {"x", "y", "bb"} & {*found.ngrams}


def test_new_words_are_told_from_shuffled_ones():
    found = NgramRegression.fit(GOOD[:250], SHUFFLED[:250])
    assert area(found.log_odds(GOOD[250:]), found.log_odds(SHUFFLED[250:])) > 0.8


def test_of_long_lists_as_many_words_are_drawn_as_are_allowed(monkeypatch):
    monkeypatch.setattr("morelike.evaluation.ngram_regression.MAX_WORDS", 100)
    found = NgramRegression.fit(GOOD, SHUFFLED)
    again = NgramRegression.fit(GOOD, SHUFFLED)
    assert found.ngrams == again.ngrams
    assert len(found.ngrams) < len(NgramRegression.fit(GOOD[:200], SHUFFLED[:200]).ngrams) * 1.5
    np.testing.assert_array_equal(found.weights, again.weights)
