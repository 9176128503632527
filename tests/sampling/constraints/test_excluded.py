"""Excluded texts are in no word, letter by letter or in spite of case and accents."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

import morelike
from morelike.errors import SettingError
from morelike.sampling.constraints.excluded import excluding
from morelike.sampling.constraints.settings import Constraints
from morelike.text.words import fold

LETTERS = "aAáßs"
IDS = {character: i for i, character in enumerate(LETTERS, 1)}
EVERY = ["".join(word) for length in range(5) for word in itertools.product(LETTERS, repeat=length)]


@given(
    st.lists(st.text("aAáßs", min_size=1, max_size=3), min_size=1, max_size=4),
    st.sets(st.sampled_from(["case", "accents"])),
)
def test_words_are_allowed_that_contain_no_text_after_folding(texts, ignoring):
    automaton = excluding(texts, IDS, ignoring)
    folded = [fold(text, ignoring) for text in texts]
    wanted = {word for word in EVERY if not any(text in fold(word, ignoring) for text in folded)}
    found = {word for word in EVERY if automaton is None or automaton.allows([IDS[c] for c in word])}
    assert found == wanted


def test_texts_with_characters_that_the_model_never_writes_exclude_nothing():
    assert excluding(["xyz", "ax"], IDS) is None
    assert excluding(["ax", "s"], IDS) is not None


def test_made_words_contain_no_excluded_text_in_any_case():
    model = morelike.train(["Anna", "anna", "Ánna", "Hanna", "nana", "Nan"], "ngram", order=2, split="none")
    plain = model.sample(200, not_contains="an", novel=False, unique=False)
    assert any("an" in fold(word, ["case", "accents"]) for word in plain)
    words = model.sample(
        200, not_contains="an", not_contains_ignoring="case,accents", novel=False, unique=False, max_length=20
    )
    assert not any("an" in fold(word, ["case", "accents"]) for word in words)


def test_an_unknown_difference_is_refused():
    with pytest.raises(SettingError, match="'colour' is no difference of words"):
        Constraints.of(not_contains="a", not_contains_ignoring="colour")
