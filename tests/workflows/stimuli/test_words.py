"""Similar words, pseudowords, measures and matched sets, as one calls them."""

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest

import morelike
from morelike.errors import ListError, ModelError, SettingError, VocabularyError
from morelike.evaluation.lexical import COLUMNS, Lexicon
from morelike.language_model.model import LanguageModel
from morelike.text.words import fingerprint

from ...language_model.small_models import small_model

WORDS = ["anna", "hanna", "anne", "hannah", "nan", "ana", "hen", "henna", "ahna", "nanna", "eha", "nena"]
WORDS += [word for a in "hn" for b in "ae" for c in "hn" for d in "ae" if (word := a + b + c + d) != "nena"]


@pytest.fixture(scope="module")
def model():
    return morelike.train(WORDS, kind="ngram", order=3)


@pytest.fixture(scope="module")
def gru():
    return small_model("gru", words=WORDS)


def test_similar_words_by_edits_come_in_the_order_of_the_list(model):
    found = morelike.similar(model, "anna", WORDS, by="edits", count=4)
    assert [(each.word, each.edits, each.cosine) for each in found] == [
        ("hanna", 1, None),
        ("anne", 1, None),
        ("ana", 1, None),
        ("ahna", 1, None),
    ]


def test_similar_words_by_embedding_fall_in_cosine(gru):
    found = morelike.similar(gru, "hannan", WORDS)
    cosines = [each.cosine for each in found]
    assert len(found) == 20
    assert cosines == sorted(cosines, reverse=True)
    assert max(cosines) <= 1 + 1e-6


def test_a_kind_without_embeddings_compares_by_edits_unless_asked(model, gru):
    assert morelike.similar(model, "anna", WORDS) == morelike.similar(model, "anna", WORDS, by="edits")
    assert morelike.similar(gru, "anna", WORDS) == morelike.similar(gru, "anna", WORDS, by="embedding")
    with pytest.raises(SettingError, match="kind ngram has no word embedding"):
        morelike.similar(model, "anna", WORDS, by="embedding")


def test_an_embedding_that_does_not_separate_words_says_so(gru):
    flat = small_model("mlp", words=WORDS)
    flat = replace(flat, weights=flat.weights | {"C": np.ones_like(flat.weights["C"])})
    with pytest.warns(UserWarning, match="the embedding does not separate the words.*compare by edits"):
        morelike.similar(flat, "anna", WORDS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        morelike.similar(gru, "anna", WORDS)
        morelike.similar(flat, "anna", ["nana", "anan"])  # anagrams have one vector, rightly


@pytest.mark.parametrize("by", ["embedding", "edits"])
def test_a_word_of_the_list_is_not_similar_to_itself(gru, by):
    found = morelike.similar(gru, " anna", [*WORDS, "anna"], by=by, count=1000)
    assert sorted(each.word for each in found) == sorted({*WORDS} - {"anna"})


def test_edits_need_no_character_that_the_model_knows(gru):
    assert morelike.similar(gru, "xanna", WORDS, by="edits", count=1)[0].word == "anna"
    with pytest.raises(VocabularyError, match="'x'"):
        morelike.similar(gru, "xanna", WORDS)


def test_measures_hold_the_models_bits_per_character(model):
    found = morelike.measure(model, ["anna", "enna"], WORDS)
    wanted = [float(model.surprisal(word).mean()) / math.log(2) for word in found.words]
    assert found.values[:, COLUMNS.index("bits")].tolist() == pytest.approx(wanted)


def test_measures_are_taken_against_the_list_that_is_given(model):
    (row,) = morelike.measure(model, ["anna"], ["anna", "enna", "otto"]).rows()
    assert (row["neighbours"], row["old20"]) == (1, (1 + 4) / 2)


def test_matched_sets_take_one_word_of_each_list_and_balance_them(model):
    lists = {"a": WORDS[:12], "b": WORDS[12:], "c": ["ehe", "nahna", "hahaha", "enna", "annah"]}
    found = morelike.match(model, lists, WORDS, count=4)
    assert found.lists == ["a", "b", "c"]
    for name, own in zip(found.lists, found.sets, strict=True):
        assert len({*own.words} & {*lists[name]}) == 4
        assert own.values.tolist() == morelike.measure(model, own.words, WORDS).values.tolist()
    before = abs(np.array([[each.d for each in own] for own in found.before]))
    after = abs(np.array([[each.d for each in own] for own in found.after]))
    assert after[1].mean() < before[1].mean()
    lengths = [len(word) for word in lists["b"]]
    assert found.before[1][0].mean == np.mean(lengths)


def test_matching_on_some_columns_leaves_the_others_alone(model):
    lists = {"a": ["hehe", "nan", "hahahaha"], "b": ["ehe", "nahna", "hanhanha", "nn"]}
    found = morelike.match(model, lists, WORDS, count=2, on=["length"])
    assert found.on == ["length"]
    assert found.distances.tolist() == [0, 0]
    assert [len(word) for word in found.sets[0].words] == [len(word) for word in found.sets[1].words]


def test_a_shipped_list_is_found_and_a_list_that_nothing_names_is_asked_for(gru, tmp_path):
    model = LanguageModel(gru.vocabulary, gru.architecture, gru.weights, gru.known, {"list": "words"})
    with pytest.raises(SettingError, match="nothing here names the list that this model learned from"):
        morelike.measure(model, ["anna"])
    names = morelike.read_lines("names")
    facts = {"list": "names", "fingerprint": fingerprint(names)}
    model = LanguageModel(gru.vocabulary, gru.architecture, gru.weights, gru.known, facts)
    assert morelike.similar(model, "xanna", by="edits", count=1)[0].word == "anna"
    with pytest.raises(ModelError, match="there is no trained model in"):
        morelike.measure("latest", ["anna"], out=tmp_path)


REFUSED = {
    "running text": (
        lambda m: morelike.similar(_of_text(m), "anna", WORDS),
        SettingError,
        "a model of words is needed",
    ),
    "an empty list": (lambda m: morelike.similar(m, "anna", ["", " "]), ListError, "the list to compare with is empty"),
    "no word": (lambda m: morelike.measure(m, [], WORDS), ListError, "no words: give at least one"),
    "an empty word": (lambda m: morelike.measure(m, ["anna", " "], WORDS), ListError, "one of the words is empty"),
    "one string": (lambda m: morelike.measure(m, "anna", WORDS), ListError, r"give a list of words, as \['anna'\]"),
    "no count": (lambda m: morelike.similar(m, "anna", WORDS, by="edits", count=0), SettingError, "count = 0"),
    "few candidates": (
        lambda m: morelike.pseudowords(m, "anna", WORDS, count=9, candidates=8),
        SettingError,
        "count = 9, candidates = 8",
    ),
    "an unknown character": (lambda m: morelike.pseudowords(m, "anxa", WORDS), VocabularyError, "'x'"),
    "a tiny list": (lambda m: morelike.measure(m, ["anna"], ["anna"]), ListError, "1 different word"),
    "one list": (lambda m: morelike.match(m, {"a": ["anna"]}, WORDS, count=1), SettingError, "two lists or more"),
    "a word in two": (
        lambda m: morelike.match(m, {"a": ["anna"], "b": ["hen", "anna"]}, WORDS, count=1),
        ListError,
        "'anna' stands in 'a' and in 'b': take it out of one of them",
    ),
    "too many sets": (
        lambda m: morelike.match(m, {"a": ["anna"], "b": ["hen", "nan"]}, WORDS, count=2),
        SettingError,
        "count = 2: the lists have 1 and 2 words; ask for 1 to 1 sets",
    ),
    "no such column": (
        lambda m: morelike.match(m, {"a": ["anna"], "b": ["hen"]}, WORDS, count=1, on=["lenght"]),
        SettingError,
        "no column is called 'lenght'.*did you mean 'length'",
    ),
    "no column": (
        lambda m: morelike.match(m, {"a": ["anna"], "b": ["hen"]}, WORDS, count=1, on=[]),
        SettingError,
        "no column to match on",
    ),
}


def _of_text(model):
    return LanguageModel(model.vocabulary, model.architecture, model.weights, model.known, form="text")


@pytest.mark.parametrize("case", REFUSED)
def test_what_makes_no_sense_is_refused_in_a_sentence(model, case):
    call, error, says = REFUSED[case]
    with pytest.raises(error, match=says):
        call(model)


def test_lists_are_measured_once_as_sets():
    assert Lexicon([*WORDS, *WORDS]).words == WORDS
