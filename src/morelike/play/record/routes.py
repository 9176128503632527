"""The route that hands a run over as one file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from morelike.lessons.languages import SOURCE
from morelike.play.record.file import recorded_file
from morelike.play.texts import find_language
from morelike.play.views import Views
from morelike.web.jobs import Jobs, run_for_client

SECONDS = 300.0
"""A recording computes all panels at forty looks."""
MOST_CHARACTERS = 1000


class RecordSide:
    """The route of recordings; `views_of` returns the views of a run by its name. One recording is made at a time."""

    def __init__(self, views_of: Callable[[str], Views]) -> None:
        self._views_of = views_of
        self._jobs = Jobs(1, SECONDS)

    def router(self) -> APIRouter:
        """Return the route."""
        router = APIRouter()
        router.get("/api/runs/{run}/recording")(self.recording)
        return router

    async def recording(
        self,
        run: str,
        connection: Request,
        words: Annotated[str, Query(max_length=MOST_CHARACTERS)] = "",
        language: Annotated[str, Query(max_length=10)] = SOURCE,
    ) -> Response:
        """Return a run as one HTML file; `words`, one a line, are those that it can show."""
        views, language = self._views_of(run), find_language(language)
        work = partial(recorded_file, views, words.splitlines(), language)
        content = await run_for_client(self._jobs, connection, work)
        name = quote(f"{views.run.id}.html")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(content, media_type="text/html; charset=utf-8", headers=headers)
