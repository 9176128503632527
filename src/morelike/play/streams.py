"""The stream of events of one run, or of the lanes of a race, as server-sent events."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse

from morelike.play.runs import LiveRun

TICK = 0.05
"""Seconds between two messages to a page: 20 a second at most."""
HEARTBEAT = 10.0
MOST_EVENTS = 200
"""Events of a run in one message."""


def events_of(runs: Sequence[LiveRun], connection: Request, *, lanes: bool = False) -> StreamingResponse:
    """Return the stream of these runs to a page, after the events that its `Last-Event-ID` names."""
    numbers = connection.headers.get("last-event-id", "").split(".")
    after = [int(each) if each.isdecimal() and len(each) < 12 else 0 for each in numbers]
    after = after if len(after) == len(runs) else [0] * len(runs)
    return StreamingResponse(stream(runs, after, lanes=lanes), media_type="text/event-stream")


async def stream(runs: Sequence[LiveRun], after: Sequence[int], *, lanes: bool = False) -> AsyncIterator[str]:
    """Yield the events of runs as messages; each event holds its `lane`, the place of its run, if there are `lanes`.

    The id of a message is the number of the last event of each run, with points between.
    """
    yield "retry: 1000\n\n"
    after = list(after)
    for run in runs:
        run.watched += 1
    sent = time.monotonic()
    try:
        while True:
            events: list[Mapping[str, Any]] = []
            for i, run in enumerate(runs):
                after[i], new = run.log.after(after[i], MOST_EVENTS)
                events += [{**event, "lane": i} for event in new] if lanes else new
            if events:
                data = json.dumps(events, separators=(",", ":"))
                yield f"id: {'.'.join(map(str, after))}\ndata: {data}\n\n"
                sent = time.monotonic()
            elif time.monotonic() - sent > HEARTBEAT:
                yield ": here\n\n"
                sent = time.monotonic()
            await asyncio.sleep(TICK)
    finally:
        for run in runs:
            run.watched -= 1
            run.last_watched = time.monotonic()
