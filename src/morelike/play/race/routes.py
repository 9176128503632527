"""The routes of a race."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import StreamingResponse
from pydantic import Field

from morelike.errors import excerpt
from morelike.panels.losses.race import MOST_RUNS
from morelike.play.bodies import Body, Name
from morelike.play.limits import PlayLimits
from morelike.play.race.races import Race, Races, lane_settings
from morelike.play.streams import events_of

Work = Callable[[Request, Callable[[], dict[str, Any]]], Awaitable[dict[str, Any]]]


class LaneBody(Body):
    """One run of a race: its kind and settings."""

    kind: Name = "gru"
    settings: dict[Name, int | float | str | bool] = Field(default_factory=dict, max_length=40)


class RaceBody(Body):
    """A race to begin: its list, its seed and its lanes."""

    list: Name = "names"
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    quick: bool = True
    lanes: Annotated[tuple[LaneBody, ...], Field(min_length=2, max_length=MOST_RUNS)]


class RaceRoutes:
    """The routes of the races of a server; `work` does work for a client outside the event loop."""

    def __init__(self, races: Races, limits: PlayLimits, work: Work) -> None:
        self._races, self._limits, self._work = races, limits, work

    def router(self) -> APIRouter:
        """Return the routes."""
        routes = APIRouter()
        routes.get("/api/races")(self.state)
        routes.post("/api/races")(self.begin)
        routes.get("/api/races/{race}")(self.race)
        routes.post("/api/races/{race}/lanes/{lane}")(self.begin_again)
        routes.get("/api/races/{race}/events", response_model=None)(self.events)
        routes.get("/api/races/{race}/result")(self.result)
        return routes

    async def state(self) -> dict[str, Any]:
        """Return what a page needs to begin a race, and the newest race if there is one."""
        newest = self._races.newest
        return {
            "settings": {name: lane_settings(quick=quick) for name, quick in (("quick", True), ("full", False))},
            "at_once": self._limits.at_once,
            "newest": self._races.facts(newest) if newest else None,
        }

    async def begin(self, body: RaceBody, connection: Request) -> dict[str, Any]:
        """Begin a race."""
        lanes = [(lane.kind, lane.settings) for lane in body.lanes]

        def begin() -> dict[str, Any]:
            return self._races.facts(self._races.begin(body.list, lanes, body.seed, quick=body.quick))

        return await self._work(connection, begin)

    async def race(self, race: str) -> dict[str, Any]:
        """Return the facts of a race."""
        return self._races.facts(self._find(race))

    async def begin_again(self, race: str, lane: int, body: LaneBody, connection: Request) -> dict[str, Any]:
        """Begin the run of a lane anew."""
        found = self._find(race)

        def begin() -> dict[str, Any]:
            self._races.begin_again(found, lane, body.kind, body.settings)
            return self._races.facts(found)

        return await self._work(connection, begin)

    async def events(self, race: str, connection: Request) -> StreamingResponse:
        """Stream the events of all lanes, after those that `Last-Event-ID` names."""
        return events_of(list(self._find(race).runs), connection, lanes=True)

    async def result(self, race: str, connection: Request) -> dict[str, Any]:
        """Return who is ahead, by how much, and how certain that is."""
        return await self._work(connection, partial(self._races.result, self._find(race)))

    def _find(self, name: str) -> Race:
        found = self._races.find(name)
        if found is None:
            raise HTTPException(404, f"there is no race {excerpt(name)} on this page")
        return found
