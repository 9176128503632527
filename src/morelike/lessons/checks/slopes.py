"""Checks of lesson 5."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from morelike.lessons.checks import register


def gradients(number: Any, formula: str, *values: float) -> list[float]:
    """Return the value of a formula of a, b and c with numbers of a learner's class, and its slope by each of them."""
    a, b, c = map(number, values)
    formulas = {
        "a * b + c": lambda: a * b + c,
        "tanh(a) + b": lambda: a.tanh() + b,
        "a * a": lambda: a * a,
        "tanh(a * b + c) * a": lambda: (a * b + c).tanh() * a,
    }
    result = formulas[formula]()
    result.backward()
    return [result.data, a.grad, b.grad, c.grad]


@register("5.1", call=gradients)
def expressions(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return formulas, each with three numbers; multiplication and tanh are tried alone too."""
    formulas = ("a * b + c", "tanh(a) + b", "a * a", "tanh(a * b + c) * a")
    return [(formula, *map(float, rng.uniform(0.2, 1.5, size=3).round(3))) for formula in formulas]


@dataclass(frozen=True)
class Curve:
    """The function scale * sin(x) + power * x ** 3, whose slope is known; it shows itself as this formula."""

    scale: float
    power: float

    def __call__(self, x: float) -> float:
        """Return the height of the curve."""
        return self.scale * math.sin(x) + self.power * x**3

    def slope(self, x: float) -> float:
        """Return the exact slope."""
        return self.scale * math.cos(x) + 3 * self.power * x**2

    def __repr__(self) -> str:
        return f"{self.scale} * sin(x) + {self.power} * x**3"


def relative_error(got: float, curve: Curve, x: float, factor: float = 1.0) -> float:
    """Return how far a measured slope is from `factor` times the exact one, divided by the exact one."""
    exact = curve.slope(x)
    return abs(got - factor * exact) / abs(exact)


@register(
    "5.2",
    agrees=lambda got, _, curve, x: relative_error(got, curve, x) < 1e-6,
    symptoms={
        "zero": lambda got, _, curve, x: got == 0,
        "one-sided": lambda got, _, curve, x: relative_error(got, curve, x) < 0.1,
        "doubled": lambda got, _, curve, x: relative_error(got, curve, x, 2.0) < 0.01,
        "sign": lambda got, _, curve, x: relative_error(got, curve, x, -1.0) < 0.01,
        "difference": lambda got, _, curve, x: abs(got) < 0.1 * abs(curve.slope(x)),
    },
)
def curves(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """Return curves, each with a place where it is steep."""
    return [
        (Curve(*map(float, rng.uniform(0.5, 2, size=2).round(2))), round(rng.uniform(1.0, 1.5), 2)) for _ in range(4)
    ]
