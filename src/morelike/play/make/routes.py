"""The routes of the side that makes words."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from morelike.play.limits import PlayLimits
from morelike.play.lists import Lists
from morelike.play.make.bodies import BlendBody, CheckBody, Kept, NearBody, SampleBody, ScoreBody
from morelike.play.make.check import checked
from morelike.play.make.current import CurrentModel, CurrentModels
from morelike.play.make.export import Exported, Format, exported
from morelike.play.make.kept import ChangedError, read_kept, write_kept
from morelike.play.make.makers import blended, near, sampled
from morelike.play.make.settings import setting_facts
from morelike.play.make.words import described
from morelike.play.views import Views
from morelike.web.jobs import Jobs, run_for_client

Result = TypeVar("Result")
QUICK_JOBS = 2
"""Requests for kept words at work at once: they do not wait for long work."""


class MakeSide:
    """The routes that make words, score them, check them, and keep them.

    `views_of` returns the views of a run by its name. `jobs` do the long work.
    """

    def __init__(self, views_of: Callable[[str], Views], lists: Lists, limits: PlayLimits, jobs: Jobs) -> None:
        self._views_of, self._lists, self._limits, self._jobs = views_of, lists, limits, jobs
        self._quick = Jobs(QUICK_JOBS, jobs.seconds)
        self._models = CurrentModels(limits)

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter()
        router.get("/api/make/settings")(self.settings)
        of_run = "/api/runs/{run}/make"
        router.post(f"{of_run}/sample")(self.sample)
        router.post(f"{of_run}/near")(self.near)
        router.post(f"{of_run}/blend")(self.blend)
        router.post(f"{of_run}/score")(self.score)
        router.post(f"{of_run}/check")(self.check)
        router.get(f"{of_run}/kept")(self.kept)
        router.put(f"{of_run}/kept")(self.keep)
        router.get(f"{of_run}/export")(self.export)
        return router

    async def settings(self, connection: Request, run: str | None = None) -> list[dict[str, Any]]:
        """Return the settings of `sample`; with a run, its labels are the choices of `label`."""
        if run is None:
            return setting_facts(self._limits.made)
        return await self._work(connection, run, lambda current: setting_facts(self._limits.made, current.model.labels))

    async def sample(self, run: str, body: SampleBody, connection: Request) -> dict[str, Any]:
        """Make new words."""
        return await self._work(connection, run, lambda current: sampled(current, body, self._limits))

    async def near(self, run: str, body: NearBody, connection: Request) -> dict[str, Any]:
        """Find or make words that resemble a word."""
        return await self._work(connection, run, lambda current: near(current, body, self._limits))

    async def blend(self, run: str, body: BlendBody, connection: Request) -> dict[str, Any]:
        """Make new words of two runs."""
        others = self._views_of(body.other)

        def work(current: CurrentModel) -> dict[str, Any]:
            other = self._current(others)
            mixed, lacking = blended(current, other, body.share)
            found = sampled(mixed, body, self._limits)
            note = " ".join(filter(None, (found["note"], lacking))) or None
            return {**found, "note": note, "share": body.share, "other": {"run": body.other, "step": other.step}}

        return await self._work(connection, run, work)

    async def score(self, run: str, body: ScoreBody, connection: Request) -> dict[str, Any]:
        """Return the figures of words."""
        self._limits.check_scored(len(body.words))

        def work(current: CurrentModel) -> dict[str, Any]:
            return {"words": described(current, body.words, body.label), "step": current.step}

        return await self._work(connection, run, work)

    async def check(self, run: str, body: CheckBody, connection: Request) -> dict[str, Any]:
        """Look for words in lists, and for blocked texts in words."""

        def work(current: CurrentModel) -> dict[str, Any]:
            lists = [(corpus.name, corpus.words) for corpus, _ in map(self._lists.find, dict.fromkeys(body.lists))]
            return checked(body, lists, current.listed, self._limits)

        return await self._work(connection, run, work)

    async def kept(self, run: str, connection: Request) -> Kept:
        """Return what is kept of a run."""
        return await run_for_client(self._quick, connection, partial(read_kept, self._views_of(run).run.folder))

    async def keep(self, run: str, body: Kept, connection: Request) -> Response:
        """Keep words of a run; 409 with the newest state if another page has changed it since."""
        folder = self._views_of(run).run.folder
        try:
            saved = await run_for_client(self._quick, connection, partial(write_kept, folder, body))
        except ChangedError as error:
            return JSONResponse({"error": str(error), **error.newest.model_dump()}, 409)
        return JSONResponse(saved.model_dump())

    async def export(
        self, run: str, connection: Request, form: Annotated[Format, Query(alias="format")] = "csv"
    ) -> Response:
        """Return the starred words as a file."""
        folder = self._views_of(run).run.folder

        def work(current: CurrentModel) -> Exported:
            kept = read_kept(folder)
            edited = {each.to: each.before for each in kept.edited}
            return exported(described(current, kept.starred), edited, form)

        found = await self._work(connection, run, work)
        name = f"{folder.path.name}-words.{form}"
        disposition = f"attachment; filename=\"words.{form}\"; filename*=UTF-8''{quote(name)}"
        return Response(found.data, media_type=found.media_type, headers={"Content-Disposition": disposition})

    def _current(self, views: Views) -> CurrentModel:
        return self._models.of(views.run, views)

    async def _work(self, connection: Request, run: str, work: Callable[[CurrentModel], Result]) -> Result:
        """Return what a job makes with the current model of a run."""
        views = self._views_of(run)
        return await run_for_client(self._jobs, connection, lambda: work(self._current(views)))
