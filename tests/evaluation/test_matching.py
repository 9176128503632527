"""Matched sets are the closest there are, and how well they match is told as it is."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from morelike.errors import SettingError
from morelike.evaluation import matching
from morelike.evaluation.matching import assign, balance, distances, match_sets, spread

COSTS = arrays.arrays(
    np.float64, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=st.integers(0, 20).map(float)
)


def least_total(cost, count):
    """Return the least total of all choices of `count` pairs: row by row, over all sets of columns taken so far."""
    least = {frozenset(): 0.0}
    for row in cost:
        with_row = dict(least)
        for taken, total in least.items():
            for j in range(len(row)):
                if j not in taken and len(taken) < count:
                    more = taken | {j}
                    with_row[more] = min(with_row.get(more, np.inf), total + row[j])
        least = with_row
    return min(total for taken, total in least.items() if len(taken) == count)


def check(cost, count):
    rows, columns = assign(cost, count)
    assert len(set(rows.tolist())) == len(set(columns.tolist())) == count
    assert cost[rows, columns].sum() == pytest.approx(least_total(cost, count))


@given(COSTS)
def test_pairs_are_the_cheapest_of_their_number(cost):
    for count in range(1, min(cost.shape) + 1):
        check(cost, count)


@pytest.mark.parametrize("seed", range(10))
def test_pairs_are_the_cheapest_where_it_takes_long_chains_to_find_them(seed):
    x, y = np.random.default_rng(seed).random((2, 8))
    check((x[:, None] - y[None, :]) ** 2, 8)
    check(np.random.default_rng(seed).random((8, 7)), 6)


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_pairs_are_the_cheapest_at_any_scale_and_with_many_ties(scale):
    cost = np.random.default_rng(0).integers(0, 4, (7, 9)) * scale
    for count in range(1, 8):
        check(cost, count)
        check(cost.T, count)


@pytest.mark.parametrize("seed", range(5))
def test_sets_have_the_least_sum_of_squared_distances(seed):
    first, second = np.random.default_rng(seed).random((2, 7, 2))
    scale = spread(np.concatenate([first, second]))
    found = match_sets([first, second], 6)
    assert (found.distances**2).sum() == pytest.approx(
        least_total(distances(first[:, None], second[None], scale) ** 2, 6)
    )


def test_many_pairs_are_no_dearer_than_swaps_could_make_them():
    rng = np.random.default_rng(0)
    cost = rng.random((60, 80))
    rows, columns = assign(cost, 40)
    free_rows, free_columns = np.setdiff1d(np.arange(60), rows), np.setdiff1d(np.arange(80), columns)
    own = cost[rows, columns]
    crossed = cost[np.ix_(rows, columns)]
    assert np.all(crossed + crossed.T >= own[:, None] + own[None, :] - 1e-9)
    assert np.all(cost[np.ix_(rows, free_columns)] >= own[:, None] - 1e-9)
    assert np.all(cost[np.ix_(free_rows, columns)] >= own[None, :] - 1e-9)


def test_the_same_words_give_the_same_sets():
    lists = [np.random.default_rng(seed).integers(0, 3, (30, 2)).astype(float) for seed in (0, 1)]
    assert np.array_equal(match_sets(lists, 20).sets, match_sets(lists, 20).sets)


def test_no_word_is_in_two_sets_and_the_closest_come_first():
    rng = np.random.default_rng(1)
    found = match_sets([rng.random((12, 3)), rng.random((15, 3)), rng.random((9, 3))], 8)
    assert found.sets.shape == (8, 3)
    for column in found.sets.T:
        assert len(set(column.tolist())) == 8
    assert np.all(np.diff(found.distances) >= 0)


def test_words_that_have_a_twin_in_every_list_are_matched_to_it():
    rng = np.random.default_rng(2)
    twins = rng.random((6, 3))
    lists = [np.concatenate([twins[rng.permutation(6)], 5 + i + rng.random((4, 3))]) for i in range(3)]
    found = match_sets(lists, 6)
    assert found.distances.tolist() == pytest.approx([0] * 6)
    for row in found.sets:
        assert np.allclose(lists[0][row[0]], lists[1][row[1]])
        assert np.allclose(lists[0][row[0]], lists[2][row[2]])


def test_the_distance_of_a_set_is_the_largest_between_its_words():
    found = match_sets([np.array([[0.0]]), np.array([[1.0]]), np.array([[5.0]])], 1)
    assert found.distances[0] == pytest.approx(5 / np.std([0, 1, 5]))


def test_distances_weigh_columns_by_their_spread_and_leave_out_what_does_not_vary():
    values = np.array([[1.0, 100.0, 7.0], [3.0, 500.0, 7.0]])
    scale = spread(values)
    assert scale.tolist() == [1, 200, np.inf]
    assert distances(values[0], values[1], scale) == pytest.approx(2)
    assert distances(values[:, None], values[None], scale).tolist() == [[0, 2], [2, 0]]


def test_balance_tells_means_sds_and_cohens_d():
    (first,), (second,) = balance([np.array([[1.0], [2.0], [3.0]]), np.array([[2.0], [4.0], [6.0], [8.0]])])
    assert (first.mean, first.sd, first.d) == (2, 1, 0)
    pooled = ((2 * 1 + 3 * 20 / 3) / 5) ** 0.5
    assert (second.mean, second.sd, second.d) == (5, pytest.approx((20 / 3) ** 0.5), pytest.approx(3 / pooled))


def test_balance_of_what_does_not_vary_is_zero_or_infinite():
    same, other = balance([np.array([[4.0], [4.0]]), np.array([[4.0], [4.0]])]), [np.array([[5.0], [5.0]])]
    assert same[1][0].d == 0
    assert balance([np.array([[4.0], [4.0]]), *other])[1][0].d == np.inf
    alone = balance([np.array([[4.0]]), np.array([[5.0]])])[1][0]
    assert np.isnan(alone.sd)
    assert np.isnan(alone.d)


def test_the_paired_test_finds_a_small_difference_that_nearly_all_sets_share():
    rng = np.random.default_rng(0)
    first = rng.normal(5, 1, (30, 1))
    second = first + 0.15 + rng.normal(0, 0.2, (30, 1))
    (after,) = balance([first, second], paired=True)[1]
    (before,) = balance([first, second])[1]
    difference = (second - first)[:, 0]
    t = difference.mean() / (difference.std(ddof=1) / 30**0.5)
    assert 0 < after.d == before.d < 0.3
    assert after.p == pytest.approx(2 * scipy.stats.t.sf(abs(t), 29))
    assert after.p < 0.01 < 0.3 < before.p


def test_p_is_one_for_equal_numbers_and_nan_for_one_word():
    same = np.array([[4.0], [4.0]])
    assert [row[0].p for row in balance([same, same], paired=True)] == [1, 1]
    assert balance([same, same + 1], paired=True)[1][0].p == 0
    assert balance([same, np.array([[4.0], [4.0], [4.0]])])[1][0].p == 1
    assert np.isnan(balance([same[:1], same[:1] + 1], paired=True)[1][0].p)


@pytest.mark.parametrize("count", [0, -1, 4])
def test_more_sets_than_a_list_has_words_are_refused(count):
    with pytest.raises(SettingError, match=f"count = {count}: the lists have 5 and 3 words; ask for 1 to 3 sets"):
        match_sets([np.zeros((5, 2)), np.zeros((3, 2))], count)


def test_one_list_alone_and_lists_too_long_are_refused(monkeypatch):
    with pytest.raises(SettingError, match="matching takes two lists or more"):
        match_sets([np.zeros((5, 2))], 1)
    monkeypatch.setattr(matching, "MAX_PAIRS", 14)
    with pytest.raises(SettingError, match="5 and 3 words are 15 pairs, more than the 14 that can be compared"):
        match_sets([np.zeros((5, 2)), np.zeros((3, 2))], 1)
