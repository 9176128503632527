"""Scores of two classes: the ROC area, its interval, thresholds, probabilities and how far these can be trusted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.evaluation.classification import Judgement, area, area_interval, judge, threshold_at

from .test_label_calibration import sample

SCORES = st.lists(st.integers(-5, 5), min_size=2, max_size=30).map(lambda values: np.array(values, dtype=float))


def wins(good, bad):
    """Return 1 for each pair in order, 1/2 for a tie, 0 else: [good, bad]."""
    return (good[:, None] > bad) + 0.5 * (good[:, None] == bad)


@given(SCORES, SCORES)
def test_the_area_is_the_share_of_pairs_in_order_ties_counted_half(good, bad):
    assert area(good, bad) == pytest.approx(wins(good, bad).mean())
    assert area(good, bad) == pytest.approx(1 - area(bad, good))


@given(SCORES, SCORES)
def test_the_interval_has_the_variance_of_delongs_placements_and_holds_the_area(good, bad):
    a, (low, high) = area(good, bad), area_interval(good, bad)
    assert 0 <= low <= a + 1e-12
    assert a <= high + 1e-12
    assert high <= 1
    if not 0 < a < 1:
        return
    pairs = wins(good, bad)
    variance = pairs.mean(axis=1).var(ddof=1) / len(good) + pairs.mean(axis=0).var(ddof=1) / len(bad)
    reach = (np.log(high / (1 - high)) - np.log(low / (1 - low))) / 2 if 0 < low < high < 1 else 0
    if low > 1e-9 and high < 1 - 1e-9:
        assert reach == pytest.approx(1.959964 * variance**0.5 / (a * (1 - a)), rel=1e-5)


def test_the_interval_covers_the_true_area_in_about_95_of_100_samples():
    rng, covered = np.random.default_rng(0), 0
    true = 0.8556  # P(x + 1.5 > y) for standard normal x and y
    for _ in range(2000):
        low, high = area_interval(rng.standard_normal(40) + 1.5, rng.standard_normal(60))
        covered += low <= true <= high
    assert 0.935 < covered / 2000 < 0.965  # three standard errors


@pytest.mark.parametrize("gap", [10.0, -10.0])
def test_perfect_order_is_no_certainty(gap):
    low, high = area_interval(np.arange(5.0) + gap, np.arange(8.0))
    assert high - low == pytest.approx(0.434, abs=0.01)  # Wilson's, of 5 trials


@given(SCORES, st.floats(0, 0.99))
def test_a_threshold_lets_through_at_most_the_rate_and_no_lower_score_does(bad, fpr):
    threshold = threshold_at(bad, fpr)
    assert (bad > threshold).mean() <= fpr + 1e-9
    lower = bad[bad < threshold]
    if len(lower):
        assert (bad > lower.max()).mean() > fpr


def test_a_judgement_counts_what_is_above_the_threshold():
    found = judge(np.array([3.0, 2.0, 1.0]), np.array([2.5, 1.0]), 1.0, np.array([0.9, 0.9, 0.1, 0.9, 0.1]))
    assert (found.true_positive_rate, found.false_positive_rate) == (2 / 3, 1 / 2)
    assert (found.good, found.bad) == (3, 2)
    assert found.auc == area(np.array([3.0, 2.0, 1.0]), np.array([2.5, 1.0]))
    # two bins: three words said 0.9 of which two are good, two said 0.1 of which one is
    assert found.calibration_error == pytest.approx((abs(2.7 - 2) + abs(0.2 - 1)) / 5)
    low, high = found.true_positive_interval
    assert 0 < low < 2 / 3 < high < 1


def test_a_true_calibration_is_within_chance_and_a_false_one_is_not():
    rng = np.random.default_rng(3)
    within = 0
    for _ in range(12):
        ratios, good = sample(500, (0.0, 1.0), rng)
        said = 1 / (1 + np.exp(-np.concatenate([ratios[good], ratios[~good]])))
        honest = judge(ratios[good], ratios[~good], 0.0, said)
        within += honest.calibration_error <= honest.calibration_chance
        bold = judge(ratios[good], ratios[~good], 0.0, 1 / (1 + (1 / said - 1) ** 3))
        assert bold.calibration_error > bold.calibration_chance
    assert within >= 9


def test_a_judgement_comes_back_from_its_figures():
    found = judge(np.array([3.0, 2.0]), np.array([2.5, 1.0]), 1.0, np.array([0.9, 0.9, 0.9, 0.1]))
    assert Judgement.of(found.as_dict()) == found
    with pytest.raises(TypeError):
        Judgement.of({**found.as_dict(), "auc": "1"})
    with pytest.raises(TypeError):
        Judgement.of({})
