"""Threads of a model in use: one thread for each matrix product, and a `map` that computes several products at once.

The products are small here; several threads for one product would wait busily for one another.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

from threadpoolctl import ThreadpoolController

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

__all__ = ["StoppedError", "ThreadMap", "cores", "one_thread", "stop_when", "thread_map"]

MOST_THREADS = 8
"""Between products each thread needs Python's lock; more threads would only wait for it."""

_stopping: ContextVar[Callable[[], bool]] = ContextVar("stopping", default=lambda: False)


class StoppedError(Exception):
    """The work was asked to stop (see `stop_when`)."""


@contextmanager
def stop_when(stopping: Callable[[], bool]) -> Iterator[None]:
    """Stop sampling and scoring in this context, with `StoppedError`, at the first step where `stopping()` is true."""
    token = _stopping.set(stopping)
    try:
        yield
    finally:
        _stopping.reset(token)


def one_thread() -> AbstractContextManager[object]:
    """Return a context in which the linear algebra behind NumPy uses one thread; it restores the former number."""
    limits: AbstractContextManager[object] = _controller().limit(limits=1, user_api="blas")
    return limits


class ThreadMap:
    """A `map` over threads, which start with the first call that has several items."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._stopping = _stopping.get()
        self._pool: ThreadPoolExecutor | None = None

    def __call__(self, function: Callable[[Any], Any], items: Sequence[Any]) -> Iterable[Any]:
        """Return the function's result for each item, in their order; the iteration may raise `StoppedError`."""

        def call(item: Any) -> Any:
            if self._stopping():
                raise StoppedError
            return function(item)

        if self.threads < 2 or len(items) < 2:
            return map(call, items)
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor  # imported late: a few words need no threads

            self._pool = ThreadPoolExecutor(self.threads)
        return self._pool.map(call, items)

    def disband(self) -> None:
        """End the threads and cancel the work that has not started."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


@contextmanager
def thread_map() -> Iterator[ThreadMap]:
    """Yield a `map` over one thread for each core of the process, at most `MOST_THREADS`."""
    threads = ThreadMap(min(cores(), MOST_THREADS))
    with one_thread():
        try:
            yield threads
        finally:
            threads.disband()


def cores() -> int:
    """Return how many cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
