"""Losses of a look equal `evaluate`, the race equals `compare`, and a bigram's weights become relative frequencies."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

import morelike
from morelike.arrays import softmax
from morelike.errors import SettingError
from morelike.panels.look import Look
from morelike.panels.losses.counts_and_gradient import pair_counts
from morelike.panels.registry import show
from morelike.text.splits import split

from ..looks import WORDS, background, look_of, nearly, weights_of


@pytest.mark.parametrize("kind", ["mlp", "gru", "ngram"])
def test_the_loss_on_dev_equals_evaluate(kind):
    look, splits = look_of(kind), split(WORDS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # many words of so small a list are in train too
        dev, test = look.model.evaluate(splits.dev), look.model.evaluate(splits.test)
    found = show("landmarks", look, {"test": "true"})
    assert found["dev"]["nats"] == pytest.approx(dev.nats_per_character, rel=1e-5)
    assert found["dev"]["interval"] == pytest.approx(dev.interval, rel=1e-5)
    assert found["test"]["nats"] == pytest.approx(test.nats_per_character, rel=1e-5)
    assert found["dev"]["lines"] == len(splits.dev)


def test_the_loss_on_test_is_hidden_until_it_is_asked_for():
    assert show("landmarks", look_of())["test"] is None


def test_the_landmarks_are_those_of_models_counted_by_the_library():
    look, dev = look_of(), split(WORDS).dev
    found = show("landmarks", look)
    assert found["uniform"] == pytest.approx(np.log(look.model.vocabulary.size), rel=1e-5)
    settings = {
        "bigram": {"order": 2, "smoothing": "add", "alpha": 1.0},
        "kneser_ney": {"order": 5, "smoothing": "kneser-ney"},
        "ngram": {},
    }
    for name, given in settings.items():
        model = morelike.train(WORDS, kind="ngram", **given)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            assert found[name] == pytest.approx(model.evaluate(dev).nats_per_character, rel=1e-5), name


def test_the_bigram_landmark_adds_one_to_each_count():
    look = look_of()
    counts = pair_counts(look) + 1
    p = counts / counts.sum(axis=1, keepdims=True)
    lines = look.background.prepared.dev
    before, after = np.concatenate([[0], lines.tokens[:-1]]), lines.tokens
    assert show("landmarks", look)["bigram"] == pytest.approx(-np.log(p[before, after]).mean(), rel=1e-5)


def test_a_list_without_held_out_words_says_so():
    with pytest.raises(SettingError, match="leaves no words for dev"):
        show("landmarks", look_of("mlp", words=("anna", "hanna", "bob")))


def test_a_race_equals_compare_and_names_the_settings_that_differ():
    other = Look.of(background("gru", hidden=6), weights_of(background("gru", hidden=6)))
    look = look_of("gru")
    (found,) = show("race", replace(look, others={"B": other}))["against"]
    expected = morelike.compare(look.model, other.model, split(WORDS).dev)
    assert found["difference"] == pytest.approx(expected.difference, rel=1e-5)
    assert found["interval"] == pytest.approx(expected.interval, rel=1e-5)
    assert (found["decided"], found["lines"]) == (expected.decided, expected.lines)
    assert found["differs"] == {"hidden": [8, 6]}


def test_a_race_is_refused_without_another_run_with_five_and_on_other_lists():
    look = look_of()
    with pytest.raises(SettingError, match="needs another run"):
        show("race", look)
    with pytest.raises(SettingError, match="5 runs: a race has 4 at most"):
        show("race", replace(look, others=dict.fromkeys("ABCD", look)))
    with pytest.raises(SettingError, match="another list"):
        show("race", replace(look, others={"B": look_of("gru", words=tuple(WORDS[:100]))}))


def test_the_frequencies_are_those_of_train_and_the_table_is_softmax_of_the_weights():
    look = look_of("bigram")
    found = show("counts_and_gradient", look)
    pairs = [pair for word in split(WORDS).train for pair in zip(["", *word], [*word, ""], strict=True)]
    for i, first in enumerate(found["symbols"]):
        after = [second for symbol, second in pairs if symbol == first]
        for j, second in enumerate(found["symbols"]):
            assert found["frequencies"][i][j] == pytest.approx(after.count(second) / len(after), abs=1e-5)
    np.testing.assert_allclose(found["learned"], softmax(look.model.weights["W"].astype(float)), rtol=1e-4, atol=1e-6)


def test_the_distance_is_zero_at_the_counts_one_for_disjoint_tables_and_falls_on_the_way():
    look = look_of("bigram")
    counts = pair_counts(look)
    exact = Look.of(look.background, {"W": np.log(np.maximum(counts, 1e-9)).astype(np.float32)})
    wrong = Look.of(look.background, {"W": np.where(counts > 0, -1e3, 1e3).astype(np.float32)})
    distances = [show("counts_and_gradient", each)["distance"] for each in (exact, nearly(exact, 0.3), wrong)]
    assert distances[0] < 1e-6
    assert distances == sorted(distances)
    assert distances[2] == pytest.approx(1)


@pytest.mark.slow
def test_a_bigram_that_is_trained_long_enough_comes_within_a_twentieth_of_the_counts():
    shared = background("bigram", tuple(morelike.read_lines("names")))
    model = morelike.train(morelike.read_lines("names"), kind="bigram")
    found = show("counts_and_gradient", Look.of(shared, model.weights))
    assert found["distance"] < 0.05


def test_only_a_bigram_has_a_table_of_pairs():
    with pytest.raises(SettingError, match="mlp has no table of pairs W"):
        show("counts_and_gradient", look_of("mlp"))
