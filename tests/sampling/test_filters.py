"""What shapes a choice: each filter against its plain definition, and the choice against the distribution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from morelike.arrays import softmax
from morelike.errors import SettingError
from morelike.sampling.filters import SamplingConfig, apply_filters, min_p, sample_tokens, top_k, top_p

from ..language_model.small_models import chi_square_is_likely

LOGITS = arrays(
    np.float64,
    st.tuples(st.integers(1, 4), st.integers(1, 12)),
    elements=st.one_of(st.sampled_from([0.0, 1.0, -1.0, 1e4, -1e4]), st.floats(-30, 30)),
)
SHARES = st.one_of(st.sampled_from([1e-9, 0.25, 0.5, 1.0]), st.floats(0.01, 1))
ROUNDING = 1e-12


def best_first(row):
    """Return the ids from the most probable on; of equal ones the lower comes first."""
    return sorted(range(len(row)), key=lambda i: (-row[i], i))


def kept(row):
    return {i for i, logit in enumerate(row) if logit > -np.inf}


@given(LOGITS, st.integers(1, 15))
def test_top_k_keeps_the_k_highest_and_of_equal_ones_the_first(logits, k):
    for before, after in zip(logits, top_k(logits, k), strict=True):
        assert kept(after) == set(best_first(before)[:k])
        assert all(after[i] == before[i] for i in kept(after))


@given(LOGITS, SHARES)
def test_top_p_keeps_the_fewest_that_hold_the_share(logits, share):
    for before, after in zip(logits, top_p(logits, share), strict=True):
        p, order = softmax(before), best_first(before)
        left = kept(after)
        assert left == set(order[: len(left)])
        assert p[list(left)].sum() >= share - ROUNDING
        assert sum(p[i] for i in order[: len(left) - 1]) < share + ROUNDING
        assert all(after[i] == before[i] for i in left)


@given(LOGITS, st.one_of(st.just(0.0), SHARES))
def test_min_p_keeps_what_has_that_share_of_the_most_probable(logits, share):
    for before, after in zip(logits, min_p(logits, share), strict=True):
        p = softmax(before)
        for i in range(len(before)):
            if p[i] > share * p.max() * (1 + 1e-9):
                assert after[i] == before[i]
            elif p[i] < share * p.max() * (1 - 1e-9):
                assert after[i] == -np.inf


def test_shares_that_are_met_exactly_take_no_more_than_they_need():
    halves = np.log2([[0.5, 0.25, 0.125, 0.125]]) * np.log(2)
    assert kept(top_p(halves, 0.5)[0]) == {0}
    assert kept(top_p(halves, 0.51)[0]) == {0, 1}
    assert kept(min_p(halves, 0.5)[0]) == {0, 1}
    assert kept(min_p(halves, 0.51)[0]) == {0}
    assert kept(top_p(np.zeros((1, 4)), 0.5)[0]) == {0, 1}


@given(LOGITS, SHARES)
def test_no_filter_leaves_nothing(logits, share):
    for after in (top_k(logits, 1), top_p(logits, share), min_p(logits, share)):
        assert np.all(after.max(axis=-1) == logits.max(axis=-1))


@given(LOGITS)
def test_the_defaults_leave_the_logits_as_they_are(logits):
    np.testing.assert_array_equal(apply_filters(logits, SamplingConfig()), logits)


@given(LOGITS, st.floats(0.05, 10), st.integers(1, 5), SHARES, SHARES)
def test_shape_is_temperature_then_top_k_then_top_p_then_min_p(logits, temperature, k, p, share):
    config = SamplingConfig(temperature=temperature, top_k=k, top_p=p, min_p=share)
    expected = min_p(top_p(top_k(logits / temperature, k), p), share)
    np.testing.assert_array_equal(apply_filters(logits, config), expected)


def test_the_order_of_the_filters_matters_and_is_the_documented_one():
    logits = np.log([[0.4, 0.3, 0.2, 0.1]])
    assert kept(apply_filters(logits, SamplingConfig(top_k=2, top_p=0.5))[0]) == {0}  # 0.4 / 0.7 alone holds a half
    assert kept(apply_filters(logits, SamplingConfig(top_p=0.5))[0]) == {0, 1}
    assert kept(apply_filters(logits, SamplingConfig(temperature=0.1, top_p=0.9))[0]) == {0}


@given(LOGITS)
def test_temperature_zero_takes_the_most_probable_and_of_equal_ones_the_first(logits):
    chosen = sample_tokens(apply_filters(logits, SamplingConfig(temperature=0)), np.random.default_rng(0))
    assert chosen.tolist() == [best_first(row)[0] for row in logits]


@given(LOGITS, st.sampled_from([1e-3, 1e-12, 1e-300, 5e-324]))
def test_the_lowest_temperatures_give_numbers_and_no_warning(logits, temperature):
    chosen = sample_tokens(apply_filters(logits, SamplingConfig(temperature=temperature)), np.random.default_rng(0))
    assert all(0 <= i < logits.shape[1] for i in chosen)
    assert all(row[i] >= row.max() - 1e-2 for row, i in zip(logits, chosen, strict=True))


@given(LOGITS, st.floats(0.1, 5), st.integers(0, 2**32 - 1))
def test_what_is_left_out_is_never_chosen(logits, temperature, seed):
    shaped = apply_filters(logits, SamplingConfig(temperature=temperature, top_p=0.7))
    chosen = sample_tokens(shaped, np.random.default_rng(seed))
    assert all(row[i] > -np.inf for row, i in zip(shaped, chosen, strict=True))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_choices_follow_the_distribution(temperature):
    p = np.array([0.02, 0.3, 0.0, 0.08, 0.5, 0.1])
    with np.errstate(divide="ignore"):
        logits = np.broadcast_to(np.log(p), (50_000, 6))
    chosen = sample_tokens(apply_filters(logits, SamplingConfig(temperature=temperature)), np.random.default_rng(0))
    counts = np.bincount(chosen, minlength=6)
    wanted = p ** (1 / temperature) / np.sum(p ** (1 / temperature))
    assert counts[2] == 0
    assert chi_square_is_likely(counts[p > 0], wanted[p > 0])


def test_several_draws_from_one_row_are_as_many_rows_alike():
    logits = np.log([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])
    row = np.array([1, 0, 0, 1, 1])
    shared = sample_tokens(logits, np.random.default_rng(0), row)
    assert shared.tolist() == sample_tokens(logits[row], np.random.default_rng(0)).tolist()


def test_each_row_has_its_own_draw():
    logits = np.zeros((1000, 2))
    chosen = sample_tokens(logits, np.random.default_rng(0))
    assert 400 < chosen.sum() < 600


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("temperature", -0.1),
        ("temperature", float("nan")),
        ("temperature", float("inf")),
        ("top_k", 0),
        ("top_p", 0.0),
        ("top_p", 1.1),
        ("min_p", -0.1),
        ("min_p", 1.1),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_with_its_name(setting, value):
    with pytest.raises(SettingError, match=f"{setting} = {value}"):
        SamplingConfig.of(**{setting: value})


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_least_share_that_there_is_leaves_the_most_probable(kind):
    assert np.isfinite(top_p(np.array([[1.0, 3.0, 2.0]], dtype=kind), 5e-324)).tolist() == [[False, True, False]]
