"""Work outside the event loop: a few jobs at once, each in a thread, each for a limited time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Event, Thread
from typing import Any, TypeVar

from morelike.cancellation import cancellable

Result = TypeVar("Result")


class BusyError(Exception):
    """The greatest number of jobs is running."""


class TimeUpError(Exception):
    """A job took longer than its time."""


class Jobs:
    """Runs up to `most` jobs at once, each in a thread of its own and for at most `seconds`.

    A job is cancelled if it runs out of time or if its client has gone: the loops of sampling check for this in each
    step. The threads are daemons, so the end of the process waits for none of them.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self._threads: set[Thread] = set()

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what `work` returns, or raise what it raises.

        Raises:
            BusyError: the greatest number of jobs is running.
            TimeUpError: the job took longer than its time.
        """
        self._threads = {thread for thread in self._threads if thread.is_alive()}
        if len(self._threads) >= self.most:
            raise BusyError
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()
        cancelled = Event()

        def settle(set_outcome: Callable[[Any], None], outcome: Any) -> None:
            self._threads.discard(thread)
            if not done.done():  # otherwise nobody waits for the outcome any more
                set_outcome(outcome)

        def perform() -> None:
            try:
                with cancellable(cancelled.is_set):
                    settled = partial(settle, done.set_result, work())
            except Exception as error:
                settled = partial(settle, done.set_exception, error)
            with suppress(RuntimeError):  # the server has ended and closed the loop
                loop.call_soon_threadsafe(settled)

        thread = Thread(target=perform, name="morelike job", daemon=True)
        self._threads.add(thread)
        thread.start()
        try:
            async with asyncio.timeout(self.seconds):
                return await done
        except TimeoutError:
            raise TimeUpError from None
        finally:
            cancelled.set()
