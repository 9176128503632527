"""Work off the event loop: a few threads at once, each for a few seconds."""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import Any, TypeVar

__all__ = ["BusyError", "Jobs", "TimeUpError"]

Result = TypeVar("Result")


class BusyError(Exception):
    """As many jobs as may run are running."""


class TimeUpError(Exception):
    """A job was stopped at the end of its time."""


class _Ended(BaseException):
    """Raised inside a job that has no time left; no `except Exception` on its way holds it up."""


class Jobs:
    """Runs up to `most` jobs at once, each in a thread of its own and for `seconds` at the longest.

    The threads are daemons, so that the end of the process waits for none of them.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self._threads: set[Thread] = set()

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what `work` returns, or raise what it raises.

        Raises:
            BusyError: there is no room now.
            TimeUpError: it was stopped at the end of its time.
        """
        self._threads = {thread for thread in self._threads if thread.is_alive()}
        if len(self._threads) >= self.most:
            raise BusyError
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()

        def settle(set_outcome: Callable[[Any], None], outcome: Any) -> None:
            self._threads.discard(thread)
            if not done.done():  # nobody waits for it any more
                set_outcome(outcome)

        def perform() -> None:
            with suppress(_Ended, RuntimeError):  # RuntimeError: the loop is closed, the server has ended meanwhile
                try:
                    settled = partial(settle, done.set_result, work())
                except Exception as error:
                    settled = partial(settle, done.set_exception, error)
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
            if not done.done() or done.cancelled():
                _end(thread)


def _end(thread: Thread) -> None:
    """Raise `_Ended` in a thread, which ends it between two of its steps; in one that has ended, nothing.

    The work is a loop in Python over short calls of NumPy that holds no lock and changes nothing that is shared, so it
    may end anywhere. Without this a request that asked for the impossible would keep a core busy for an hour.
    """
    if thread.is_alive() and thread.ident is not None:  # the number of one that has ended may be another's now
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(_Ended))
