"""Shapes in signatures are checked while tests run: those of parameters, of results, and the one against the other."""

import numpy as np
import pytest
from jaxtyping import Float, TypeCheckError, jaxtyped

from morelike.training.loop import block_means

from .conftest import CHECKED_CALLS, checked_often, checked_once

Row = Float[np.ndarray, " n"]
WRONG = ["longer", "of two axes", "of integers", "none"]


@jaxtyped(typechecker=checked_once)
def given(one: Row, other: Row, result: object) -> Row:
    return result


def test_a_result_that_fits_passes():
    assert given(np.zeros(3), np.ones(3), np.ones(3)).sum() == 3


@pytest.mark.parametrize("result", [np.zeros(4), np.zeros((3, 3)), np.zeros(3, int), None], ids=WRONG)
def test_a_result_of_another_shape_than_the_parameters_is_refused(result):
    with pytest.raises(TypeCheckError, match="return value"):
        given(np.zeros(3), np.zeros(3), result)


@pytest.mark.parametrize("other", [np.zeros(4), np.zeros((3, 3)), np.zeros(3, int), None], ids=WRONG)
def test_parameters_that_do_not_fit_are_refused(other):
    with pytest.raises(TypeCheckError, match="parameters"):
        given(np.zeros(3), other, np.zeros(3))


def test_the_product_is_checked():
    with pytest.raises(TypeCheckError, match="parameters"):
        block_means.checked(np.zeros((2, 2)), np.ones(2, dtype=np.int64))


def test_a_function_that_is_called_often_is_checked_now_and_then():
    @checked_often(typechecker=checked_once)
    def total(row: Row) -> float:
        return float(row.sum())

    for _ in range(CHECKED_CALLS):
        total(np.zeros(2))
    refused = 0
    for _ in range(160):
        try:
            total(np.zeros((2, 2)))
        except TypeCheckError:
            refused += 1
    assert refused == 10
