"""Pseudowords: the closest new words of the same length and shape, under constraints."""

import re

import numpy as np
import pytest

import morelike
from morelike.errors import SamplingError, SettingError, VocabularyError

from .test_words import WORDS


@pytest.fixture(scope="module")
def model():
    return morelike.train(WORDS, kind="ngram", order=3)


def test_pseudowords_have_the_length_of_the_word_and_are_in_no_list(model):
    found = morelike.pseudowords(model, "hanna", [*WORDS, "nanne"], count=5, candidates=60)
    assert {len(word) for word in found.found.words} == {5}
    assert not {*found.found.words} & {*WORDS, "nanne"}
    assert found.base.words == ["hanna"]
    assert len(set(found.found.words)) == len(found.distances) == 5


def test_pseudowords_are_the_closest_of_the_candidates(model):
    few = morelike.pseudowords(model, "hannan", WORDS, count=4, candidates=60, seed=3)
    every = morelike.pseudowords(model, "hannan", WORDS, count=few.candidates, candidates=60, seed=3)
    assert few.found.words == every.found.words[:4]
    assert np.all(np.diff(every.distances) >= 0)
    values, base = every.found.values, every.base.values
    varies = values.std(axis=0) > 1e-12
    wanted = np.sqrt((((values - base) / np.where(varies, values.std(axis=0), np.inf)) ** 2).sum(axis=1) / varies.sum())
    assert every.distances.tolist() == pytest.approx(wanted.tolist())


def test_the_same_seed_gives_the_same_pseudowords(model):
    one, two, other = (
        morelike.pseudowords(model, "hannan", WORDS, candidates=40, seed=seed).found.words for seed in (1, 1, 2)
    )
    assert one == two != other


def test_a_word_outside_the_list_and_its_measures_are_the_base(model):
    found = morelike.pseudowords(model, "hahaha", WORDS, candidates=40)
    assert found.base.values.tolist() == morelike.measure(model, ["hahaha"], WORDS).values.tolist()
    assert found.found.values.tolist() == morelike.measure(model, found.found.words, WORDS).values.tolist()


def test_too_few_pseudowords_are_told(model):
    with pytest.raises(
        SamplingError, match=r"only .* new words with the length and the shape of 'a': ask for fewer"
    ) as raised:
        morelike.pseudowords(model, "a", WORDS)
    assert {len(word) for word in raised.value.found} <= {1}


def test_a_word_that_is_too_long_is_refused_at_once(model, monkeypatch):
    monkeypatch.setattr(type(model), "sample", None)
    with pytest.raises(
        SettingError, match=r"a word of up to 100 characters, and 'ana.*' has 20,000: give a shorter word"
    ):
        morelike.pseudowords(model, "an" * 10_000, WORDS)


MARKED = ["l'anna", "l'hanna", "d'anne", "Hannah", "Anna", "anna2", "hen-na", "nanna", "hanne", "nena", "hana", "nahe"]


@pytest.fixture(scope="module")
def marked():
    return morelike.train(MARKED, kind="ngram", order=2, split="none")


@pytest.mark.parametrize(
    ("word", "shape"),
    [("hanna", "[a-z]{5}"), ("Hanna", "[A-Z][a-z]{4}"), ("l'anna", "[a-z]'[a-z]{4}"), ("nan2", "[a-z]{3}[0-9]")],
)
def test_pseudowords_have_letters_and_signs_where_their_word_has_them(marked, word, shape):
    made = morelike.pseudowords(marked, word, MARKED, count=2, candidates=30)
    assert all(re.fullmatch(shape, each) for each in made.found.words)


def test_pseudowords_take_another_shape(marked):
    (made,) = morelike.pseudowords(marked, "hanna", MARKED, count=1, candidates=9, shape="n'ehe").found.words
    assert re.fullmatch("[a-z]'[a-z]{3}", made)


def test_pseudowords_satisfy_the_constraints(model):
    made = morelike.pseudowords(
        model, "hanna", WORDS, count=3, candidates=60, prefix="h", suffix="e", not_contains="nn"
    )
    assert all(re.fullmatch("h.*e", word) and "nn" not in word for word in made.found.words)


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        (
            {"min_length": 6},
            SettingError,
            "pseudowords have the length of their word, and 'anna' has 4: leave out min_length = 6",
        ),
        ({"max_length": 3}, SettingError, "leave out max_length = 3"),
        ({"prefix": "ha", "pattern": "a___"}, SamplingError, "the prefix 'ha' and the pattern 'a___' contradict"),
        ({"shape": "ann"}, SamplingError, "the length (4 characters) and the shape 'ann' contradict"),
        ({"prefx": "h"}, SettingError, "did you mean 'prefix'"),
        (
            {"shape": "an-a"},
            VocabularyError,
            "the shape 'an-a': the model does not know the character '-' (character 3)",
        ),
    ],
)
def test_constraints_that_no_pseudoword_satisfies_are_named(model, asked, error, says):
    with pytest.raises(error, match=re.escape(says)):
        morelike.pseudowords(model, "anna", WORDS, **asked)
