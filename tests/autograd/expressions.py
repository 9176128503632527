"""Random expressions, and a second way to differentiate them: forwards, by dual numbers (Clifford 1873)."""

import math
from dataclasses import dataclass

from hypothesis import strategies as st

SAFE = {  # each is defined everywhere, and tame enough that long compositions stay finite
    "tanh": lambda x: x.tanh(),
    "sigmoid": lambda x: x.sigmoid(),
    "relu": lambda x: x.relu(),
    "exp": lambda x: x.tanh().exp(),
    "log": lambda x: (x.sigmoid() + 0.5).log(),
    "square": lambda x: x.tanh() ** 2,
    "inverse": lambda x: (x * x + 1) ** -1,
    "root": lambda x: (x.sigmoid() + 0.5) ** 0.5,
    "neg": lambda x: -x,
    "twice": lambda x: 2 * x,
    "from": lambda x: 1.5 - x,
    "under": lambda x: 3 / (x.sigmoid() + 1),
    "raised": lambda x: 1.5 ** x.tanh(),
}
PAIRS = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / (y.tanh() + 2),
    "**": lambda x, y: (x.sigmoid() + 0.5) ** y.tanh(),
}


@st.composite
def programs(draw):
    """Draw the steps of an expression over three inputs: each takes any results of before, so many are used twice."""
    steps = []
    for count in range(3, 3 + draw(st.integers(1, 12))):
        name = draw(st.sampled_from([*SAFE, *PAIRS]))
        before = st.integers(0, count - 1)
        steps.append((name, draw(before), draw(before)))
    return steps


def run(program, inputs):
    """Return the last result of a program, for anything that computes."""
    results = list(inputs)
    for name, i, j in program:
        results.append(SAFE[name](results[i]) if name in SAFE else PAIRS[name](results[i], results[j]))
    return results[-1]


@dataclass(frozen=True)
class Dual:
    """A number with its derivative by one input."""

    x: float
    d: float = 0.0

    def __add__(self, other):
        other = dual(other)
        return Dual(self.x + other.x, self.d + other.d)

    def __mul__(self, other):
        other = dual(other)
        return Dual(self.x * other.x, self.d * other.x + self.x * other.d)

    def __truediv__(self, other):
        return self * dual(other) ** -1

    def __pow__(self, other):
        if isinstance(other, Dual):
            return (other * self.log()).exp()
        return Dual(self.x**other, other * self.x ** (other - 1) * self.d)

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -dual(other)

    def __rsub__(self, other):
        return dual(other) - self

    def __rtruediv__(self, other):
        return dual(other) / self

    def __rpow__(self, other):
        return dual(other) ** self

    __radd__, __rmul__ = __add__, __mul__

    def exp(self):
        return Dual(math.exp(self.x), math.exp(self.x) * self.d)

    def log(self):
        return Dual(math.log(self.x), self.d / self.x)

    def tanh(self):
        return Dual(math.tanh(self.x), self.d / math.cosh(self.x) ** 2 if abs(self.x) < 300 else 0.0)

    def sigmoid(self):
        return (self * 0.5).tanh() * 0.5 + 0.5

    def relu(self):
        return self if self.x > 0 else Dual(0.0)


def dual(given):
    return given if isinstance(given, Dual) else Dual(given)
