"""Values: arithmetic, gradients, and what they refuse."""

import math
import operator
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.autograd import Value, draw, topological_order, trace

from .expressions import PAIRS, SAFE, Dual, programs, run

POINTS = st.tuples(*[st.floats(-3, 3)] * 3)
ARITHMETIC = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
FUNCTIONS = {
    "exp": (math.exp, math.exp),
    "log": (math.log, lambda x: 1 / x),
    "tanh": (math.tanh, lambda x: 1 / math.cosh(x) ** 2),
    "sigmoid": (lambda x: 1 / (1 + math.exp(-x)), lambda x: math.exp(-x) / (1 + math.exp(-x)) ** 2),
    "relu": (lambda x: max(x, 0.0), lambda x: float(x > 0)),
}


@pytest.mark.parametrize("operation", ARITHMETIC)
@pytest.mark.parametrize(("a", "b"), [(2.5, 3.0), (0.5, -2.0), (7.0, 0.25)])
def test_arithmetic_is_that_of_numbers_on_either_side(operation, a, b):
    expected = operation(a, b)
    assert operation(Value(a), Value(b)).data == expected
    assert operation(Value(a), b).data == expected
    assert operation(a, Value(b)).data == expected


@pytest.mark.parametrize("number", [3, True, np.float32(3), np.int64(3), Fraction(3)])
@pytest.mark.parametrize("operation", ARITHMETIC)
def test_every_kind_of_real_number_may_stand_on_either_side(operation, number):
    for result, expected in [
        (operation(number, Value(2.0)), operation(float(number), 2.0)),
        (operation(Value(2.0), number), operation(2.0, float(number))),
    ]:
        assert isinstance(result, Value)
        assert (result.data, type(result.data)) == (expected, float)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("x", [0.1, 0.7, 1.0, 4.0])
def test_functions_and_their_slopes(name, x):
    function, slope = FUNCTIONS[name]
    value = Value(x)
    result = getattr(value, name)()
    result.backward()
    assert result.data == pytest.approx(function(x), rel=1e-15)
    assert value.grad == pytest.approx(slope(x), rel=1e-12)


@given(programs(), POINTS)
def test_every_gradient_of_a_random_expression_is_that_of_dual_numbers(program, point):
    inputs = [Value(x) for x in point]
    result = run(program, inputs)
    result.backward()
    scale = max([1.0, abs(result.data), *(abs(each.grad) for each in inputs)])
    for i, each in enumerate(inputs):
        reference = run(program, [Dual(x, float(i == k)) for k, x in enumerate(point)])
        assert result.data == pytest.approx(reference.x, rel=1e-11, abs=1e-11 * scale)
        assert each.grad == pytest.approx(reference.d, rel=1e-9, abs=1e-9 * scale)


@given(st.sampled_from([*SAFE, *PAIRS]), st.tuples(*[st.floats(0.1, 2)] * 3))
def test_every_operation_agrees_with_finite_differences(name, point):
    inputs = [Value(x) for x in point]
    run([(name, 0, 1)], inputs).backward()
    step = 1e-5
    for i, each in enumerate(inputs):
        up, down = (
            run([(name, 0, 1)], [Value(x + sign * step * (i == k)) for k, x in enumerate(point)]).data
            for sign in (1, -1)
        )
        assert each.grad == pytest.approx((up - down) / (2 * step), rel=1e-6, abs=1e-8)


def test_a_value_that_is_used_twice_gathers_both_gradients():
    a = Value(3.0)
    (a + a).backward()
    assert a.grad == 2
    b = Value(-2.0)
    c = b * b
    (c * c + c).backward()
    assert b.grad == 4 * b.data**3 + 2 * b.data


def test_gradients_add_up_over_passes_and_what_lies_between_spoils_nothing():
    a = Value(3.0)
    b = a * a
    y = b * b
    y.backward()
    once = a.grad, b.grad, y.grad
    assert once == (108.0, 18.0, 1.0)
    y.backward()
    assert (a.grad, b.grad, y.grad) == tuple(2 * each for each in once)
    a.grad = 0.0  # as an optimiser does, which knows parameters alone
    y.backward()
    assert a.grad == once[0]


def test_two_results_that_share_a_part_add_up_to_the_gradient_of_their_sum():
    def parts():
        a = Value(0.5)
        shared = a.tanh()
        return a, shared, shared * 3, shared**2

    a, shared, y, z = parts()
    y.backward()
    z.backward()
    other, other_shared, other_y, other_z = parts()
    (other_y + other_z).backward()
    assert a.grad == pytest.approx(other.grad, rel=1e-15)
    assert shared.grad == pytest.approx(other_shared.grad, rel=1e-15)


def test_zero_grad_reaches_all_that_lies_below():
    a = Value(3.0)
    b = a * a
    y = b * b
    y.backward()
    y.zero_grad()
    assert (a.grad, b.grad, y.grad) == (0, 0, 0)


def test_slopes_are_those_of_the_time_of_computing():
    a, b = Value(2.0), Value(5.0)
    y = a * b
    b.data = 100.0
    y.backward()
    assert a.grad == 5.0


def test_a_chain_of_a_hundred_thousand_values_works():
    limit = sys.getrecursionlimit()
    x = Value(1.0)
    y = x
    for _ in range(100_000):
        y = y + 1e-6
    y.backward()
    assert (y.data, x.grad) == (pytest.approx(1.1), 1.0)
    del y
    assert sys.getrecursionlimit() == limit


@given(programs(), POINTS)
def test_topological_order_has_each_value_once_and_behind_its_inputs(program, point):
    order = topological_order(run(program, [Value(x) for x in point]))
    place = {value: i for i, value in enumerate(order)}
    assert len(place) == len(order)
    assert all(place[below] < place[value] for value in order for below in value.inputs)


@pytest.mark.parametrize("x", [1000.0, -1000.0, 1e308, -1e308])
def test_tanh_and_sigmoid_are_safe_far_out(x):
    for name, low, high in (("tanh", -1.0, 1.0), ("sigmoid", 0.0, 1.0)):
        value = Value(x)
        result = getattr(value, name)()
        result.backward()
        assert result.data == (high if x > 0 else low)
        assert value.grad == 0


@pytest.mark.parametrize("x", [30.0, -30.0])
def test_the_slope_of_sigmoid_keeps_its_digits_on_both_sides(x):
    value = Value(x)
    value.sigmoid().backward()
    assert value.grad == pytest.approx(math.exp(-30) / (1 + math.exp(-30)) ** 2, rel=1e-14)


def test_relu_is_flat_at_zero():
    value = Value(0.0)
    value.relu().backward()
    assert value.grad == 0


@pytest.mark.parametrize(
    ("base", "exponent", "slope"),
    [
        (0.0, 0, 0.0),
        (0.0, 1, 1.0),
        (0.0, 2, 0.0),
        (0.0, 0.5, math.inf),
        (-2.0, 3, 12.0),
        (-2.0, -1, -0.25),
        (1e-200, -1, -math.inf),
        (-1e-200, -2, math.inf),
    ],
)
def test_powers_at_the_edges(base, exponent, slope):
    if (base, exponent) == (-1e-200, -2):
        with pytest.raises(ValueError, match="no float is that large"):
            Value(base) ** exponent
        return
    value = Value(base)
    (value**exponent).backward()
    assert value.grad == slope


REFUSED = {
    "log of 0": (lambda x: x.log(), 0.0, "log(0.0) at 'x': a logarithm needs a number above 0"),
    "log below 0": (lambda x: (x * 2).log(), -1.0, "log(-2.0) at the result of '*': a logarithm needs"),
    "log of no number": (lambda x: x.log(), math.nan, "log(nan) at 'x'"),
    "0 to a negative power": (lambda x: x**-1, 0.0, "0.0 ** -1 at 'x': 0 has no negative power; keep the base away"),
    "a root below 0": (lambda x: x**0.5, -4.0, "-4.0 ** 0.5 at 'x': a negative number has whole powers only"),
    "a power too large": (lambda x: x**2, 1e200, "1e+200 ** 2 at 'x': no float is that large"),
    "a Value as exponent": (lambda x: x ** Value(2.0), -1.0, "-1.0 ** 2.0 at 'x': an exponent that is a Value needs"),
    "a Value as exponent of 0": (lambda x: 0**x, 2.0, "give the exponent as a plain number"),
    "exp too large": (lambda x: x.exp(), 710.0, "exp(710.0) at 'x': no float is that large; keep the exponent below"),
    "divided by 0": (lambda x: 1 / x, 0.0, "1.0 / 0.0 at 'x': a division needs a divisor other than 0"),
    "a number too large": (lambda x: x + 10**400, 0.0, "a whole number is larger than a float can hold"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_value_is_refused_with_the_number_the_place_and_the_way_out(case):
    compute, x, says = REFUSED[case]
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (the text is compared below)
        compute(Value(x, "x"))
    assert says in str(refused.value)


@pytest.mark.parametrize("given", ["2", None, [1.0], 1j, np.zeros(2)])
@pytest.mark.parametrize("operation", ARITHMETIC)
def test_what_is_no_number_is_refused_on_either_side(operation, given):
    with pytest.raises(TypeError, match="a Value computes with numbers and other Values, not with"):
        operation(Value(2.0), given)
    with pytest.raises(TypeError):
        operation(given, Value(2.0))
    with pytest.raises(TypeError, match=type(given).__name__):
        Value(given)


def test_a_value_shows_its_data_gradient_and_label():
    assert repr(Value(2)) == "Value(data=2.0, grad=0.0)"
    assert repr(Value(2, "x")) == "Value(data=2.0, grad=0.0, label='x')"


def test_a_value_whose_inputs_were_changed_is_stale_until_it_is_computed_again():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    product = a * b
    y = (product + a**2).tanh()
    y.backward()
    assert not y.stale
    assert "stale" not in repr(y)
    a.data = 0.5
    assert y.stale
    assert product.stale
    assert not a.stale
    assert repr(product) == f"Value(data=-6.0, grad={product.grad}, stale=True)"
    assert y.recompute() is y
    assert y.data == math.tanh(-1.5 + 0.25)
    assert not y.stale
    assert (a.grad, b.grad, y.grad) == (0.0, 0.0, 0.0)
    fresh_a = Value(0.5)
    (fresh_a * -3.0 + fresh_a**2).tanh().backward()
    y.backward()
    assert a.grad == fresh_a.grad


def test_a_changed_number_that_changes_only_a_slope_makes_stale_too():
    a, b = Value(0.0), Value(2.0)
    y = a * b
    b.data = 3.0
    assert y.stale
    assert y.recompute().slopes == (3.0, 0.0)


@pytest.mark.parametrize(
    "compute",
    [
        *(lambda x, name=name: getattr(x, name)() for name in ("exp", "log", "tanh", "sigmoid", "relu", "__neg__")),
        *(lambda x, e=e: x**e for e in (2, -1, 0.5, 1 / 3, 12345.678901 / 10000)),
        *(lambda x, way=way: getattr(operator, way)(x, Value(0.7)) for way in ("add", "sub", "mul", "truediv", "pow")),
    ],
)
def test_every_operation_is_computed_again_as_at_first(compute):
    x = Value(0.3)
    y = compute(x)
    assert not y.stale
    x.data = 1.9
    again, fresh = y.recompute(), compute(Value(1.9))
    assert (again.data, again.slopes, again.operation) == (fresh.data, fresh.slopes, fresh.operation)


def test_a_number_that_an_operation_refuses_is_stale_and_not_computed_again():
    x = Value(1.0, "x")
    y = x.log()
    x.data = -1.0
    assert y.stale
    with pytest.raises(ValueError, match=r"log\(-1.0\) at 'x'"):
        y.recompute()


def test_nan_is_not_stale():
    assert not (Value(math.inf) - Value(math.inf)).stale


def test_a_graph_and_a_trace_are_of_a_value():
    for show in (draw, trace):
        with pytest.raises(TypeError, match=r"expected a Value, not 3 \(int\)"):
            show(3)
