"""Losses and descent: values and gradients against NumPy's arithmetic."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.autograd import SGD, Value, cross_entropy, hinge, softmax, squared_error

NUMBERS = st.floats(-50, 50)
ROWS = st.integers(2, 5).flatmap(
    lambda width: st.lists(
        st.tuples(st.lists(NUMBERS, min_size=width, max_size=width), st.integers(0, width - 1)), min_size=1, max_size=4
    )
)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=6))
def test_squared_error_and_its_gradient(pairs):
    predictions, targets = [Value(p) for p, _ in pairs], [t for _, t in pairs]
    loss = squared_error(predictions, targets)
    loss.backward()
    errors = np.array([p - t for p, t in pairs])
    assert loss.data == pytest.approx((errors**2).mean(), rel=1e-12, abs=1e-12)
    assert [p.grad for p in predictions] == pytest.approx(2 * errors / len(pairs), rel=1e-12, abs=1e-12)


@given(st.lists(st.tuples(NUMBERS, st.sampled_from([-1, 1])), min_size=1, max_size=6))
def test_hinge_and_its_gradient(pairs):
    scores, targets = [Value(s) for s, _ in pairs], [t for _, t in pairs]
    loss = hinge(scores, targets)
    loss.backward()
    margins = np.array([1 - s * t for s, t in pairs])
    assert loss.data == pytest.approx(np.maximum(margins, 0).mean(), rel=1e-12)
    assert [s.grad for s in scores] == pytest.approx(np.where(margins > 0, -np.array(targets), 0) / len(pairs))


@given(ROWS)
def test_cross_entropy_and_its_gradient(rows):
    logits, targets = [[Value(x) for x in row] for row, _ in rows], [target for _, target in rows]
    loss = cross_entropy(logits, targets)
    loss.backward()
    z = np.array([row for row, _ in rows])
    p = np.exp(z - z.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    chosen = np.arange(len(rows)), targets
    shifted = z - z.max(1, keepdims=True)
    assert loss.data == pytest.approx((np.log(np.exp(shifted).sum(1)) - shifted[chosen]).mean(), rel=1e-10, abs=1e-10)
    p[chosen] -= 1
    assert np.array([[x.grad for x in row] for row in logits]) == pytest.approx(p / len(rows), rel=1e-9, abs=1e-12)


def test_softmax_and_cross_entropy_overflow_nowhere():
    assert [p.data for p in softmax([Value(1e6), Value(-1e6), Value(1e6)])] == [0.5, 0, 0.5]
    assert cross_entropy([[Value(-1e6), Value(1e6)]], [0]).data == 2e6


def test_the_gradients_of_a_softmax_are_its_jacobian():
    logits = [Value(x) for x in (0.5, -1.0, 2.0)]
    probabilities = softmax(logits)
    p = np.array([each.data for each in probabilities])
    probabilities[1].backward()
    assert [each.grad for each in logits] == pytest.approx(p[1] * (np.eye(3)[1] - p))


REFUSED = [
    (lambda: squared_error([Value(1.0)], [1.0, 2.0]), "1 predictions and 2 targets: give one target for each"),
    (lambda: squared_error([], []), "0 predictions and 0 targets"),
    (lambda: hinge([Value(1.0)], [0]), "0 is not a class of a hinge loss: give 1 or -1 for each example"),
    (lambda: cross_entropy([[Value(1.0)]], [1]), "class 1 among 1 logits: classes are counted from 0 to 0"),
    (lambda: cross_entropy([[Value(1.0), Value(2.0)]], [-1]), "class -1 among 2 logits"),
    (lambda: softmax([]), "a softmax needs at least one logit: give one"),
    (lambda: SGD([], 0.0), "learning_rate = 0.0: give a number above 0"),
    (lambda: SGD([], float("nan")), "learning_rate = nan"),
    (lambda: SGD([], 0.1, 1.0), "momentum = 1.0: give 0 for none, or a share below 1"),
]


@pytest.mark.parametrize(("compute", "says"), REFUSED)
def test_what_makes_no_loss_is_refused(compute, says):
    with pytest.raises(ValueError, match=says):
        compute()


def test_descent_follows_its_formula():
    x = Value(1.0)
    descent = SGD([x], 0.1, momentum=0.5)
    x.grad = 2.0
    descent.step()
    assert x.data == 1 - 0.1 * 2
    descent.step()
    assert x.data == pytest.approx(0.8 - 0.1 * (0.5 * 2 + 2))
    descent.zero_grad()
    assert x.grad == 0
    descent.step()
    assert x.data == pytest.approx(0.5 - 0.1 * 1.5)
