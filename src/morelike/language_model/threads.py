"""Threads: one for each matrix product of NumPy, and several for independent computations.

The products are small here; more threads for one product would mostly wait for one another.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from threadpoolctl import ThreadpoolController

MAX_THREADS = 8
"""Between products each thread needs Python's lock; more threads would only wait for it."""


def one_thread() -> AbstractContextManager[object]:
    """Return a context in which the linear algebra of NumPy uses one thread.

    Without the package threadpoolctl it uses its own number of threads.
    """
    controller = _controller()
    limits: AbstractContextManager[object] = (
        controller.limit(limits=1, user_api="blas") if controller else nullcontext()
    )
    return limits


class ThreadMap:
    """A `map` over threads, which start at the first call with two items or more."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._pool: ThreadPoolExecutor | None = None

    def __call__(self, function: Callable[[Any], Any], items: Sequence[Any]) -> Iterable[Any]:
        """Return the function's result for each item, in order."""
        if self.threads < 2 or len(items) < 2:
            return map(function, items)
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor  # slow to import; a few words do not need it

            self._pool = ThreadPoolExecutor(self.threads)
        return self._pool.map(function, items)

    def shutdown(self) -> None:
        """Stop the threads, and cancel what has not started."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


@contextmanager
def thread_map() -> Iterator[ThreadMap]:
    """Yield a `ThreadMap` with a thread for each core of the process, at most `MAX_THREADS`."""
    threads = ThreadMap(min(cores(), MAX_THREADS))
    with one_thread():
        try:
            yield threads
        finally:
            threads.shutdown()


def cores() -> int:
    """Return on how many cores this process may run."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _controller() -> ThreadpoolController | None:
    try:
        from threadpoolctl import ThreadpoolController
    except ModuleNotFoundError:  # where a model is used with NumPy, safetensors and pydantic alone
        return None
    return ThreadpoolController()
