"""Numbers that remember how they were computed, and their derivatives.

A result y = f(a, b) keeps its inputs a and b and its slopes, the numbers dy/da and dy/db. The backward pass starts at
the last result and applies the chain rule: it adds slope times the gradient of y to the gradient of a. One pass finds
the derivatives by all inputs (reverse-mode differentiation, Linnainmaa 1970). The names `data`, `grad`, `label` and
`backward` are those of micrograd (Karpathy 2020).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Real


class Value:
    """A number in an expression: `data`, its gradient `grad`, and a `label` for pictures and messages.

    A computed value also has its `operation`, its `inputs`, and its `slopes`: the derivative by each input at the time
    of the computation. If `data` of an input changes later, the result is `stale`: its representation and its picture
    say so, and `recompute()` computes it anew.

    >>> a, b = Value(2.0), Value(-3.0)
    >>> y = a * b + a**2
    >>> y.backward()
    >>> y.data, a.grad, b.grad
    (-2.0, 1.0, 2.0)
    """

    __slots__ = ("data", "grad", "inputs", "label", "operation", "slopes")
    __array_ufunc__ = None  # NumPy numbers on the left side then call our operators

    inputs: tuple[Value, ...]
    slopes: tuple[float, ...]

    def __init__(self, data: float, label: str = "") -> None:
        self.data = _number(data)
        self.grad = 0.0
        self.label = label
        self.operation = ""
        self.inputs = ()
        self.slopes = ()

    def __add__(self, other: Value | float) -> Value:
        other = _value(other)
        return _result("+", self.data + other.data, (self, other), (1.0, 1.0))

    def __sub__(self, other: Value | float) -> Value:
        other = _value(other)
        return _result("-", self.data - other.data, (self, other), (1.0, -1.0))

    def __mul__(self, other: Value | float) -> Value:
        other = _value(other)
        return _result("*", self.data * other.data, (self, other), (other.data, self.data))

    def __truediv__(self, other: Value | float) -> Value:
        other = _value(other)
        if other.data == 0:
            raise ValueError(f"{self.data} / {other.data}{_place(other)}: a division needs a divisor other than 0")
        quotient = self.data / other.data
        return _result("/", quotient, (self, other), (1.0 / other.data, -quotient / other.data))

    def __pow__(self, exponent: Value | float) -> Value:
        """Return a power. A plain number as exponent is a constant. A Value as exponent needs a base above 0."""
        if not isinstance(exponent, Value):
            number = _number(exponent)
            power = _power(self, number)
            return _result(f"**{_exact(number)}", power, (self,), (_slope_of_power(self.data, number),))
        if not self.data > 0:
            raise ValueError(
                f"{self.data} ** {exponent.data}{_place(self)}: an exponent that is a Value needs a base above 0, "
                "since its derivative holds the logarithm of the base; give the exponent as a plain number"
            )
        power = _power(self, exponent.data)
        slopes = (_slope_of_power(self.data, exponent.data), power * math.log(self.data))
        return _result("**", power, (self, exponent), slopes)

    def __neg__(self) -> Value:
        return _result("neg", -self.data, (self,), (-1.0,))

    def __radd__(self, other: float) -> Value:
        return _value(other) + self

    def __rsub__(self, other: float) -> Value:
        return _value(other) - self

    def __rmul__(self, other: float) -> Value:
        return _value(other) * self

    def __rtruediv__(self, other: float) -> Value:
        return _value(other) / self

    def __rpow__(self, other: float) -> Value:
        return _value(other) ** self

    def exp(self) -> Value:
        """Return e to this power."""
        try:
            power = math.exp(self.data)
        except OverflowError:
            raise ValueError(
                f"exp({self.data}){_place(self)}: no float is that large; keep the exponent below 709.78, for example "
                "by taking the same constant away from all exponents"
            ) from None
        return _result("exp", power, (self,), (power,))

    def log(self) -> Value:
        """Return the natural logarithm."""
        if not self.data > 0:
            raise ValueError(
                f"log({self.data}){_place(self)}: a logarithm needs a number above 0; make it positive first, for "
                "example by exp(), or by adding a small constant"
            )
        return _result("log", math.log(self.data), (self,), (1.0 / self.data,))

    def tanh(self) -> Value:
        """Return the hyperbolic tangent, between -1 and 1."""
        t = math.tanh(self.data)
        return _result("tanh", t, (self,), (1.0 - t * t,))

    def sigmoid(self) -> Value:
        """Return 1 / (1 + exp(-x)), between 0 and 1. No exponent here is above 0, so nothing overflows."""
        small = math.exp(-abs(self.data))
        s = (1.0 if self.data >= 0 else small) / (1.0 + small)
        return _result("sigmoid", s, (self,), (small / (1.0 + small) ** 2,))

    def relu(self) -> Value:
        """Return the number itself if it is above 0, else 0. At 0 the slope is 0."""
        positive = self.data > 0
        return _result("relu", self.data if positive else 0.0, (self,), (1.0 if positive else 0.0,))

    def backward(self) -> None:
        """Add the derivative of this value to the `grad` of this value and of every value that it depends on.

        Gradients add up until they are set to 0, as in PyTorch: after `y.backward()` and `z.backward()` each `grad`
        is that of y + z. Earlier gradients do not change a pass: it computes its own from 0 and adds them at the end.
        """
        order = topological_order(self)
        before = [node.grad for node in order]
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            gradient = node.grad
            for operand, slope in zip(node.inputs, node.slopes, strict=True):
                operand.grad += slope * gradient
        for node, earlier in zip(order, before, strict=True):
            node.grad += earlier

    def zero_grad(self) -> None:
        """Set the gradient of this value, and of every value that it depends on, to 0."""
        for node in topological_order(self):
            node.grad = 0.0

    @property
    def stale(self) -> bool:
        """Whether this value no longer follows from the values that it was computed from: some `data` was changed.

        >>> x = Value(3.0, "x")
        >>> y = x * x
        >>> x.data = 4.0
        >>> y
        Value(data=9.0, grad=0.0, stale=True)
        >>> y.recompute()
        Value(data=16.0, grad=0.0)
        """
        return any(is_outdated(node) for node in topological_order(self))

    def recompute(self) -> Value:
        """Compute this value, and all that it depends on, from the current inputs; return it.

        All gradients become 0, since they belonged to the earlier numbers: call `backward()` again.

        Raises:
            ValueError: an operation does not accept a changed number.
        """
        for node in topological_order(self):
            if node.inputs:
                again = _computed_again(node)
                node.data, node.slopes = again.data, again.slopes
            node.grad = 0.0
        return self

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        stale = ", stale=True" if self.stale else ""
        return f"Value(data={self.data}, grad={self.grad}{label}{stale})"


OPERATIONS: dict[str, Callable[..., Value]] = {
    "+": Value.__add__,
    "-": Value.__sub__,
    "*": Value.__mul__,
    "/": Value.__truediv__,
    "**": Value.__pow__,
    "neg": Value.__neg__,
    "exp": Value.exp,
    "log": Value.log,
    "tanh": Value.tanh,
    "sigmoid": Value.sigmoid,
    "relu": Value.relu,
}
"""The operations by their names; a power with a constant exponent is called `**` and the exponent."""


def topological_order(root: Value) -> list[Value]:
    """Return every value that `root` depends on, each after its inputs; `root` is the last.

    >>> a = Value(1.0, "a")
    >>> [value.label or value.operation for value in topological_order((a + a).tanh())]
    ['a', '+', 'tanh']
    """
    if not isinstance(root, Value):
        raise TypeError(f"expected a Value, not {root!r} ({type(root).__name__})")
    order: list[Value] = []
    seen: set[Value] = set()
    waiting = [(root, False)]  # a list instead of recursion, whose depth Python limits
    while waiting:
        node, inputs_are_done = waiting.pop()
        if inputs_are_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            waiting.append((node, True))
            waiting.extend((operand, False) for operand in reversed(node.inputs))
    return order


def is_outdated(value: Value) -> bool:
    """Return whether a value differs from its operation on the current numbers of its own inputs."""
    if not value.inputs:
        return False
    try:
        again = _computed_again(value)
    except ValueError:  # the operation does not accept the changed number
        return True
    # The comparison of representations takes nan for equal to nan.
    return repr((again.data, again.slopes)) != repr((value.data, value.slopes))


def _computed_again(value: Value) -> Value:
    operands = [Value(operand.data, operand.label) for operand in value.inputs]
    if value.operation not in OPERATIONS:
        return operands[0] ** float(value.operation.removeprefix("**"))
    return OPERATIONS[value.operation](*operands)


def _exact(number: float) -> str:
    """Return a number as text that reads as the same number, short if possible."""
    return short if float(short := f"{number:g}") == number else repr(number)


def _result(operation: str, data: float, inputs: tuple[Value, ...], slopes: tuple[float, ...]) -> Value:
    value: Value = Value.__new__(Value)  # __init__ would check numbers that need no check
    value.data = data
    value.grad = 0.0
    value.label = ""
    value.operation = operation
    value.inputs = inputs
    value.slopes = slopes
    return value


def _value(operand: Value | float) -> Value:
    return operand if isinstance(operand, Value) else Value(operand)


def _number(data: float) -> float:
    if not isinstance(data, Real):
        raise TypeError(f"a Value computes with numbers and other Values, not with {data!r} ({type(data).__name__})")
    try:
        return float(data)
    except OverflowError:
        raise ValueError("a whole number is larger than a float can hold: give one below 1.8e308") from None


def _power(base: Value, exponent: float) -> float:
    try:
        power = base.data**exponent
    except ZeroDivisionError:
        raise ValueError(
            f"{base.data} ** {exponent:g}{_place(base)}: 0 has no negative power; keep the base away from 0"
        ) from None
    except OverflowError:
        raise ValueError(f"{base.data} ** {exponent:g}{_place(base)}: no float is that large") from None
    if isinstance(power, complex):
        raise ValueError(
            f"{base.data} ** {exponent:g}{_place(base)}: a negative number has whole powers only; give a whole exponent"
        )
    return float(power)


def _slope_of_power(base: float, exponent: float) -> float:
    """Return d(base ** exponent) / d(base); inf at base 0 if exponent < 1, and if no float is that large."""
    if exponent == 0:
        return 0.0
    try:
        return float(exponent * base ** (exponent - 1))
    except (ZeroDivisionError, OverflowError):
        return math.copysign(math.inf, exponent) * (-1 if base < 0 and (exponent - 1) % 2 else 1)


def _place(value: Value) -> str:
    """Return the position of a value in an expression, in words for a message."""
    if value.label:
        return f" at {value.label!r}"
    return f" at the result of {value.operation!r}" if value.operation else ""
