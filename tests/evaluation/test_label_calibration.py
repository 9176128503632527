"""Calibrated probabilities of classes: weights of a logistic regression, and a curve where it is better."""

import numpy as np
import pytest

from morelike.errors import SettingError
from morelike.evaluation.label_calibration import Curve, LabelCalibration


def sample(n, weights, rng):
    ratios = rng.normal(0, 3, n)
    return ratios, rng.random(n) < 1 / (1 + np.exp(-weights[0] - weights[1] * ratios))


def test_a_calibration_finds_the_weights_that_made_the_labels():
    ratios, good = sample(20_000, (0.5, 0.7), np.random.default_rng(1))
    found = LabelCalibration.fit(ratios, np.full(len(ratios), 5), good)
    assert found.weights == pytest.approx((0.5, 0.7), abs=0.06)


@pytest.mark.parametrize("features", ["ratio", "length"])
def test_a_calibration_is_where_the_cross_entropy_with_platts_targets_is_flat(features):
    rng = np.random.default_rng(2)
    ratios, good = sample(300, (1.0, 0.5), rng)
    lengths = rng.integers(3, 12, 300)
    found = LabelCalibration.fit(ratios, lengths, good, features)
    p = found.probability(ratios, lengths)
    targets = np.where(good, (good.sum() + 1) / (good.sum() + 2), 1 / ((~good).sum() + 2))
    columns = [np.ones(300), ratios] + ([ratios / lengths, lengths] if features == "length" else [])
    for column in columns:
        assert abs(np.mean((p - targets) * column)) < 1e-6


@pytest.mark.parametrize("features", ["ratio", "length"])
def test_classes_without_overlap_and_features_without_spread_have_finite_weights(features):
    ratios = np.array([-3.0, -2.0, 5.0, 6.0])
    good = ratios > 0
    found = LabelCalibration.fit(ratios, np.full(4, 7), good, features)
    assert np.isfinite(found.weights).all()
    assert (found.probability(ratios, np.full(4, 7)) > 0.5).tolist() == good.tolist()
    same = LabelCalibration.fit(np.zeros(4), np.full(4, 7), np.array([True, True, True, False]), features)
    assert same.probability(np.zeros(1), np.array([7]))[0] == pytest.approx((3 * 4 / 5 + 1 / 3) / 4)


@pytest.mark.parametrize("prior", [0.001, 0.3, 0.9])
def test_a_prior_scales_the_odds_by_bayes_rule(prior):
    ratios, good = sample(500, (0.0, 1.0), np.random.default_rng(4))
    found, lengths = LabelCalibration.fit(ratios, np.full(500, 5), good), np.full(500, 5)
    assert found.share == good.mean()
    p, moved = found.probability(ratios, lengths), found.probability(ratios, lengths, prior)
    scaled = (prior / (1 - prior)) / (good.mean() / (1 - good.mean()))
    np.testing.assert_allclose(moved / (1 - moved), scaled * p / (1 - p), rtol=1e-6)
    np.testing.assert_array_equal(p, found.probability(ratios, lengths, float(good.mean())))


@pytest.mark.parametrize("prior", [0.0, 1.0, -0.1, float("nan")])
def test_a_prior_is_a_share(prior):
    with pytest.raises(SettingError, match="the share of good words lies between 0 and 1"):
        LabelCalibration.none().probability(np.zeros(1), np.array([2]), prior)


def test_without_a_fit_the_probability_is_that_of_equal_classes():
    p = LabelCalibration.none().probability(np.array([0.0, np.log(3)]), np.array([2, 2]))
    np.testing.assert_allclose(p, [0.5, 0.75])


def bent(n, rng):
    """Return scores and labels whose probability is no logistic function of the score."""
    scores = rng.uniform(-6, 6, n)
    p = np.where(scores < 0, 0.1, 0.6) + np.where(scores > 4, 0.35, 0.0)
    return scores, rng.random(n) < p, p


def test_a_curve_corrects_what_a_logistic_regression_cannot():
    rng = np.random.default_rng(5)
    scores, good, _ = bent(3000, rng)
    new, _, p = bent(3000, rng)
    found, lengths = LabelCalibration.fit(scores, np.full(3000, 5), good), np.full(3000, 5)
    logistic = LabelCalibration(found.features, found.weights, found.share)
    error, without = (np.abs(each.probability(new, lengths) - p).mean() for each in (found, logistic))
    assert found.curve is not None
    assert error < 0.03 < 0.08 < without


def test_a_logistic_relation_and_few_words_get_no_curve():
    for seed, words in [(1, 3000), (2, 3000), (3, 60)]:
        ratios, good = sample(words, (0.5, 0.7), np.random.default_rng(seed))
        assert LabelCalibration.fit(ratios, np.full(words, 5), good).curve is None


def test_a_curve_rises_and_never_says_impossible_or_certain():
    rng = np.random.default_rng(6)
    scores, good, _ = bent(500, rng)
    curve = Curve.fit(scores, good)
    p = curve.probability(np.linspace(-20, 20, 1000))
    assert np.all(np.diff(p) >= 0)
    assert 0 < p.min() < p.max() < 1
    assert np.all(np.diff(curve.log_odds) > 0)


def test_a_prior_scales_the_odds_of_a_curve_too():
    scores, good, _ = bent(1000, np.random.default_rng(7))
    found, lengths = LabelCalibration.fit(scores, np.full(1000, 5), good), np.full(1000, 5)
    assert found.curve is not None
    p, moved = found.probability(scores, lengths), found.probability(scores, lengths, 0.01)
    scaled = (0.01 / 0.99) / (good.mean() / (1 - good.mean()))
    np.testing.assert_allclose(moved / (1 - moved), scaled * p / (1 - p), rtol=1e-6)
