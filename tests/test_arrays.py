import math

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jaxtyping import TypeCheckError

from morelike.arrays import log_softmax, namespace, one_hot, sigmoid, softmax, take

LIBRARIES = pytest.mark.parametrize("xp", [np, jnp], ids=["numpy", "jax"])
NUMBERS = st.floats(-700, 700)
ROWS = st.lists(NUMBERS, min_size=1, max_size=8)


def test_shapes_in_annotations_are_checked_while_tests_run():
    with pytest.raises(TypeCheckError):
        take.checked(np.zeros((2, 2, 2)), np.array([0]))
    with pytest.raises(TypeCheckError):
        take.checked(np.zeros((2, 2)), np.array([0.0]))


@LIBRARIES
def test_an_array_names_its_own_library(xp):
    assert namespace(xp.zeros(2)) is xp


@given(NUMBERS)
def test_the_sigmoid_is_the_logistic_function(x):
    assert sigmoid(np.array(x)) == pytest.approx(1 / (1 + math.exp(-x)), rel=1e-12, abs=1e-15)


@given(ROWS)
def test_log_softmax_is_the_log_of_each_power_over_their_sum(row):
    largest = max(row)
    total = largest + math.log(sum(math.exp(x - largest) for x in row))
    assert log_softmax(np.array(row)) == pytest.approx([x - total for x in row], rel=1e-12, abs=1e-11)


@given(ROWS)
def test_softmax_is_exp_of_log_softmax_and_sums_to_1(row):
    probabilities = softmax(np.array(row))
    assert probabilities == pytest.approx(np.exp(log_softmax(np.array(row))), rel=1e-11, abs=1e-300)
    assert probabilities.sum() == pytest.approx(1, abs=1e-12)


@LIBRARIES
@pytest.mark.parametrize("function", [sigmoid, softmax, log_softmax])
def test_the_largest_numbers_of_float32_overflow_nowhere(xp, function):
    row = xp.array([-3e38, -1e4, 0.0, 1e4], dtype=xp.float32)
    result = function(row)
    assert result.dtype == xp.float32
    assert not np.isnan(np.asarray(result)).any()


@LIBRARIES
def test_each_row_of_a_batch_is_a_softmax_of_its_own(xp):
    logits = np.random.default_rng(0).standard_normal((2, 3, 4))
    rows = [[softmax(row) for row in block] for block in logits]
    np.testing.assert_allclose(softmax(xp.array(logits)), rows, atol=1e-6)


@LIBRARIES
@pytest.mark.parametrize("shape", [(3,), (2, 3), (0,)])
def test_a_look_up_equals_the_product_with_a_one_hot_matrix(xp, shape):
    rng = np.random.default_rng(0)
    table = xp.array(rng.standard_normal((5, 2)), dtype=xp.float32)
    index = xp.array(rng.integers(0, 5, shape))
    np.testing.assert_allclose(take(table, index), one_hot(index, 5) @ table, rtol=1e-6)


@LIBRARIES
def test_one_hot_rows_are_float32_of_the_same_library(xp):
    rows = one_hot(xp.array([[1, 0]]), 3)
    assert (namespace(rows), rows.dtype, rows.shape) == (xp, xp.float32, (1, 2, 3))
