"""Cancel long work in another thread: its loops check between their steps whether it is still wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_cancelled: ContextVar[Callable[[], bool]] = ContextVar("cancelled", default=lambda: False)


class CancelledError(Exception):
    """The work was cancelled."""


@contextmanager
def cancellable(cancelled: Callable[[], bool]) -> Iterator[None]:
    """Let the work of this thread end as soon as `cancelled` returns true."""
    token = _cancelled.set(cancelled)
    try:
        yield
    finally:
        _cancelled.reset(token)


def check_cancelled() -> None:
    """Return if the work of this thread is still wanted. A loop that may run for seconds calls this in each step.

    Raises:
        CancelledError: the work was cancelled.

    >>> check_cancelled()
    """
    if _cancelled.get()():
        raise CancelledError
