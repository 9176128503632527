"""The events of a run in memory, numbered, so that a page that lost its connection gets what it missed."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from itertools import islice
from threading import Lock
from typing import Any

MOST_EVENTS = 20_000


class EventLog:
    """The newest events of a run; the first event has number 1. Several threads may use it."""

    def __init__(self, most: int = MOST_EVENTS) -> None:
        self._events: deque[Mapping[str, Any]] = deque(maxlen=most)
        self._count = 0
        self._lock = Lock()

    def append(self, event: Mapping[str, Any]) -> None:
        """Add an event."""
        with self._lock:
            self._events.append(event)
            self._count += 1

    def after(self, number: int, most: int) -> tuple[int, list[Mapping[str, Any]]]:
        """Return events after this number, `most` at most, and the number of the last of them.

        Events that are no longer in memory are left out. A number that does not exist yet counts as 0.

        >>> log = EventLog(most=2)
        >>> for step in (1, 2, 3):
        ...     log.append({"step": step})
        >>> log.after(0, 10), log.after(2, 10), log.after(3, 10)
        ((3, [{'step': 2}, {'step': 3}]), (3, [{'step': 3}]), (3, []))
        """
        with self._lock:
            number = number if 0 <= number <= self._count else 0
            first = self._count - len(self._events)
            skipped = max(number - first, 0)
            events = list(islice(self._events, skipped, skipped + most))
            return first + skipped + len(events), events
