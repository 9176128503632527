"""Guessing letters: the bits of the models equal their surprisal, and a person's bounds are Shannon's."""

from dataclasses import replace

import numpy as np
import pytest

from morelike.errors import SettingError
from morelike.panels.registry import show
from morelike.panels.words.guess import shannon_bounds

from ..looks import look_of

WORD = "badelon"


@pytest.mark.parametrize("kind", ["gru", "bigram", "ngram"])
def test_the_bits_of_each_model_equal_its_surprisal(kind):
    look, other = look_of(kind), look_of(kind, seed=1)
    found = show("guess", replace(look, others={"B": other}), {"word": WORD})
    models = {"this model": look.model, **look.background.counted, "B": other.model}
    assert [each["name"] for each in found["models"]] == [*models]
    for each in found["models"]:
        bits = models[each["name"]].surprisal(WORD) / np.log(2)
        np.testing.assert_allclose(each["bits"], bits, rtol=1e-5)
        assert each["total_bits"] == pytest.approx(bits.sum(), rel=1e-5)


def test_a_model_guesses_the_most_probable_character_first():
    look = look_of()
    (found, *_) = show("guess", look, {"word": WORD})["models"]
    order = [[*look.model.next(WORD[:t])] for t in range(len(WORD) + 1)]
    assert found["guesses"] == [each.index(s) + 1 for each, s in zip(order, [*WORD, ""], strict=True)]


def test_the_bounds_of_a_person_are_those_of_shannon():
    found = show("guess", look_of(), {"word": WORD, "guesses": "1,1,2,1,3,1,1,2"})["person"]
    q = np.array([5, 2, 1]) / 8
    assert found["high"] == pytest.approx(-(q * np.log2(q)).sum(), rel=1e-5)
    assert found["low"] == pytest.approx(2 * (q[1] - q[2]) * 1 + 3 * q[2] * np.log2(3), rel=1e-5)
    assert show("guess", look_of(), {"word": WORD})["person"] is None


def test_a_person_who_guesses_at_random_has_the_bits_of_the_alphabet():
    assert shannon_bounds([*range(1, 28)]) == pytest.approx((np.log2(27), np.log2(27)))


@pytest.mark.parametrize("given", ["1,2,x", "0", "-1", "1,,2", "9999999"])
def test_guesses_that_are_no_numbers_are_refused(given):
    with pytest.raises(SettingError, match=f"guesses = '{given}': give numbers from 1"):
        show("guess", look_of(), {"word": WORD, "guesses": given})
