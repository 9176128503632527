"""The fit of a log-linear mixture's exponents: its derivatives, its minimum, and contexts that characters share."""

import numpy as np
import pytest

from morelike.ensembles.exponents import (
    Contexts,
    FittedExponents,
    derivatives,
    fit_exponents,
    moments,
    nonnegative_minimum,
)
from morelike.ensembles.log_linear import context_features, log_linear_mean

ALL_FEATURES = [(), ("position",), ("entropy",), ("position", "entropy")]


@pytest.fixture(scope="module")
def examples():
    """Two members' log-probabilities of 5 symbols at 200 characters in float64, targets, positions and weights."""
    rng = np.random.default_rng(0)
    log_p = [np.log(rng.dirichlet(np.full(5, 0.7), 200) + 1e-6) for _ in range(2)]
    log_p = [each - np.log(np.exp(each).sum(axis=1, keepdims=True)) for each in log_p]
    targets = np.array([rng.choice(5, p=np.exp(row) / np.exp(row).sum()) for row in 0.6 * log_p[0] + 0.5 * log_p[1]])
    return log_p, targets, rng.integers(0, 10, 200), rng.integers(1, 4, 200)


def contexts_of(log_p, targets, values, times):
    """Return the contexts of characters, each with a context of its own."""
    at = np.arange(len(targets))
    target_log_p = np.stack([each[at, targets] for each in log_p])
    return Contexts.of([each.T for each in log_p], values.astype(float), at, target_log_p, times)


def derivatives_at(exponents, contexts):
    return derivatives(FittedExponents(exponents, moments(exponents @ contexts.values.T, contexts.log_p)), contexts)


@pytest.mark.parametrize("features", ALL_FEATURES)
def test_the_gradient_and_the_hessian_are_finite_differences(examples, features):
    log_p, targets, positions, times = examples
    contexts = contexts_of(log_p, targets, context_features(features, log_p, positions), times)
    values, equal = contexts.values, contexts.equal
    at = np.random.default_rng(1).uniform(0, 1, equal.shape)
    loss, gradient, hessian = derivatives_at(at, contexts)
    p = np.exp(log_linear_mean(values @ at.T, log_p))
    ridge = ((at - equal) ** 2).sum() / 2 / len(targets)
    assert loss == pytest.approx(-(times @ np.log(p[np.arange(200), targets])) / times.sum() + ridge)
    step = 1e-5
    for i in range(at.size):
        away = step * (np.arange(at.size) == i).reshape(at.shape)
        up, down = (derivatives_at(at + sign * away, contexts) for sign in (1, -1))
        assert gradient[i] == pytest.approx((up[0] - down[0]) / 2 / step, abs=1e-8)
        np.testing.assert_allclose(hessian[i], (up[1] - down[1]) / 2 / step, atol=1e-8)


@pytest.mark.parametrize("features", ALL_FEATURES)
def test_the_fit_is_the_minimum_under_the_bounds(examples, features):
    log_p, targets, positions, times = examples
    contexts = contexts_of(log_p, targets, context_features(features, log_p, positions), times)
    found = fit_exponents(contexts).exponents
    gradient = derivatives_at(found, contexts).gradient.reshape(found.shape)
    assert (found >= 0).all()
    np.testing.assert_allclose(gradient[found > 0], 0, atol=1e-3)
    assert (gradient[found == 0] > -1e-3).all()


def test_the_minimum_of_a_quadratic_under_bounds_is_that_of_scipy():
    from scipy.optimize import nnls

    rng = np.random.default_rng(4)
    for size in (1, 2, 12, 24):
        for _ in range(20):
            a, b = rng.normal(size=(2 * size, size)), rng.normal(size=2 * size)
            start = np.maximum(rng.normal(size=size), 0)
            found = nonnegative_minimum(a.T @ a, -a.T @ b, start)
            np.testing.assert_allclose(found, nnls(a, b)[0], atol=1e-8)


def test_a_member_that_knows_nothing_gets_no_weight():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(4), 400)
    targets = np.array([rng.choice(4, p=row) for row in p])
    wrong = np.log(p[:, ::-1].copy())
    contexts = contexts_of([np.log(p), wrong], targets, np.ones((400, 1)), np.ones(400, dtype=int))
    found = fit_exponents(contexts).exponents
    assert found[0, 0] == pytest.approx(1, abs=0.2)
    assert found[1, 0] < 0.1


def test_a_context_that_several_characters_share_counts_as_often_as_they_do(examples):
    log_p, _, positions, _ = examples
    values = context_features(("entropy",), log_p, positions).astype(float)
    followed = np.random.default_rng(2).integers(0, 200, 500)
    targets, times = np.random.default_rng(3).integers(0, 5, 500), np.ones(500, dtype=int)
    apart = contexts_of([each[followed] for each in log_p], targets, values[followed], times)
    target_log_p = np.stack([each[followed, targets] for each in log_p])
    shared = Contexts.of([each.T for each in log_p], values, followed, target_log_p, times)
    at = shared.equal * 1.3
    for found, wanted in zip(derivatives_at(at, shared), derivatives_at(at, apart), strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-12)
