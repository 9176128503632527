"""Mixtures of models: linear interpolation with weights by EM on dev, used like any other model."""

import math

import numpy as np
import pytest

import morelike
from morelike.errors import SettingError
from morelike.language_model.model import LanguageModel
from morelike.workflows.mixing import mix

from ..contract.subjects import along
from ..language_model.small_models import all_words
from ..training.runs import pronounceable

LISTED = pronounceable(60)


def counted(order, words=LISTED, **settings):
    return morelike.train(words, kind="ngram", order=order, **settings)


@pytest.fixture(scope="module")
def members():
    network = morelike.train(LISTED, kind="mlp", context=3, embedding=4, hidden=16, steps=300)
    return [counted(2, smoothing="witten-bell"), counted(4, smoothing="kneser-ney"), network]


@pytest.fixture(scope="module")
def mixture(members):
    return morelike.mix(members, LISTED, interpolation="linear")


@pytest.fixture(scope="module")
def parts():
    return morelike.split(LISTED)


def shares_of(model):
    return model.weights["mixture"]


def per_character(models, word):
    """Return p of each character of a word, its end included, by each model: [models, characters]."""
    return np.exp([-model.surprisal(word) for model in models])


def test_a_mixtures_probability_is_the_weighted_mean_of_its_members(members, mixture, parts):
    for word in parts.test:
        by_hand = np.log(shares_of(mixture) @ per_character(members, word)).sum()
        assert mixture.log_probability([word])[0] == pytest.approx(by_hand, abs=1e-6)


def test_weights_are_shares_that_no_other_shares_beat_on_dev(members, mixture, parts):
    p = np.concatenate([per_character(members, word) for word in parts.dev], axis=1)
    found = np.log(shares_of(mixture) @ p).mean()
    assert shares_of(mixture).sum() == pytest.approx(1)
    grid = [(a / 20, b / 20, (20 - a - b) / 20) for a in range(21) for b in range(21 - a)]
    assert found >= max(np.log(np.array(shares) @ p).mean() for shares in grid) - 1e-6


def test_a_mixture_is_on_dev_at_least_as_good_as_each_member(members, mixture, parts):
    losses = [model.evaluate(parts.dev).nats_per_character for model in members]
    assert mixture.evaluate(parts.dev).nats_per_character <= min(losses) + 1e-9


def test_step_agrees_with_the_probabilities_of_whole_lines(mixture):
    tokens = mixture.vocabulary.encode_lines(LISTED[:1]).tokens[None, :]
    fed = np.concatenate([[[0]], tokens[:, :-1]], axis=1)
    p = np.exp(along(mixture.architecture, mixture.weights, fed))[0]
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-5)
    whole = np.exp(mixture.architecture.log_probabilities(mixture.weights, tokens))[0]
    np.testing.assert_allclose(p[np.arange(len(whole)), tokens[0]], whole, atol=1e-5)


def test_prepared_weights_give_the_same_step(mixture):
    architecture, weights = mixture.architecture, mixture.weights
    token = np.array([1, 2])
    plain = architecture.step(weights, architecture.start(weights, 2), token)[1]
    prepared = architecture.prepare(weights)
    np.testing.assert_allclose(architecture.step(prepared, architecture.start(prepared, 2), token)[1], plain, atol=1e-6)


def test_the_probabilities_of_all_short_words_are_below_one_and_nearly_all_is_in_them():
    words = ["ab", "ba", "abba", "b", "aab", "baba", "a", "bb", "aba", "bab", "abab", "baa"]
    mixed = morelike.mix([counted(2, words), counted(3, words)], words)
    total = sum(map(math.exp, mixed.log_probability(["", *all_words("ab", 12)])))
    assert 0.95 < total <= 1


def test_a_mixture_saved_and_loaded_is_the_same_bit_for_bit(mixture, tmp_path):
    loaded = LanguageModel.load(mixture.save(tmp_path / "mixture"))
    assert loaded.architecture == mixture.architecture
    np.testing.assert_array_equal(loaded.log_probability(LISTED), mixture.log_probability(LISTED))
    assert loaded.sample(20, seed=3) == mixture.sample(20, seed=3)


def test_its_parameters_are_those_of_its_members_and_the_weights(members, mixture):
    assert mixture.parameters == sum(model.parameters for model in members) + len(members)


def test_mixtures_are_never_nested(members, mixture):
    again = morelike.mix([mixture, counted(3)], LISTED)
    assert [each["kind"] for each in again.architecture.members] == ["ngram", "ngram", "mlp", "ngram"]


def test_of_equal_models_each_has_the_same_weight():
    model = counted(3)
    np.testing.assert_allclose(shares_of(morelike.mix([model, model], LISTED)), [0.5, 0.5])


@pytest.mark.slow
def test_models_of_running_text_are_mixed_by_the_text():
    text = " ".join(LISTED)
    models = [morelike.train(text, kind="ngram", form="text", order=order) for order in (1, 3)]
    mixed = morelike.mix(models, [text])
    assert mixed.form == "text"
    assert mixed.evaluate([text]).nats_per_character <= max(m.evaluate([text]).nats_per_character for m in models)
    assert len(mixed.write(30, prefix=text[:5])) == 35


def test_models_of_different_characters_are_refused_with_the_characters():
    with pytest.raises(SettingError, match=r"different characters cannot be mixed: only one .* knows 'z'"):
        mix([counted(2), counted(2, [*LISTED, "zaz"])], LISTED)


@pytest.mark.slow
def test_words_and_running_text_are_not_mixed():
    with pytest.raises(SettingError, match="a model of words and one of running text cannot be mixed"):
        mix([counted(2), morelike.train(" ".join(LISTED), kind="ngram", form="text")], LISTED)


def test_models_of_another_list_or_split_are_refused_by_number():
    with pytest.raises(SettingError, match=r"model 2 \(ngram\) learned from another list or another split"):
        morelike.mix([counted(2), counted(2, LISTED[::-1])], LISTED)
    with pytest.raises(SettingError, match="model 2"):
        morelike.mix([counted(2), counted(2, split="shuffle-7")], LISTED)


def test_a_split_without_dev_has_nothing_to_fit_on():
    with pytest.raises(SettingError, match="holds nothing out: there are no words to fit"):
        morelike.mix([counted(2, split="none"), counted(3, split="none")], LISTED)


def test_one_model_is_no_mixture():
    with pytest.raises(SettingError, match="two models or more"):
        morelike.mix([counted(2)], LISTED)
