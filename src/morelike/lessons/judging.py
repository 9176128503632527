"""Running an answer on random inputs, and comparing its results with the results of other answers."""

from __future__ import annotations

import copy
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from morelike.lessons.checks import Check, same

EXCEPTIONS = (Exception, SystemExit)
"""What an answer may raise; a Ctrl-C of the learner is no verdict."""
IMPORTS = "import numpy as np\nimport morelike"
"""What the code of every lesson can use."""
UNTRIED = (None, ..., NotImplemented)


class OutOfTimeError(BaseException):
    """An answer takes too long. It is no `Exception`, so that no `except Exception` of the answer catches it."""


@dataclass(frozen=True)
class Outcome:
    """What an answer gave for one input: a value, or the error that it raised."""

    value: Any = None
    error: BaseException | None = None

    @property
    def is_untried(self) -> bool:
        """Whether the answer is still the stub: it returns nothing, or raises NotImplementedError."""
        if self.error is not None:
            return isinstance(self.error, NotImplementedError)
        return any(self.value is each for each in UNTRIED)


def defined(code: str, name: str) -> Any:
    """Return what code defines by a name; the code may use NumPy and morelike as a lesson does."""
    scope: dict[str, Any] = {}
    exec(IMPORTS, scope)
    exec(compile(code, f"<{name}>", "exec"), scope)
    return scope[name]


def outcomes(answer: Any, cases: Sequence[Any], check: Check) -> list[Outcome]:
    """Return the outcome for each case, up to the first that takes too long. Each call gets a copy of the inputs.

    Warnings are not shown: an overflow, say, is seen by its result.
    """
    found: list[Outcome] = []
    for case in cases:
        with time_limit(check.seconds), warnings.catch_warnings(action="ignore"):
            try:
                found.append(Outcome(check.call(answer, *copy.deepcopy(case))))
            except EXCEPTIONS as error:
                found.append(Outcome(error=error))
            except OutOfTimeError as error:
                return [*found, Outcome(error=error)]
    return found


def is_like(outcome: Outcome, other: Outcome) -> bool:
    """Return whether two outcomes are the same: equal values, or errors of one class."""
    if outcome.error is not None or other.error is not None:
        return type(outcome.error) is type(other.error)
    return agrees(same, outcome.value, other.value)


def agrees(rule: Callable[..., bool], got: Any, expected: Any, *case: Any) -> bool:
    """Return what a rule says on a value, the expected one and the inputs; a rule that fails on a value says no."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return bool(rule(got, expected, *copy.deepcopy(case)))
    except EXCEPTIONS:
        return False


def text_of(to_text: Callable[[Any], str], value: Any) -> str:
    """Return the `str` or `repr` of a learner's value on one line, or the name of its class if this fails."""
    try:
        return " ".join(to_text(value).split())
    except EXCEPTIONS:
        return f"<{type(value).__name__}>"


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `OutOfTimeError` if the body takes longer. Only the main thread of a system with SIGALRM has a limit.

    A timer that runs already, such as that of a test, goes on afterwards with the time that it has left.
    """
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: Any) -> None:
        raise OutOfTimeError

    handler = signal.signal(signal.SIGALRM, ring)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if left:
            signal.setitimer(signal.ITIMER_REAL, left, interval)
