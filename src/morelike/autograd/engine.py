"""Numbers that remember how they were computed, and the derivatives that flow back along that memory.

A result y = f(a, b) keeps its inputs a and b and its slopes, the numbers dy/da and dy/db. Going back from the end, the
chain rule gives each input its share: the gradient of a grows by slope times the gradient of y. One such pass finds the
derivative by every number that had a part (reverse-mode differentiation, Linnainmaa 1970). The class keeps the names of
micrograd (Karpathy 2020): `data`, `grad`, `label`, `backward`.
"""

from __future__ import annotations

import math
from numbers import Real

__all__ = ["Value", "topological_order"]


class Value:
    """A number in an expression: `data`, its gradient `grad`, and a `label` for pictures and messages.

    What was computed also has `operation`, the `inputs` that it was computed from, and the `slopes`, one for each
    input: its own derivative by that input, taken when it was computed. Changing `data` later changes no result.

    >>> a, b = Value(2.0), Value(-3.0)
    >>> y = a * b + a**2
    >>> y.backward()
    >>> y.data, a.grad, b.grad
    (-2.0, 1.0, 2.0)
    """

    __slots__ = ("data", "grad", "inputs", "label", "operation", "slopes")
    __array_ufunc__ = None  # numbers of NumPy that stand on the left leave the arithmetic to us

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
        """Return a power. A plain number as exponent is a constant; a Value has a gradient and needs a base above 0."""
        if not isinstance(exponent, Value):
            number = _number(exponent)
            power = _power(self, number)
            return _result(f"**{number:g}", power, (self,), (_slope_of_power(self.data, number),))
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
                "example by exp(), or by adding a small constant to what can be 0"
            )
        return _result("log", math.log(self.data), (self,), (1.0 / self.data,))

    def tanh(self) -> Value:
        """Return the hyperbolic tangent, between -1 and 1."""
        t = math.tanh(self.data)
        return _result("tanh", t, (self,), (1.0 - t * t,))

    def sigmoid(self) -> Value:
        """Return 1 / (1 + exp(-x)), between 0 and 1; no exponent here is above 0, so nothing overflows."""
        small = math.exp(-abs(self.data))
        s = (1.0 if self.data >= 0 else small) / (1.0 + small)
        return _result("sigmoid", s, (self,), (small / (1.0 + small) ** 2,))

    def relu(self) -> Value:
        """Return the number itself where it is above 0, else 0; at 0 the slope is 0."""
        positive = self.data > 0
        return _result("relu", self.data if positive else 0.0, (self,), (1.0 if positive else 0.0,))

    def backward(self) -> None:
        """Add to the `grad` of every value below, and of this one, the derivative of this one by it.

        Gradients add up until they are set to 0, as in PyTorch: after `y.backward()` and `z.backward()` each `grad`
        is that of y + z, and after two calls on y it is twice that of y. What a value held before has no part in
        what it passes on: each pass begins with fresh numbers and is added at its end.
        """
        order = topological_order(self)
        before = [node.grad for node in order]
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            gradient = node.grad
            for below, slope in zip(node.inputs, node.slopes, strict=True):
                below.grad += slope * gradient
        for node, earlier in zip(order, before, strict=True):
            node.grad += earlier

    def zero_grad(self) -> None:
        """Set the gradient of this value and of every value below to 0."""
        for node in topological_order(self):
            node.grad = 0.0

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self.data}, grad={self.grad}{label})"


def topological_order(root: Value) -> list[Value]:
    """Return every value that `root` was computed from, each behind its inputs, `root` last.

    >>> a = Value(1.0, "a")
    >>> [value.label or value.operation for value in topological_order((a + a).tanh())]
    ['a', '+', 'tanh']
    """
    order: list[Value] = []
    seen: set[Value] = set()
    waiting = [(root, False)]  # a list in place of recursion, whose depth Python limits
    while waiting:
        node, inputs_are_in = waiting.pop()
        if inputs_are_in:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            waiting.append((node, True))
            waiting.extend((below, False) for below in reversed(node.inputs))
    return order


def _result(operation: str, data: float, inputs: tuple[Value, ...], slopes: tuple[float, ...]) -> Value:
    value: Value = Value.__new__(Value)  # past __init__, which checks what people give
    value.data = data
    value.grad = 0.0
    value.label = ""
    value.operation = operation
    value.inputs = inputs
    value.slopes = slopes
    return value


def _value(given: Value | float) -> Value:
    return given if isinstance(given, Value) else Value(given)


def _number(given: float) -> float:
    if not isinstance(given, Real):
        raise TypeError(f"a Value computes with numbers and other Values, not with {given!r} ({type(given).__name__})")
    try:
        return float(given)
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
    """Return d(base ** exponent) / d(base): infinite at 0 below the first power, and where no float is that large."""
    if exponent == 0:
        return 0.0
    try:
        return float(exponent * base ** (exponent - 1))
    except (ZeroDivisionError, OverflowError):
        return math.copysign(math.inf, exponent) * (-1 if base < 0 and (exponent - 1) % 2 else 1)


def _place(value: Value) -> str:
    """Return where in an expression a value stands, as a message says it."""
    if value.label:
        return f" at {value.label!r}"
    return f" at the result of {value.operation!r}" if value.operation else ""
