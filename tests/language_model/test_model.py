"""The model that a user holds: probabilities that agree with one another, and what it says of unknown characters."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from morelike.errors import SamplingError, SettingError, VocabularyError
from morelike.language_model import scoring
from morelike.language_model.encoding import RESERVED

from .small_models import KINDS, WORDS, small_model

MODELS = {kind: small_model(kind) for kind in KINDS}
STRANGE = st.text("aneh?é ", max_size=8)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30)
@given(st.text("aneh", max_size=10))
def test_what_follows_sums_to_one(kind, prefix):
    following = MODELS[kind].next(prefix)
    assert sum(following.values()) == pytest.approx(1, abs=1e-9)
    assert following.keys() == {"", *"aneh"}
    assert [*following.values()] == sorted(following.values(), reverse=True)


@pytest.mark.parametrize("kind", KINDS)
def test_words_that_are_scored_together_have_the_surprisal_of_each_alone(kind):
    model = MODELS[kind]
    words = ["hanna", "a", "nehan", "hannahannahanna", "a"]
    for word, found in zip(words, scoring.surprisals(model, words), strict=True):
        np.testing.assert_allclose(found, model.surprisal(word), rtol=1e-5, atol=1e-6)
    assert scoring.surprisals(model, []) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_surprisal_of_each_character_is_that_of_what_follows(kind):
    model = MODELS[kind]
    for word in WORDS[:4]:
        expected = [-math.log(model.next(word[:i])[c]) for i, c in enumerate([*word, ""])]
        np.testing.assert_allclose(model.surprisal(word), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("unknown", ["skip", "reserve"])
@settings(max_examples=30)
@given(word=STRANGE)
def test_surprisals_sum_to_the_log_probability_with_unknown_characters(kind, unknown, word):
    model = MODELS[kind]
    surprisal = model.surprisal(word, unknown=unknown)
    assert len(surprisal) == len(word.strip()) + 1
    (expected,) = model.log_probability([word], unknown=unknown)
    assert np.nansum(surprisal) == pytest.approx(-expected, rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_surprisals_sum_to_the_log_probability(kind):
    for word, p in zip(WORDS, MODELS[kind].log_probability(WORDS).tolist(), strict=True):
        assert MODELS[kind].surprisal(word).sum() == pytest.approx(-p, rel=1e-5)


def test_skip_is_the_word_without_its_unknown_characters():
    model = MODELS["mlp"]
    assert model.log_probability(["a?n-na"], unknown="skip") == model.log_probability(["anna"])
    assert np.isnan(model.surprisal("a?", unknown="skip")).tolist() == [False, True, False]


def test_reserve_gives_each_unknown_character_the_reserved_share_and_takes_it_from_the_others():
    model = MODELS["mlp"]
    surprisal = model.surprisal("a?", unknown="reserve")
    assert surprisal[1] == pytest.approx(-math.log(RESERVED))
    assert math.exp(-surprisal[0]) == pytest.approx(model.next("")["a"] * (1 - RESERVED), rel=1e-5)


def test_an_unknown_character_is_refused_with_its_place_by_default():
    model = MODELS["ngram"]
    for ask in (model.surprisal, model.next, model.logits, lambda word: model.evaluate([word])):
        with pytest.raises(VocabularyError, match=r"'\?' \(U\+003F\) at position 3 of 'an\?a'"):
            ask("an?a")


def test_evaluation_counts_unknown_characters_as_scoring_does():
    model, words = MODELS["ngram"], ["an?a", "hen"]
    for unknown, characters in (("skip", 8), ("reserve", 9)):
        found = model.evaluate(words, unknown=unknown)
        assert found.characters == characters
        total = -model.log_probability(words, unknown=unknown).sum()
        assert found.nats_per_character == pytest.approx(total / characters)


def test_words_are_cleaned_before_they_are_scored():
    model = MODELS["ngram"]
    assert model.log_probability([" anna\t"]) == model.log_probability(["anna"])
    composed = small_model("ngram", ["zoë", "zo", "ëz"])
    assert composed.log_probability(["zoe\u0308"]) == composed.log_probability(["zoë"])


def test_no_words_have_no_probabilities_and_cannot_be_evaluated():
    assert MODELS["ngram"].log_probability([]).shape == (0,)
    with pytest.raises(SettingError, match="no words to evaluate"):
        MODELS["ngram"].evaluate([])


def test_parameters_are_the_numbers_in_the_weights(model):
    statistics = (".mean", ".variance")  # of BatchNorm: kept with the weights, but not learned
    assert model.parameters == sum(np.asarray(w).size for n, w in model.weights.items() if not n.endswith(statistics))


@pytest.mark.parametrize("asked", [{"greedy": True}, {"temperature": 0}, {"top_k": 1}])
def test_the_most_probable_choice_makes_one_word_unless_more_are_asked_for(asked):
    model = small_model("ngram", ["abc", "abd", "xyz", "abe"])
    assert len(model.sample(novel=False, **asked)) == 1
    assert len(model.sample(novel=False, unique=False)) == 20
    with pytest.raises(SamplingError, match="found 1 of 2 words"):
        model.sample(2, novel=False, **asked)


def test_a_greedy_word_that_does_not_do_is_told_at_once():
    model = small_model("ngram", ["abc", "abd", "xyz", "abe"])
    (word,) = model.sample(greedy=True, novel=False)
    reports = []
    assert model.sample(3, greedy=True, novel=False, unique=False, on_report=reports.append) == [word] * 3
    assert reports[0].tried == 1
    with pytest.raises(
        SamplingError,
        match=f"found 0 of 1 words: the greedy choice makes a single word, '{word}', which .*no-novel.*leave out",
    ):
        model.sample(greedy=True, novel=False, not_in=[word])
    with pytest.raises(SamplingError, match="the greedy choice makes no word of up to 1 characters"):
        model.sample(greedy=True, novel=False, max_length=1)


def test_blocks_of_words_are_limited_in_words_and_in_characters(monkeypatch):
    monkeypatch.setattr(scoring, "BLOCK", 3)
    monkeypatch.setattr(scoring, "BLOCK_CHARACTERS", 6)
    blocks = list(scoring._blocks(["a", "b", "c", "d", "annaannaanna", "e", "anna", "nan"]))
    assert blocks == [["a", "b", "c"], ["d"], ["annaannaanna"], ["e", "anna"], ["nan"]]
    assert list(scoring._blocks([])) == [[]]
