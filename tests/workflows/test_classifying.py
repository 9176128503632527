"""A classifier of two lists: trained on train, chosen on dev, judged on test, on words that it has not seen."""

from dataclasses import replace

import numpy as np
import pytest

import morelike
from morelike.errors import ListError, SettingError, VocabularyError
from morelike.evaluation.classification import area, threshold_at
from morelike.evaluation.label_calibration import LabelCalibration
from morelike.runs.plan import make_plan
from morelike.text.corpus import Corpus
from morelike.workflows.classifying import fit

from ..training.runs import pronounceable

GOOD = pronounceable(150)
_RNG = np.random.default_rng(0)
BAD = ["".join(_RNG.choice([*"abdeinorst7"], _RNG.integers(2, 9))) for _ in range(200)]
SHARED = ["bad", "dab", "7a7"]


@pytest.fixture(scope="module")
def lists():
    return [*GOOD, *SHARED], [*BAD, *SHARED, *BAD[:40]]


@pytest.fixture(scope="module")
def classifier(lists):
    return morelike.classify(*lists, order=3, fpr=0.1)


def held_out(lists, part):
    """Return the words of a part of both lists that no train part and not both lists hold."""
    parts = [morelike.split(words) for words in lists]
    known = {*parts[0].train, *parts[1].train} | ({*lists[0]} & {*lists[1]})
    return [[word for word in getattr(each, part) if word not in known] for each in parts]


def test_the_log_ratio_is_the_difference_of_the_models_log_probabilities(classifier):
    words = ["tad", "777", "x?"]
    found = classifier.log_ratio(words)
    by_hand = [m.log_probability(words, unknown="reserve") for m in (classifier.good, classifier.bad)]
    np.testing.assert_array_equal(found, by_hand[0] - by_hand[1])


def test_each_model_learns_from_the_train_part_of_its_list_over_the_characters_of_both(classifier, lists):
    characters = "".join(sorted({*"".join(lists[0] + lists[1])}))
    for model, words in zip((classifier.good, classifier.bad), lists, strict=True):
        assert "".join(model.vocabulary.characters) == characters
        assert all(model.known.split_of(word) == "train" for word in morelike.split(words).train)
    alone = morelike.train(lists[0], kind="ngram", order=3)
    np.testing.assert_array_equal(classifier.good.known.train, alone.known.train)


def test_threshold_and_calibration_are_chosen_on_dev_alone(classifier, lists):
    good, bad = (classifier.log_ratio(words) for words in held_out(lists, "dev"))
    assert classifier.threshold == threshold_at(bad, 0.1)
    labels = np.arange(len(good) + len(bad)) < len(good)
    lengths = np.array([len(word) + 1 for words in held_out(lists, "dev") for word in words])
    assert classifier.calibration == LabelCalibration.fit(np.concatenate([good, bad]), lengths, labels)


def test_figures_come_from_test_alone(classifier, lists):
    good, bad = (classifier.log_ratio(words) for words in held_out(lists, "test"))
    assert classifier.auc == classifier.judged.auc == area(good, bad)
    assert classifier.judged.true_positive_rate == (good > classifier.threshold).mean()
    assert classifier.judged.false_positive_rate == (bad > classifier.threshold).mean()
    assert (classifier.judged.good, classifier.judged.bad) == (len(good), len(bad))
    assert classifier.auc > 0.7


def test_what_is_left_out_is_counted_and_told(classifier, lists):
    parts = [morelike.split(words) for words in lists]
    all_held = sum(len(part) for each in parts for part in (each.dev, each.test))
    kept = sum(len(words) for part in ("dev", "test") for words in held_out(lists, part))
    assert classifier.facts["in_both"] == len({*lists[0]} & {*lists[1]}) >= 3
    assert classifier.facts["left_out"] == all_held - kept > 0
    assert "are left out of dev and test" in classifier.facts["notes"][0]


def test_words_of_both_lists_are_left_out_where_no_train_part_holds_them(lists):
    shared = morelike.split(lists[1], "hash").test[:5]  # by this rule a word is in the same part of every list
    good = [*lists[0], *shared]
    found = morelike.classify(good, lists[1], order=2, split="hash")
    for words, told in ((good, found.facts["good"]), (lists[1], found.facts["bad"])):
        kept = [word for word in morelike.split(words, "hash").test if word not in {*good} & {*lists[1]}]
        assert told["test"] == len(kept)


def test_lists_without_a_common_word_leave_nothing_out():
    found = morelike.classify([f"a{i}" for i in range(100)], [f"b{i}" for i in range(100)], order=2)
    assert (found.facts["in_both"], found.facts["left_out"]) == (0, 0)
    assert not [note for note in found.facts["notes"] if "left out" in note]
    assert found.auc == 1
    assert found.judged.auc_interval[0] < 0.8


def test_predictions_are_what_is_above_the_threshold_and_probabilities_rise_with_the_ratio(classifier):
    words = [*GOOD[:30], *BAD[:30]]
    ratios = classifier.log_ratio(words)
    for threshold in (classifier.threshold, *np.quantile(ratios, [0.2, 0.8])):
        found = replace(classifier, threshold=float(threshold)).predict(words)
        np.testing.assert_array_equal(found, ratios > threshold)
    p = classifier.probability(words)
    assert ((p > 0) & (p < 1)).all()
    assert np.all(np.diff(p[np.argsort(ratios)]) >= 0)


def test_a_higher_rate_lets_more_through(lists, classifier):
    loose = morelike.classify(*lists, order=3, fpr=0.3)
    assert loose.threshold < classifier.threshold
    assert loose.judged.true_positive_rate >= classifier.judged.true_positive_rate
    assert loose.auc == classifier.auc


def test_a_rate_finer_than_dev_is_told(lists):
    found = morelike.classify(*lists, order=2, fpr=0.001)
    says = "too few for a rate of 0.001: the threshold is set so that none of them is classified as good"
    assert any(says in note for note in found.facts["notes"])


def test_the_calibration_may_go_by_length_too(lists, classifier):
    found = morelike.classify(*lists, order=3, features="length")
    assert len(found.calibration.weights) == 4
    np.testing.assert_array_equal(found.log_ratio(BAD), classifier.log_ratio(BAD))
    assert not np.allclose(found.probability(BAD), classifier.probability(BAD))


def test_a_regression_on_ngrams_decides_with_the_ratio(lists):
    found = morelike.classify(*lists, order=3, features="ngrams", fpr=0.1)
    assert len(found.calibration.weights) == 3
    dev, test = held_out(lists, "dev"), held_out(lists, "test")
    assert found.threshold == threshold_at(found.score(dev[1]), 0.1)
    assert found.auc == area(found.score(test[0]), found.score(test[1]))
    words = [*test[0], *test[1]]
    p = found.probability(words)
    order = np.argsort(found.score(words))
    assert np.all(np.diff(p[order]) >= -1e-12)
    assert found.predict(words).tolist() == (found.score(words) > found.threshold).tolist()
    with pytest.raises(SettingError, match="features = ngrams needs held-out words"):
        morelike.classify(["anna", "hanna"], ["101"], order=2, features="ngrams")


def test_ngrams_separate_letters_in_order_from_shuffled_ones_better_than_short_contexts_do():
    words = pronounceable(600)
    shuffled = ["".join(np.random.default_rng(i).permutation([*word])) for i, word in enumerate(words)]
    by = {features: morelike.classify(words, shuffled, order=1, features=features) for features in ("ratio", "ngrams")}
    assert by["ngrams"].auc > by["ratio"].auc + 0.1


def test_characters_of_neither_list_do_not_change_the_ratio(classifier):
    plain, odd = classifier.log_ratio(["tad", "t?a!d"])
    assert odd == pytest.approx(plain)
    with pytest.raises(VocabularyError, match=r"does not know the character '\?'"):
        classifier.log_ratio(["t?ad"], unknown="error")


def test_lists_too_small_to_hold_out_are_told_and_still_score():
    found = morelike.classify(["anna", "hanna"], ["101"], order=2)
    assert (found.threshold, found.auc, found.judged) == (0.0, None, None)
    assert found.calibration == LabelCalibration.none()
    assert found.predict(["ann", "10"]).tolist() == [True, False]
    assert any("no words are held out to choose a threshold on" in note for note in found.facts["notes"])


@pytest.mark.slow
def test_a_trained_kind_is_a_classifier_too(lists):
    events = []
    found = morelike.classify(*lists, "bigram", steps=30, seed=3, on_event=events.append)
    assert found.good.architecture.kind == "bigram"
    assert found.good.facts["steps"] == 30
    assert found.auc > 0.6
    assert events[-1].classifier is found


def test_what_makes_no_sense_is_refused(lists):
    with pytest.raises(SettingError, match=r"fpr = 1: the share of bad words"):
        morelike.classify(*lists, fpr=1.0)
    with pytest.raises(SettingError, match=r"'hidden'.*it is a setting of"):
        morelike.classify(*lists, hidden=3)
    with pytest.raises(ListError, match="the list is empty"):
        morelike.classify(lists[0], [])
    plan = make_plan(Corpus("words", GOOD), "ngram", settings={})
    text = replace(plan, corpus=Corpus("text", ["some text"], form="text"), split="contiguous")
    with pytest.raises(SettingError, match="a classifier takes two lists of words"):
        next(fit(plan, text))
