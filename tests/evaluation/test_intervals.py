"""How sure a loss is: the bootstrap's intervals, and paired comparisons."""

import math

import numpy as np
import pytest

from morelike.evaluation import intervals
from morelike.evaluation.intervals import compare, ratio_interval


def drawn_list(rng, lines=200):
    """Return losses and lengths of lines whose true loss per character is 2."""
    lengths = rng.integers(3, 12, lines)
    return lengths * 2.0 + rng.normal(0, 1.5, lines) * np.sqrt(lengths), lengths


def standard_error(losses, lengths):
    """Return the standard error of the ratio by the delta method (Cochran 1977)."""
    ratio = losses.sum() / lengths.sum()
    return (losses - ratio * lengths).std(ddof=1) / (lengths.mean() * math.sqrt(len(losses)))


def test_the_interval_covers_the_true_loss_about_95_times_in_100(monkeypatch):
    monkeypatch.setattr(intervals, "REPLICATES", 200)
    rng = np.random.default_rng(0)
    covered = 0
    for i in range(300):
        low, high = ratio_interval(*drawn_list(rng), seed=i)
        covered += low <= 2.0 <= high
    assert 0.90 <= covered / 300 <= 0.985


def test_the_interval_is_as_wide_as_the_delta_method_says():
    losses, lengths = drawn_list(np.random.default_rng(1), 3000)
    low, high = ratio_interval(losses, lengths)
    assert high - low == pytest.approx(2 * 1.96 * standard_error(losses, lengths), rel=0.1)


def test_the_interval_holds_the_loss_itself():
    losses, lengths = drawn_list(np.random.default_rng(2))
    low, high = ratio_interval(losses, lengths)
    assert low < losses.sum() / lengths.sum() < high


def test_the_same_seed_gives_the_same_interval_and_another_seed_another():
    lines = drawn_list(np.random.default_rng(3))
    assert ratio_interval(*lines, seed=1) == ratio_interval(*lines, seed=1)
    assert ratio_interval(*lines, seed=1) != ratio_interval(*lines, seed=2)


def test_one_line_has_an_interval_of_no_width():
    assert ratio_interval(np.array([6.0]), np.array([3])) == (2.0, 2.0)


def test_lines_in_groups_have_nearly_the_interval_of_single_lines(monkeypatch):
    lines = drawn_list(np.random.default_rng(4), 12_345)
    grouped = ratio_interval(*lines)
    monkeypatch.setattr(intervals, "MAX_UNITS", 20_000)
    single = ratio_interval(*lines)
    assert np.subtract(*grouped) == pytest.approx(np.subtract(*single), rel=0.12)
    assert grouped == pytest.approx(single, abs=0.1 * (single[1] - single[0]))


def test_grouping_does_not_follow_the_order_of_the_lines(monkeypatch):
    monkeypatch.setattr(intervals, "MAX_UNITS", 500)
    losses, lengths = drawn_list(np.random.default_rng(5), 5_000)
    order = np.argsort(losses / lengths)
    width = 2 * 1.96 * standard_error(losses, lengths)
    low, high = ratio_interval(losses[order], lengths[order])
    assert high - low == pytest.approx(width, rel=0.15)


def two_models(better=0.05):
    """Return the losses of two models on the same words: what is hard for one is hard for the other."""
    rng = np.random.default_rng(6)
    losses, lengths = drawn_list(rng, 1000)
    return losses, losses + better * lengths + rng.normal(0, 0.2, 1000), lengths


def test_a_comparison_is_the_first_minus_the_second_per_character():
    first, second, lengths = two_models()
    found = compare(first, second, lengths)
    assert found.difference == pytest.approx((first.sum() - second.sum()) / lengths.sum())
    assert found.difference < 0
    assert found.interval[0] < found.difference < found.interval[1]
    assert found.lines == 1000


def test_pairing_takes_out_what_is_hard_for_both():
    first, second, lengths = two_models()
    found = compare(first, second, lengths)
    assert found.standard_error == pytest.approx(standard_error(first - second, lengths), rel=0.1)
    assert found.standard_error < standard_error(first, lengths) / 3


def test_a_clear_difference_is_decided_and_none_is_not():
    first, second, lengths = two_models()
    assert compare(first, second, lengths).decided
    assert not compare(first, first, lengths).decided
    noise = np.random.default_rng(7).normal(0, 1, len(first))
    assert not compare(first, first + noise - noise.mean(), lengths).decided


def test_swapping_the_models_turns_the_sign():
    first, second, lengths = two_models()
    one, other = compare(first, second, lengths), compare(second, first, lengths)
    assert one.difference == -other.difference
    assert one.interval == pytest.approx((-other.interval[1], -other.interval[0]))
