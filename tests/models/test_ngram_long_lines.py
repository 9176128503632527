"""A line of any length is scored in time that its characters decide, with the same result."""

import time

import numpy as np
import pytest

import morelike
from morelike.models import ngram

WORDS = ["anna", "hanna", "anne", "hannah", "nana", "ahna"] * 3


@pytest.mark.parametrize("length", [1024 + 1, 256 * 9])
def test_pieces_of_a_long_line_have_the_probabilities_of_the_whole_line(length, monkeypatch):
    model = morelike.train(WORDS, "ngram")
    rng = np.random.default_rng(0)
    words = ["".join(rng.choice(list("anhe"), size)) for size in (length, 7, length // 2)]
    in_pieces = model.losses(words)[0]
    monkeypatch.setattr(ngram, "LONG_LINE", 10**9)
    np.testing.assert_allclose(in_pieces, model.losses(words)[0], rtol=1e-12)
    assert len(model.surprisal(words[0])) == length + 1


def test_a_line_of_the_greatest_length_is_learned_and_scored_in_seconds():
    began = time.process_time()
    model = morelike.train([*WORDS, "an" * 50_000], "ngram")
    assert model.losses(["na" * 50_000])[0][0] > 0
    assert time.process_time() - began < 15  # 1 to 2 s on an idle core; a character at a time takes 25 s and more
