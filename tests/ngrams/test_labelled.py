import itertools

import numpy as np
import pytest

from morelike.models.ngram import NGram
from morelike.ngrams.smoothing import smoothings
from morelike.text.labels import attach_labels
from morelike.text.vocabulary import TokenLines, Vocabulary

VOCABULARY = Vocabulary(tuple("abc"))
WORDS = ["abab", "abba", "baab", "abaa", "cb", "cca"]
LABELS = ["many", "many", "many", "many", "few", "few"]


@pytest.mark.parametrize("smoothing", ["mixture", *smoothings()])
@pytest.mark.parametrize("label", [0, 1])
def test_distributions_sum_to_1_given_a_label_that_keeps_ngrams_which_all_lines_lose(smoothing, label):
    model = NGram(order=3, smoothing=smoothing, min_count=3)
    lines = attach_labels(VOCABULARY.encode_lines(WORDS), LABELS, ["few", "many"])
    weights = model.conditioned_on(model.fit(lines, TokenLines.of([]), VOCABULARY.size), label)
    for prefix in ("".join(word) for length in range(4) for word in itertools.product("abc", repeat=length)):
        state = model.start(weights, 1)
        for token in [0, *VOCABULARY.encode(prefix)]:
            state, logits = model.step(weights, state, np.array([token]))
        assert np.exp(logits.astype(np.float64)).sum() == pytest.approx(1, abs=1e-6)
