"""Work outside the event loop: a few jobs at once, each in a thread; the others wait for their turn.

Two queues keep quick answers from waiting for long work: `QUICK` for the next character and for scores of a few words,
`LONG` for everything else. In a queue the clients take turns, so a client with many requests delays no other client.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from threading import Event, Thread
from typing import Any, TypeVar

from starlette.requests import Request

from morelike.cancellation import cancellable

Result = TypeVar("Result")


class BusyError(Exception):
    """As many requests are waiting as may wait."""


class TimeUpError(Exception):
    """A job took longer than its time, or waited for it."""

    def __init__(self, *, waited: bool) -> None:
        super().__init__()
        self.waited = waited


class GoneError(Exception):
    """The client closed its connection before its answer."""


class Jobs:
    """Runs up to `most` jobs at once, each in a thread of its own; up to `waiting` more wait for their turn.

    A request has `seconds` for waiting and work together. A job is cancelled if it runs out of time or if its client
    has gone: the loops of sampling check for this in each step. Its place is free when its thread has ended. The
    threads are daemons, so the end of the process waits for none of them.
    """

    def __init__(self, most: int, seconds: float, waiting: int = 200) -> None:
        self.most = most
        self.seconds = seconds
        self.waiting = waiting
        self._at_work = 0
        self._turns: dict[str, deque[asyncio.Future[None]]] = {}  # by client; the first client has the next turn

    async def run(
        self, work: Callable[[], Result], client: str = "", gone: Callable[[], Awaitable[Any]] | None = None
    ) -> Result:
        """Return what `work` returns, or raise what it raises.

        Args:
            work: the job.
            client: who asks.
            gone: returns when the client has closed its connection.

        Raises:
            BusyError: as many jobs are waiting as may wait.
            TimeUpError: the job waited and worked longer than its time.
            GoneError: the client has gone.
        """
        if gone is None:
            return await self._run_in_time(work, client)
        job = asyncio.ensure_future(self._run_in_time(work, client))
        watch = asyncio.ensure_future(gone())
        try:
            await asyncio.wait([job, watch], return_when=asyncio.FIRST_COMPLETED)
            if job.done():
                return job.result()
            raise GoneError
        finally:
            job.cancel()
            watch.cancel()

    async def _run_in_time(self, work: Callable[[], Result], client: str) -> Result:
        began = False
        try:
            async with asyncio.timeout(self.seconds):
                await self._wait_for_turn(client)
                began = True
                return await self._perform(work)
        except TimeoutError:
            raise TimeUpError(waited=not began) from None

    async def _wait_for_turn(self, client: str) -> None:
        """Take one of the places for jobs, now or when the turn of this client comes."""
        if self._at_work < self.most:
            self._at_work += 1
            return
        if sum(not turn.cancelled() for turns in self._turns.values() for turn in turns) >= self.waiting:
            raise BusyError
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._turns.setdefault(client, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # the place came at the moment of the cancellation
                self._release()
            raise

    def _release(self) -> None:
        """Pass the place of a job that has ended to the client whose turn it is."""
        while self._turns:
            client = next(iter(self._turns))
            waiting = self._turns.pop(client)
            turn = waiting.popleft()
            if waiting:
                self._turns[client] = waiting  # the other clients come first
            if not turn.cancelled():
                turn.set_result(None)
                return
        self._at_work -= 1

    async def _perform(self, work: Callable[[], Result]) -> Result:
        """Run a job in a thread. The thread gives its place back when it ends, even if nobody waits for it any more."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()
        cancelled = Event()

        def settle(set_outcome: Callable[[Any], None], outcome: Any) -> None:
            self._release()
            if not done.done():  # otherwise nobody waits for the outcome any more
                set_outcome(outcome)

        def perform() -> None:
            try:
                with cancellable(cancelled.is_set):
                    settled = partial(settle, done.set_result, work())
            except Exception as error:
                settled = partial(settle, done.set_exception, error)
            try:
                loop.call_soon_threadsafe(settled)
            except RuntimeError:  # the loop is closed, so nobody waits for a turn
                self._at_work -= 1

        Thread(target=perform, name="morelike job", daemon=True).start()
        try:
            return await done
        finally:
            cancelled.set()


async def run_for_client(jobs: Jobs, connection: Request, work: Callable[[], Result]) -> Result:
    """Run a job for a client, and cancel it if the client closes its connection."""

    async def gone() -> None:
        while (await connection.receive())["type"] != "http.disconnect":
            pass

    return await jobs.run(work, connection.client.host if connection.client else "", gone)
