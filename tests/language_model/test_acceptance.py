"""Which sampled words are accepted: new in spite of case and accents, and pronounceable."""

import math
from itertools import pairwise, product

import numpy as np
import pytest

import morelike
from morelike.errors import SettingError
from morelike.language_model.sample_settings import SampleSettings
from morelike.language_model.sampling.words import acceptance
from morelike.sampling.letter_pairs import MOST_SYMBOLS, RARE, letter_pairs
from morelike.text.words import fold

from .small_models import lively_model, small_model

CASED = ["Anna", "anna", "Hanna", "zoë", "Zoe", "Anne", "hannah", "Énna", "Enne", "ana"]


@pytest.fixture(scope="module")
def cased():
    return morelike.train(CASED * 3, "ngram", order=2, split="none")


@pytest.mark.parametrize(
    ("ignored", "same"),
    [
        ("case,accents", lambda word: fold(word, ["case", "accents"])),
        (["case"], str.casefold),
        ("accents", lambda word: word.replace("ë", "e").replace("É", "E")),
        (["accents", " case"], lambda word: fold(word, ["case", "accents"])),
    ],
)
def test_new_words_differ_from_the_list_in_more_than_what_is_ignored(cased, ignored, same):
    listed = set(map(same, CASED))
    plain = cased.sample(100)
    assert any(same(word) in listed for word in plain), "the test needs words that only such a difference makes new"
    made = cased.sample(100, not_in=CASED, novel_ignoring=ignored)
    assert not any(same(word) in listed for word in made)


def test_differences_that_are_not_named_make_a_word_new(cased):
    accepted = {}
    for ignored in ("case", "accents", "case,accents"):
        accept = acceptance(cased, SampleSettings.of(novel_ignoring=ignored), not_in=CASED, far_from=())
        accepted[ignored] = accept(["ANNA", "Zöe", "HÄNNA", "otto"])
    assert accepted == {
        "case": [False, True, True, True],
        "accents": [True, False, True, True],
        "case,accents": [False, False, False, True],
    }


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"novel_ignoring": "case"}, "give the words to compare with as not_in"),
        ({"novel_ignoring": "size", "not_in": CASED}, "'size' is no difference of words: name case, accents or both"),
    ],
)
def test_what_cannot_be_ignored_is_refused(cased, asked, says):
    with pytest.raises(SettingError, match=says):
        cased.sample(3, **asked)


@pytest.mark.parametrize(
    ("word", "folded"),
    [("Åsa", "asa"), ("ÉCOLE", "ecole"), ("øre", "øre"), ("Ελλάς", "ελλασ"), ("क़ि", "क़ि"), ("がか", "がか"), ("", "")],
)
def test_marks_that_belong_to_the_letters_of_their_script_are_no_accents(word, folded):
    assert fold(word, ["accents", "case"]) == folded


@pytest.mark.parametrize("kind", ["ngram", "gru", "transformer"])
def test_pairs_have_the_surprisal_that_the_models_words_give_them(kind):
    model = lively_model(kind)
    pairs = model.letter_pairs
    assert np.allclose(np.exp2(-pairs.bits).sum(axis=1), 1)
    words = model.sample(4000, novel=False, unique=False, seed=3)
    after_n = [b for word in words for a, b in pairwise([*word, ""]) if a == "n"]
    n = model.vocabulary.ids["n"]
    for character, i in (*model.vocabulary.ids.items(), ("", 0)):
        assert 2 ** -pairs.bits[n, i] == pytest.approx(after_n.count(character) / len(after_n), abs=0.03)


def test_pronounceable_words_have_no_pair_beyond_the_limit():
    words = ["anna", "hanna", "anne", "hannah", "nan", "ana", "hen", "henna", "nena", "hana"] * 30 + ["xqz"]
    model = small_model("ngram", words)
    pairs = model.letter_pairs

    def worst(word):
        ids = [0, *model.vocabulary.encode(word), 0]
        return max(pairs.bits[a, b] for a, b in pairwise(ids))

    plain = model.sample(400, novel=False, unique=False, seed=1)
    assert 0 < sum(worst(word) > pairs.limit for word in plain) / len(plain) < 3 * RARE * 7
    made = model.sample(400, novel=False, unique=False, seed=1, pronounceable=True)
    assert max(map(worst, made)) <= pairs.limit
    assert all(worst(word) <= pairs.limit for word, _, _ in model.top(50, pronounceable=True))
    words = ["".join(pair) for pair in product("aehnqxz", repeat=3)]
    assert pairs.pronounceable(words, model.vocabulary) == [worst(word) <= pairs.limit for word in words]


def test_names_are_pronounceable_and_strings_of_consonants_are_not():
    model = morelike.train(morelike.read_lines("names")[:3000], "ngram", order=3)
    found = model.letter_pairs.pronounceable(["emma", "joshua", "maria", "xqzt", "tgfb", "emzta"], model.vocabulary)
    assert found == [True, True, True, False, False, False]


def test_a_model_of_too_many_characters_has_no_table_of_pairs():
    model = small_model("ngram")
    with pytest.raises(SettingError, match=r"3,000 characters make too many pairs; use it with at most 2,999"):
        letter_pairs(*model.prepared, MOST_SYMBOLS + 1)
    assert math.isfinite(model.letter_pairs.limit)
