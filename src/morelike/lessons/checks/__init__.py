"""How the exercises are checked: random inputs and what counts as equal, one `Check` for each exercise, by its number.

The modules of this folder register the checks. The words and the code that a learner sees are in the lessons.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np

Cases: TypeAlias = Callable[[np.random.Generator], Sequence[tuple[Any, ...]]]
"""A function from a generator of random numbers to inputs: the arguments of each call."""

_registered: dict[str, Check] = {}


def same(got: Any, expected: Any, *_: Any) -> bool:
    """Return whether two values are equal, in all their parts; decimal numbers and arrays up to 1e-6.

    A list is equal to a tuple and to an array with the same elements.

    >>> same([1, (0.1 + 0.2, "a")], [1, [0.3, "a"]]), same([1], [2]), same([1, 1], [1])
    (True, False, False)
    """
    if isinstance(expected, Mapping):
        return (
            isinstance(got, Mapping) and got.keys() == expected.keys() and all(same(got[k], expected[k]) for k in got)
        )
    if isinstance(expected, set | frozenset | str | bytes | bool):
        return bool(got == expected)
    if isinstance(expected, list | tuple) and not isinstance(got, np.ndarray):
        return (
            isinstance(got, list | tuple)
            and len(got) == len(expected)
            and all(same(a, b) for a, b in zip(got, expected, strict=True))
        )
    got, expected = np.asarray(got), np.asarray(expected)
    if got.shape != expected.shape or "U" in (got.dtype.kind, expected.dtype.kind):
        return got.shape == expected.shape and bool((got == expected).all())
    return bool(np.allclose(got, expected, rtol=1e-6, atol=1e-6, equal_nan=True))


def call(answer: Any, *arguments: Any) -> Any:
    """Return what a function gives for arguments."""
    return answer(*arguments)


@dataclass(frozen=True)
class Check:
    """How an exercise is checked.

    Args:
        cases: random inputs; None if the answer is a value.
        agrees: from the result, the result of the solution and the inputs to whether the result is right.
        call: from the answer and the inputs to the result; by default the answer is a function of the inputs.
        symptoms: from the name of a `wrong` code to a function that tells a result of this kind of wrong answer:
            its arguments are those of `agrees`. Without a symptom, a wrong answer is told by its results, which are
            equal to those of the `wrong` code for all inputs.
        seconds: how long the answer may take for one input.
        shows_expected: whether a verdict shows the result of the solution; not where many results are right.
    """

    cases: Cases | None = None
    agrees: Callable[..., bool] = same
    call: Callable[..., Any] = call
    symptoms: Mapping[str, Callable[..., bool]] = field(default_factory=dict)
    seconds: float = 5.0
    shows_expected: bool = True


def register(number: str, **how: Any) -> Callable[[Cases], Cases]:
    """Return a decorator that registers a function of random inputs as the `cases` of the check of an exercise."""

    def decorate(cases: Cases) -> Cases:
        _registered[number] = Check(cases=cases, **how)
        return cases

    return decorate


def register_value(number: str, **how: Any) -> None:
    """Register the check of an exercise whose answer is a value."""
    _registered[number] = Check(call=lambda answer: answer, **how)


@cache
def checks() -> Mapping[str, Check]:
    """Return the checks of all exercises, by their numbers."""
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return _registered
