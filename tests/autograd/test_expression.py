"""Expressions in text: what they compute, and what they may not hold."""

import math
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from morelike.autograd import Value, parse

TEXTS = st.recursive(
    st.sampled_from(["x", "y", "2", "0.5"]),
    lambda inner: st.one_of(
        st.builds("({}{}{})".format, inner, st.sampled_from("+-*"), inner),
        st.builds("tanh({})".format, inner),
        st.builds("sigmoid({})".format, inner),
        st.builds("-{}".format, inner),
        st.builds("({})**2".format, st.builds("tanh({})".format, inner)),
    ),
    max_leaves=12,
)
PYTHON = {"tanh": math.tanh, "sigmoid": lambda x: 0.5 * (1 + math.tanh(x / 2))}


@given(TEXTS)
def test_an_expression_computes_what_python_does(text):
    names = {name: value for name, value in {"x": 0.3, "y": -1.2}.items() if name in text}
    expected = eval(text, {"__builtins__": {}}, PYTHON | names)
    assert parse(text, names).data == pytest.approx(expected, rel=1e-12, abs=1e-12)


def computed_or_refused(text):
    """Return the expression, or the sentence that refuses it."""
    try:
        return parse(text, {"x": 1.0})
    except ValueError as error:
        return str(error)


@given(st.text(max_size=40))
def test_any_text_is_computed_or_refused_in_one_sentence(text):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert computed_or_refused(text)


@given(st.text("x1+-*/() .,e[]'\"^%:=<>{}!@\\", max_size=30))
def test_any_text_of_signs_is_computed_or_refused(text):
    assert computed_or_refused(text)


def test_the_precedence_is_that_of_python():
    assert parse("-x**2 + 2*3 - 8/4/2", {"x": 3}).data == -9 + 6 - 1
    assert parse("2**3**2", {}).data == 512


def test_a_name_is_one_leaf_however_often_it_stands():
    y = parse("x*x + x", {"x": 3})
    y.backward()
    (x,) = {below for below in y.inputs if below.label}
    assert (x.label, x.grad) == ("x", 7.0)


def test_numbers_alone_are_one_constant_and_an_exponent_stays_a_number():
    y = parse("x**(1/2) * (3 - 1)", {"x": 4.0})
    root, two = y.inputs
    assert (root.operation, two.operation, two.data, y.data) == ("**0.5", "", 2.0, 4.0)
    assert parse("exp(0)", {}).inputs == ()


def test_names_of_any_script_are_read_as_python_reads_them():
    assert parse("tanh(θ) + ﬁ", {"θ": 0, "ﬁ": 2}).data == 2  # the ligature is read as two letters


REFUSED = {
    "": "the expression is empty: give one, such as tanh(w*x + b)",
    "x +": "the expression 'x +' cannot be read",
    "(x": "the expression '(x' cannot be read at character 1: '(' was never closed",
    "x\0": "cannot be read",
    "sin(x)": "no function is called 'sin': there are exp, log, relu, sigmoid, tanh",
    "x + (x^2)": "'x^2' is not allowed in an expression: it may hold names, numbers, + - * / **, brackets, and exp,",
    "x^2": "a power is written **",
    "tanh(x, x)": "'tanh(x, x)': tanh takes one argument, as in tanh(x)",
    "tanh(*x)": "tanh takes one argument",
    "tanh(x=x)": "tanh takes one argument",
    "tanh + x": "tanh is a function: write tanh(...)",
    "1e999 * x": "'1e999' is larger than a float can hold",
    f"{10**400} * x": "is larger than a float can hold",
    "9" * 5000: "cannot be read",
    "x / (2 - 2)": "-1.0 / 0.0: a division needs a divisor other than 0",
    "log(x)": "log(-1.0) at 'x': a logarithm needs a number above 0",
    "9**9**9": "no float is that large",
}
FORBIDDEN = ["x.real", "x[0]", "[x]", "(x, x)", "{x}", "lambda: x", "x if x else x", "x < 1", "not x", "+x", "~x"]
FORBIDDEN += ["x % 2", "x // 2", "x @ x", "x and x", "'x'", "f'{x}'", "1j", "True", "None", "...", "(y := x)"]
FORBIDDEN += ["tanh(x)(x)", "x.tanh()", "[x for x in x]", "b'x'", "await_(x).y"]


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_computed_is_refused_with_the_reason(text):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (the text is compared below)
        parse(text, {"x": -1.0} if "x" in text else {})
    assert REFUSED[text] in str(refused.value)


@pytest.mark.parametrize("text", FORBIDDEN)
def test_all_but_arithmetic_is_refused_with_the_offending_piece(text):
    with pytest.raises(ValueError, match="is not allowed in an expression: it may hold") as refused:
        parse(f"2 * x + ({text})", {"x": 1.0})
    assert str(refused.value).partition(" is not")[0].strip("'\"") in text


def test_nothing_of_what_is_refused_is_run(capsys):
    with pytest.raises(ValueError, match="no function is called 'print'"):
        parse("x + print(1)", {"x": 1.0})
    assert capsys.readouterr().out == ""


def test_names_without_a_value_are_all_named():
    with pytest.raises(ValueError, match=r"no value for b, a, c: give each one, as in b=1 a=1 c=1"):
        parse("b * a + exp(b) * c + x", {"x": 1.0})


def test_a_value_without_a_name_is_named_with_the_nearest():
    with pytest.raises(ValueError, match=r"'weigth' has a value but is not in the expression.*did you mean 'weight'\?"):
        parse("weight * 2", {"weight": 1.0, "weigth": 1.0})
    with pytest.raises(ValueError, match="it has no names"):
        parse("2", {"x": 1.0})


DEEP = {
    "a long sum": "+".join(["x"] * 500),
    "a very long sum": "+".join(["x"] * 5000),
    "a long chain of minus signs": "-" * 9999 + "x",
    "a tower of powers": "**".join(["x"] * 3000),
    "brackets": "(" * 4999 + "x" + ")" * 4999,
    "functions": "tanh(" * 1600 + "x" + ")" * 1600,
    "brackets that stay open": "(" * 9999,
    "too long": "x+" * 100_000 + "x",
}


@pytest.mark.parametrize("case", DEEP)
def test_deep_and_huge_expressions_are_computed_or_refused(case):
    found = computed_or_refused(DEEP[case])
    if case == "a long sum":
        assert found.data == 500
    if isinstance(found, Value):
        found.backward()
    else:
        assert len(found) < 300
