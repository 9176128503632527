"""Vectors of whole words are what the recurrent networks show by `step`, one word at a time."""

import numpy as np
import pytest

from morelike.architecture import RecurrentArchitecture, find
from morelike.errors import SettingError, VocabularyError
from morelike.language_model.model import LanguageModel
from morelike.language_model.word_embeddings import cosines, embed_words
from morelike.text.vocabulary import END

from .small_models import KINDS, WORDS, small_model

RECURRENT = [kind for kind in KINDS if issubclass(find(kind), RecurrentArchitecture)]
BAGS = ("mlp", "deep_mlp", "wavenet")
NONE = [kind for kind in KINDS if kind not in (*RECURRENT, *BAGS)]


def states_shown(model, word):
    """Return what the network shows to its output after each character of a word."""
    architecture, shown = model.architecture, []
    state, _ = architecture.step(model.weights, architecture.start(model.weights, 1), np.array([END]))
    for token in model.vocabulary.encode(word):
        state, _ = architecture.step(model.weights, state, np.array([token]))
        shown.append(sum(layer[0, : architecture.hidden] for layer in state))
    return np.array(shown)


@pytest.mark.parametrize("kind", RECURRENT)
@pytest.mark.parametrize("settings", [{}, {"one_hot": True, "layers": 1}])
def test_recurrent_words_are_the_mean_or_the_last_of_their_states(kind, settings):
    model = small_model(kind, **settings)
    shown = [states_shown(model, word) for word in WORDS]
    assert np.allclose(embed_words(model, WORDS), [each.mean(axis=0) for each in shown], atol=1e-6)
    assert np.allclose(embed_words(model, WORDS, "last"), [each[-1] for each in shown], atol=1e-6)


def test_what_is_shown_is_what_the_next_character_is_predicted_from():
    model = small_model("gru")
    last = embed_words(model, ["hanna"], "last")[0]
    assert np.allclose(last @ model.weights["Wo"] + model.weights["bo"], model.logits("hanna"), atol=1e-5)


@pytest.mark.parametrize("kind", ["gru", "mlp"])
def test_a_word_has_the_same_vector_in_any_company(kind):
    model = small_model(kind)
    many = WORDS * 60
    assert np.allclose(embed_words(model, many)[: len(WORDS)], embed_words(model, WORDS), atol=1e-6)
    assert np.allclose(embed_words(model, ["hannah"])[0], embed_words(model, ["a", "hannah", "nan"])[1], atol=1e-6)


@pytest.mark.parametrize("kind", BAGS)
def test_window_models_have_the_mean_of_the_rows_of_c(kind):
    model = small_model(kind)
    wanted = [model.embed(word).mean(axis=0) for word in WORDS]
    assert np.allclose(embed_words(model, WORDS), wanted, atol=1e-6)
    with pytest.raises(SettingError, match=f"embed = 'last' is for recurrent networks: {kind} has no state"):
        embed_words(model, WORDS, "last")


@pytest.mark.parametrize("kind", NONE)
def test_other_kinds_say_that_they_have_none(kind):
    with pytest.raises(SettingError, match=f"kind {kind} has no word embedding.*compare its words by edits"):
        embed_words(small_model(kind), WORDS)


def test_what_has_no_vector_is_refused():
    model = small_model("gru")
    with pytest.raises(VocabularyError, match="'x'"):
        embed_words(model, ["anna", "anxa"])
    with pytest.raises(SettingError, match="an empty word has no embedding"):
        embed_words(model, ["anna", " "])
    text = LanguageModel(model.vocabulary, model.architecture, model.weights, model.known, form="text")
    with pytest.raises(SettingError, match="a model of running text has no embedding of words"):
        embed_words(text, ["anna"])


def test_cosines_do_not_depend_on_lengths():
    vectors = np.array([[1.0, 1.0], [-3.0, -3.0], [2.0, -2.0]])
    assert cosines(vectors, np.array([5.0, 5.0])).tolist() == pytest.approx([1, -1, 0])
