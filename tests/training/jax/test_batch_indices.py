"""The examples of a step are a pure function of the seed and the step, however the steps are divided into calls."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.training.jax.batch_indices import draw_with_replacement, draw_without_replacement

from ...language_model.small_models import chi_square_is_likely

BOTH = pytest.mark.parametrize("rule", [draw_with_replacement, draw_without_replacement])
SEEDS = st.integers(0, 2**32 - 1)


@BOTH
@given(
    examples=st.integers(1, 50),
    batch=st.integers(1, 9),
    seed=SEEDS,
    first=st.integers(0, 200),
    cuts=st.lists(st.integers(1, 9), min_size=1, max_size=6),
)
def test_any_cut_of_the_steps_gives_the_same_examples(rule, examples, batch, seed, first, cuts):
    starts = itertools.accumulate(cuts[:-1], initial=first)
    pieces = [rule(examples, batch, seed, step, steps) for step, steps in zip(starts, cuts, strict=True)]
    whole = rule(examples, batch, seed, first, sum(cuts))
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
    assert whole.shape == (sum(cuts), batch)
    assert 0 <= whole.min() <= whole.max() < examples


@BOTH
def test_another_seed_gives_other_examples_and_so_does_another_step(rule):
    first = rule(1000, 32, 0, 0, 4)
    assert not np.array_equal(first, rule(1000, 32, 1, 0, 4))
    assert not np.array_equal(first, rule(1000, 32, 0, 4, 4))


@BOTH
def test_late_steps_cost_no_more_than_early_ones(rule):
    assert rule(100, 32, 0, 10**7, 2).shape == (2, 32)


@pytest.mark.parametrize("examples", [2, 7, 64])
def test_draws_with_replacement_are_uniform(examples):
    counts = np.bincount(draw_with_replacement(examples, 33, 5, 0, 2000).ravel(), minlength=examples)
    assert chi_square_is_likely(counts, np.full(examples, 1 / examples))


def test_draws_in_a_row_are_independent():
    pairs = draw_with_replacement(5, 2, 1, 0, 20_000)
    counts = np.bincount(pairs[:, 0] * 5 + pairs[:, 1], minlength=25)
    assert chi_square_is_likely(counts, np.full(25, 1 / 25))


@given(examples=st.integers(1, 40), batch=st.integers(1, 9), seed=SEEDS)
def test_without_replacement_each_example_comes_once_an_epoch(examples, batch, seed):
    flat = draw_without_replacement(examples, batch, seed, 0, -(-3 * examples // batch)).ravel()
    for epoch in range(3):
        assert sorted(flat[epoch * examples : (epoch + 1) * examples]) == [*range(examples)]


def test_each_epoch_has_an_order_of_its_own():
    orders = draw_without_replacement(100, 100, 0, 0, 3)
    assert len({tuple(order) for order in orders.tolist()}) == 3
