"""The surprisal of a word and the next character equal what the model says."""

import numpy as np
import pytest

from morelike.panels.registry import show

from ...training.runs import quick_first
from ..looks import KINDS, look_of

WORD = "badelon"


@pytest.mark.parametrize("kind", quick_first([*KINDS, "ngram"], ("gru", "ngram")))
def test_the_surprisal_of_a_word_equals_the_models(kind):
    look = look_of(kind)
    found = show("surprisal", look, {"word": WORD})
    np.testing.assert_allclose(found["nats"], look.model.surprisal(WORD), rtol=1e-5)
    assert found["symbols"] == [*WORD, ""]
    assert found["total_bits"] == pytest.approx(-look.model.log_probability([WORD])[0] / np.log(2), rel=1e-5)


def test_a_long_words_surprisal_is_that_of_its_beginning():
    look = look_of()
    found = show("surprisal", look, {"word": "ba" * 250})
    np.testing.assert_allclose(found["nats"], look.model.surprisal("ba" * 250)[:40], rtol=1e-4)
    assert found["symbols"] == [*"ba" * 20]


def test_the_next_characters_equal_the_models():
    look = look_of()
    found, expected = show("next", look, {"prefix": "ba"}), look.model.next("ba")
    assert found["symbols"] == [*expected]
    np.testing.assert_allclose(found["probabilities"], [*expected.values()], rtol=1e-5)
    assert found["note"] is None


def test_of_a_large_alphabet_the_most_probable_symbols_are_shown():
    characters = [chr(0x4E00 + i) for i in range(500)]
    look = look_of("mlp", words=tuple("".join(characters[i : i + 3]) for i in range(480)))
    found = show("next", look)
    assert len(found["symbols"]) == 60
    assert found["note"] == "the 60 most probable of 483 symbols are shown"
    assert sum(found["probabilities"]) + found["others"] == pytest.approx(1, abs=1e-4)
