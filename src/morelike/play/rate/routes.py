"""The route of the learning-rate test: its answer is the test, step by step, and the test ends with its request."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import Field

from morelike.play.bodies import Body
from morelike.play.runs import LiveRun

WORKER = (sys.executable, "-m", "morelike.play.rate.worker")
LONGEST_LINE = 1 << 24
"""Bytes of an event at most."""
BUSY = "a learning-rate test is running already: wait for its end, or cancel it"
LOST = "the process of the learning-rate test ended unexpectedly: test again"
TOO_LONG = "the learning-rate test took longer than {:g} minutes and was ended: give fewer steps"


class RateBody(Body):
    """A learning-rate test: the first rate, the last one, and the steps between them."""

    low: Annotated[float, Field(gt=0)] = 1e-3
    high: Annotated[float, Field(gt=0)] = 1.0
    steps: Annotated[int, Field(ge=10, le=10_000)] = 1000


class RateTests:
    """The learning-rate tests of a server, one at a time, each in a process of its own."""

    def __init__(self, find: Callable[[str], LiveRun], seconds: float, worker: Sequence[str] = WORKER) -> None:
        self._find, self._seconds, self._worker = find, seconds, worker
        self._is_busy = False

    def router(self) -> APIRouter:
        """Return the route."""
        routes = APIRouter()
        routes.post("/api/runs/{run}/rate_test", response_model=None)(self.begin)
        return routes

    async def begin(self, run: str, body: RateBody) -> StreamingResponse:
        """Test rates with the list and the settings of a run, an event a line."""
        folder = self._find(run).folder.path
        events = self.events([str(folder), str(body.low), str(body.high), str(body.steps)])
        return StreamingResponse(events, media_type="application/x-ndjson")

    async def events(self, arguments: Sequence[str]) -> AsyncIterator[bytes]:
        """Yield the events of a test; its process ends when nobody takes them any more."""
        if self._is_busy:
            yield _failed(BUSY)
            return
        self._is_busy = True
        process: Process | None = None
        try:
            process = await asyncio.create_subprocess_exec(
                *self._worker, *arguments, stdin=PIPE, stdout=PIPE, limit=LONGEST_LINE, start_new_session=True
            )
            async for line in _lines(process, self._seconds):
                yield line
        finally:
            self._is_busy = False
            if process and process.returncode is None:
                process.kill()
                await process.wait()


async def _lines(process: Process, seconds: float) -> AsyncIterator[bytes]:
    """Yield the lines of a process, and a failure if it takes too long or ends without a last word."""
    assert process.stdout
    deadline, last = time.monotonic() + seconds, b"{}"
    try:
        while line := await asyncio.wait_for(process.stdout.readline(), deadline - time.monotonic()):
            last = line
            yield line
    except TimeoutError:
        yield _failed(TOO_LONG.format(seconds / 60))
        return
    if json.loads(last).get("type") not in ("finished", "failed"):
        yield _failed(LOST)


def _failed(sentence: str) -> bytes:
    return json.dumps({"type": "failed", "sentence": f"{sentence}."}).encode() + b"\n"
