"""A model with labels: given one it is an ordinary model, without one the mean of all, word by word."""

import numpy as np
import pytest

from morelike.architecture import find, kinds
from morelike.errors import ModelError, SettingError
from morelike.language_model.model import LanguageModel

from ..sampling.test_generate import agree, among, exact
from .small_models import labelled_model, small_model

WORDS = ["ab", "ba", "abba", "b", "aab", "baba", "a", "bb", "aba", "bab", "abab", "baa"]
LABELS = ["x", "y", "x", "y", "x", "x", "x", "y", "x", "y", "x", "x"]
TAKERS = [kind for kind in kinds() if find(kind).takes_labels]
DRAWS = 5000
QUICK = [pytest.param(kind, marks=() if kind in ("ngram", "gru") else pytest.mark.slow) for kind in TAKERS]


@pytest.fixture(scope="module", params=QUICK)
def model(request):
    return next(m for seed in range(1000) if varied(m := labelled_model(request.param, WORDS, LABELS, seed=seed)))


def varied(model):
    """Return whether the words of either label are mostly short and not mostly the same."""
    given = [exact(model.conditioned_on(label), 5) for label in model.labels]
    return all(sum(each.values()) > 0.6 and max(each.values()) < 0.5 for each in given)


def test_the_kinds_that_take_labels():
    assert TAKERS == ["gru", "lstm", "ngram", "transformer"]


@pytest.mark.parametrize("kind", TAKERS)
def test_without_a_label_words_have_the_mean_of_their_probabilities_by_share(kind):
    model = labelled_model(kind, WORDS, LABELS)
    assert model.labels == pytest.approx({"x": 2 / 3, "y": 1 / 3})
    words = ["", "a", "ab", "abba", "bbbb"]
    each = [model.log_probability(words, label=label) + np.log(share) for label, share in model.labels.items()]
    expected = np.logaddexp(*each)
    np.testing.assert_allclose(model.log_probability(words), expected, atol=1e-5)
    np.testing.assert_allclose([-model.surprisal(word).sum() for word in words], expected, atol=1e-5)
    np.testing.assert_allclose(model.label_probabilities(words), np.exp(each - expected).T, atol=1e-5)


@pytest.mark.parametrize("kind", TAKERS)
def test_what_may_follow_sums_to_1_and_is_that_of_surprisal_with_a_label_and_without(kind):
    model = labelled_model(kind, WORDS, LABELS)
    for asked in (model, model.conditioned_on("y")):
        following = asked.next("ab")
        assert sum(following.values()) == pytest.approx(1, abs=1e-6)
        assert -np.log(following["a"]) == pytest.approx(asked.surprisal("aba")[2], abs=1e-5)
    assert model.next("ab", label="y") == model.conditioned_on("y").next("ab")


@pytest.mark.parametrize("asked", [{}, {"label": "x"}], ids=["all", "x"])
def test_samples_follow_the_model_of_a_label_or_of_all(model, asked):
    words = model.sample(DRAWS, max_length=6, novel=False, unique=False, seed=1, **asked)
    assert agree(words, among(exact(model.conditioned_on(asked.get("label")), 6), lambda word: True))


def test_samples_of_one_label_do_not_follow_another(model):
    words = model.sample(DRAWS, max_length=6, novel=False, unique=False, seed=1, label="y")
    assert not agree(words, among(exact(model.conditioned_on("x"), 6), lambda word: True))


def test_a_prefix_changes_which_label_speaks(model):
    words = model.sample(DRAWS, max_length=6, novel=False, unique=False, seed=2, prefix="b")
    assert agree(words, among(exact(model, 6), lambda word: word.startswith("b")))


@pytest.mark.parametrize("asked", [{}, {"label": "y"}], ids=["all", "y"])
def test_under_constraints_words_follow_the_model_of_a_label_or_of_all(model, asked):
    accounts = []
    settings = {"suffix": "b", "min_length": 2, "max_length": 6, "novel": False, "unique": False}
    words = model.sample(DRAWS, seed=1, on_report=accounts.append, **settings, **asked)
    every = exact(model.conditioned_on(asked.get("label")), 6)
    kept = among(every, lambda word: word.endswith("b") and len(word) >= 2)
    assert agree(words, kept)
    if model.architecture.kind == "ngram":
        assert (accounts[0].method, accounts[0].tried) == ("exact", accounts[0].kept)
        p = sum(p for word, p in every.items() if word.endswith("b") and len(word) >= 2)
        assert accounts[0].probability == pytest.approx(p, rel=1e-6)


@pytest.mark.parametrize("smoothing", ["add", "witten-bell", "kneser-ney"])
def test_every_smoothing_is_sampled_exactly_given_a_label(smoothing):
    model = labelled_model("ngram", WORDS, LABELS, smoothing=smoothing)
    accounts = []
    model.sample(5, regex="[ab]{1,5}b", novel=False, unique=False, label="x", on_report=accounts.append)
    p = sum(p for word, p in exact(model.conditioned_on("x"), 6).items() if len(word) > 1 and word.endswith("b"))
    assert (accounts[0].method, accounts[0].probability) == ("exact", pytest.approx(p, rel=1e-6))


@pytest.mark.parametrize("kind", TAKERS)
def test_the_most_probable_words_are_those_of_a_label_or_of_all(kind):
    model = labelled_model(kind, WORDS, LABELS)
    for label in (None, "x"):
        every = exact(model.conditioned_on(label), 7)
        expected = sorted((p for word, p in every.items() if word), reverse=True)[:10]
        found = [np.exp(nats) for _, nats, _ in model.top(10, max_length=7, label=label)]
        assert found == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("kind", TAKERS)
def test_a_folder_keeps_the_labels(kind, tmp_path):
    model = labelled_model(kind, WORDS, LABELS)
    again = LanguageModel.load(model.conditioned_on("x").save(tmp_path / "model"))
    assert (again.labels, again.label) == (model.labels, None)
    for label in (None, "x", "y"):
        ours, theirs = (each.log_probability(WORDS, label=label) for each in (again, model))
        assert ours.tobytes() == theirs.tobytes()


@pytest.mark.parametrize("labels", [{}, {"x": 1.0}, {"x": 0.7, "y": 0.7}, {"x": -1.0, "y": 2.0}])
def test_a_folder_with_other_labels_than_its_weights_is_damaged(labels, tmp_path):
    model = labelled_model("gru", WORDS, LABELS)
    broken = LanguageModel(model.vocabulary, model.architecture, model.weights, model.known, labels=labels)
    with pytest.raises(ModelError, match="labels"):
        LanguageModel.load(broken.save(tmp_path / "model"))


def test_evaluating_under_labels_tells_the_loss_of_each():
    model = labelled_model("ngram", WORDS, LABELS)
    loss = model.evaluate(WORDS, labels=LABELS)
    pairs = zip(WORDS, LABELS, strict=True)
    nats = [-model.log_probability([word], label=label)[0] for word, label in pairs]
    assert loss.nats_per_character == pytest.approx(sum(nats) / loss.characters)
    assert list(loss.labels) == ["x", "y"]
    assert sum(each.nats_per_character * each.characters for each in loss.labels.values()) == pytest.approx(sum(nats))
    assert loss.as_dict()["labels"]["y"]["lines"] == 4
    assert model.evaluate(WORDS).labels == {}


def test_a_misspelt_label_is_refused_with_the_nearest():
    model = labelled_model("ngram", WORDS, ["girl" if label == "x" else "boy" for label in LABELS])
    with pytest.raises(SettingError, match="'gril'; the model has 'boy', 'girl'; did you mean 'girl'"):
        model.sample(1, label="gril")


def test_a_label_for_a_model_without_labels_is_refused():
    model = small_model("ngram", WORDS)
    for ask in (lambda: model.next("a", label="girl"), lambda: model.label_probabilities(["a"])):
        with pytest.raises(SettingError, match="a list without labels"):
            ask()
