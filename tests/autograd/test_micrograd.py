"""Beside micrograd: the same expressions and networks give the same numbers, digit for digit."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from micrograd import engine, nn

from morelike.autograd import MLP, Value


def readme(value):
    """The expression of micrograd's README."""
    a, b = value(-4.0), value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    return g, a, b


def test_the_example_of_the_readme_gives_its_figures():
    g, a, b = readme(Value)
    assert (f"{g.data:.4f}", f"{a.grad:.4f}", f"{b.grad:.4f}") == ("24.7041", "138.8338", "645.5773")


def test_the_example_is_equal_in_both():
    for ours, theirs in zip(readme(Value), readme(engine.Value), strict=True):
        assert ours.data == pytest.approx(theirs.data, rel=1e-14)
        assert ours.grad == pytest.approx(theirs.grad, rel=1e-14)


STEPS = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "square": lambda x, _: x**2,
    "relu": lambda x, _: x.relu(),
    "neg": lambda x, _: -x,
    "right": lambda x, _: x - 1.5,
    "left": lambda x, _: 1.5 - x,
    "half": lambda x, _: x / 2,
}


@given(
    st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=8),
    st.tuples(st.floats(-2, 2), st.floats(-2, 2)),
)
def test_random_expressions_are_equal_in_both(steps, point):
    found = []
    for value in (Value, engine.Value):
        results = inputs = [value(x) for x in point]
        for name, i, j in steps:
            results = [*results, STEPS[name](results[i % len(results)], results[j % len(results)])]
        results[-1].backward()
        found.append([results[-1].data, *(each.grad for each in inputs)])
    assert found[0] == pytest.approx(found[1], rel=1e-12, abs=1e-12)


def test_a_network_with_its_weights_gives_its_outputs_and_gradients():
    random.seed(4)
    theirs, ours = nn.MLP(3, [4, 4, 1]), MLP(3, [4, 4, 1], "relu")
    assert len(ours.parameters()) == len(theirs.parameters()) == 41
    for own, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        own.data = other.data
    x = [2.0, 3.0, -1.0]
    outputs = ours(x), theirs(x)
    for output in outputs:
        (output**2).backward()
    assert outputs[0].data == pytest.approx(outputs[1].data, rel=1e-14)
    for own, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert own.grad == pytest.approx(other.grad, rel=1e-13)
