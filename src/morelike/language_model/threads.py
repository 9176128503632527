"""One thread for each of NumPy's products: they are small here, and more threads wait busily for one another.

Where there is much to do, several are computed side by side.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from threadpoolctl import ThreadpoolController

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

__all__ = ["ThreadMap", "cores", "one_thread", "thread_map"]

MOST_THREADS = 8
"""Between products each thread needs Python's lock, which more of them would only wait for."""


def one_thread() -> AbstractContextManager[object]:
    """Return a context in which the linear algebra behind NumPy uses one thread; outside it is as it was."""
    limits: AbstractContextManager[object] = _controller().limit(limits=1, user_api="blas")
    return limits


class ThreadMap:
    """A `map` over threads; they are started when there is first something to share out."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._pool: ThreadPoolExecutor | None = None

    def __call__(self, function: Callable[[Any], Any], items: Sequence[Any]) -> Iterable[Any]:
        """Return what the function makes of each item, in their order."""
        if self.threads < 2 or len(items) < 2:
            return map(function, items)
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor  # takes time to import; a few words do without

            self._pool = ThreadPoolExecutor(self.threads)
        return self._pool.map(function, items)

    def disband(self) -> None:
        """End the threads, and forget what they have not begun."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


@contextmanager
def thread_map() -> Iterator[ThreadMap]:
    """Yield a crew of as many threads as the process may use cores, at most `MOST_THREADS`; each computes alone."""
    crew = ThreadMap(min(cores(), MOST_THREADS))
    with one_thread():
        try:
            yield crew
        finally:
            crew.disband()


def cores() -> int:
    """Return how many cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
