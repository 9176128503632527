"""The app of the page: its files, its lists and runs, and the events of each run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Any, TypeVar

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import StreamingResponse

from morelike.architecture import kinds
from morelike.errors import SettingError, excerpt
from morelike.lessons.languages import LANGUAGES as LESSON_LANGUAGES
from morelike.lessons.languages import SOURCE
from morelike.lessons.lesson import find_lesson
from morelike.play.address import read_address
from morelike.play.bodies import CommandBody, ListBody, RunBody
from morelike.play.breaking.faults import broken
from morelike.play.limits import PlayLimits
from morelike.play.lists import SHIPPED, Lists
from morelike.play.make.routes import MakeSide
from morelike.play.page_files import page_file
from morelike.play.race.races import Races
from morelike.play.race.routes import RaceRoutes
from morelike.play.rate.routes import RateTests
from morelike.play.record.bundle import ENTRY, bundle
from morelike.play.record.routes import RecordSide
from morelike.play.runs import WAITING, LiveRun, Runs
from morelike.play.streams import events_of
from morelike.play.texts import LANGUAGES, sentences, texts
from morelike.play.token import TokenDoor
from morelike.play.views import Views, or_refusal
from morelike.runs.plan import hiding_test, make_plan
from morelike.web.app import Limits, add_error_handlers
from morelike.web.guard import Guard, Hosts
from morelike.web.jobs import Jobs, run_for_client

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)
"""The Content-Security-Policy: the page loads its own files alone, and no text becomes a script or an element."""
ADVICE = "open the address that `morelike play` printed"
SECONDS = 30.0
MOST_LOOKS = 100
"""Looks of which one request gets a panel."""
Result = TypeVar("Result")


@dataclass(frozen=True)
class Play:
    """A page that can be served: the guarded app, the token that opens it, and its runs."""

    app: Guard
    token: str
    runs: Runs


def make_play(
    runs: Runs,
    lists: Lists,
    hosts: Hosts,
    limits: PlayLimits,
    language: str = SOURCE,
    shown: Sequence[LiveRun] = (),
) -> Play:
    """Return the page behind its guard and its token. If several runs are `shown` at first, they are a race."""
    service = Service(runs, lists, limits, language)
    if len(shown) > 1:
        service.races.open(shown)
    door = TokenDoor(service.app(), hosts.port)
    guard = Guard(door, hosts, largest_body=limits.body, seconds=SECONDS, policy=POLICY, advice=ADVICE)
    return Play(guard, door.token, runs)


class Service:
    """The routes of the page."""

    def __init__(self, runs: Runs, lists: Lists, limits: PlayLimits, language: str) -> None:
        self._runs, self._lists, self._limits, self._language = runs, lists, limits, language
        self._views: dict[str, Views] = {}
        self._jobs = Jobs(2, SECONDS)
        self.races = Races(runs, lists, self._views_of)

    def app(self) -> FastAPI:
        """Return the app without guard and token."""
        app = FastAPI(title="morelike play", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
        app.get("/")(self.index)
        app.get("/page/texts/{language}.json")(self.texts)
        app.get("/page/sentences/{language}.json")(self.sentences)
        app.get("/page/{name}")(self.file)
        app.get("/page/{folder}/{name}")(self.file_in_folder)
        app.get("/api/state")(self.state)
        app.get("/api/address")(self.address)
        app.post("/api/lists")(self.add_list)
        app.get("/api/lists/{name}")(self.list)
        app.post("/api/runs")(self.begin)
        app.get("/api/runs/{run}")(self.run)
        app.post("/api/runs/{run}/command")(self.command)
        app.get("/api/runs/{run}/events", response_model=None)(self.events)
        app.get("/api/runs/{run}/looks/{step}/{panel}")(self.panel)
        app.get("/api/runs/{run}/over-time/{panel}")(self.panel_over_time)
        app.get("/api/lessons/{number}")(self.lesson)
        app.include_router(MakeSide(self._views_of, self._lists, self._limits, self._jobs).router())
        app.include_router(RaceRoutes(self.races, self._limits, self._work).router())
        app.include_router(RateTests(self._find, self._limits.seconds).router())
        app.include_router(RecordSide(self._views_of).router())
        add_error_handlers(app, Limits(seconds=SECONDS, body=self._limits.body))
        return app

    async def index(self) -> Response:
        """Return the page."""
        return _page_file("index.html")

    async def file(self, name: str) -> Response:
        """Return a file of the page; its first module comes with all others in one file."""
        if name == ENTRY:
            return Response(bundle(ENTRY), media_type="text/javascript")
        return _page_file(name)

    async def file_in_folder(self, folder: str, name: str) -> Response:
        """Return a file of a view, whose folder has its name."""
        return _page_file(name, folder)

    async def texts(self, language: str) -> Mapping[str, str]:
        """Return the texts of the page in a language."""
        if language not in LANGUAGES:
            raise HTTPException(404, f"the page does not exist in the language {excerpt(language)}")
        return texts(language)

    async def sentences(self, language: str) -> Mapping[str, str]:
        """Return the translations of what the server says in English."""
        if language not in LANGUAGES:
            raise HTTPException(404, f"the page does not exist in the language {excerpt(language)}")
        return sentences(language)

    async def state(self) -> dict[str, Any]:
        """Return what the page needs at first: its runs, the newest first, kinds, lists and languages."""
        return {
            "runs": [run.facts() for run in self._runs.all()],
            "kinds": list(kinds()),
            "lists": [{"id": name, "name": name} for name in SHIPPED],
            "languages": LANGUAGES,
            "language": self._language,
            "version": version("morelike"),
            "most_bytes": self._limits.body,
        }

    async def address(self, connection: Request) -> dict[str, Any]:
        """Return the run that the settings in an address of the page mean, and what in them makes no sense."""
        run, left_out = read_address(dict(connection.query_params))
        return {"run": run, "left_out": left_out}

    async def add_list(self, body: ListBody, connection: Request) -> dict[str, Any]:
        """Keep a pasted list, and return its figures."""
        return await self._work(connection, lambda: self._lists.facts(self._lists.paste(body.text, body.name)))

    async def list(self, name: str, connection: Request) -> dict[str, Any]:
        """Return the figures of a list."""
        return await self._work(connection, partial(self._lists.facts, name))

    async def begin(self, body: RunBody, connection: Request) -> dict[str, Any]:
        """Begin a run."""
        return (await self._work(connection, partial(self._begin, body))).facts()

    def _begin(self, body: RunBody) -> LiveRun:
        if body.mends:
            return self._runs.mend(self._find(body.mends))
        corpus, source = self._lists.find(body.list)
        settings = {**body.settings, "seed": body.seed}
        plan = make_plan(corpus, body.kind, source=source, quick=body.quick, settings=settings)
        plan = hiding_test(broken(plan, body.fault) if body.fault else plan)
        start = (self._find(body.start_from.run), body.start_from.step) if body.start_from else None
        run = self._runs.begin(plan, start, fault=body.fault)
        run.given = body.settings
        return run

    async def run(self, run: str) -> dict[str, Any]:
        """Return the facts of a run."""
        return self._find(run).facts()

    async def command(self, run: str, body: CommandBody, connection: Request) -> dict[str, Any]:
        """Send a command to a run."""
        found = self._find(run)
        if body.command == "knob" and body.value is None:
            raise SettingError("a knob needs a value: give one")
        if body.command == "stop" and found.status == WAITING:
            self._runs.leave_queue(found)
        elif body.command == "continue":
            self._runs.limits.check_new_run(0, sum(each.active for each in self._runs.all() if each is not found))
            await self._work(connection, found.start_again)
        else:
            found.command(body.model_dump(exclude_none=True))
        return found.facts()

    async def panel(self, run: str, step: str, panel: str, connection: Request) -> dict[str, Any]:
        """Return what a panel shows of a run at a look."""
        views, query = self._views_of(run), dict(connection.query_params)
        return await self._work(connection, lambda: or_refusal(lambda: views.panel(step, panel, query)))

    def _views_of(self, run: str) -> Views:
        found = self._find(run)
        return self._views.setdefault(run, Views(found))

    async def lesson(self, number: int, language: str = SOURCE) -> dict[str, Any]:
        """Return a lesson as Markdown, in English if it is not translated."""
        lesson = find_lesson(number, language if language in LESSON_LANGUAGES else SOURCE)
        return {"number": number, "title": lesson.title, "language": lesson.language, "markdown": lesson.markdown()}

    async def panel_over_time(self, run: str, panel: str, connection: Request) -> dict[str, Any]:
        """Return what a panel shows at several looks; the query's `steps` are their steps, separated by commas."""
        query = dict(connection.query_params)
        steps = query.pop("steps", "").split(",")
        if len(steps) > MOST_LOOKS:
            raise SettingError(f"{len(steps)} looks at once: ask for {MOST_LOOKS} at most")
        views = self._views_of(run)
        return await self._work(
            connection, lambda: or_refusal(lambda: {"looks": [views.panel(step, panel, query) for step in steps]})
        )

    async def events(self, run: str, connection: Request) -> StreamingResponse:
        """Stream the events of a run, after the one that `Last-Event-ID` names."""
        return events_of([self._find(run)], connection)

    def _find(self, name: str) -> LiveRun:
        found = self._runs.find(name)
        if found is None:
            raise HTTPException(404, f"there is no run {excerpt(name)} on this page")
        return found

    async def _work(self, connection: Request, work: Callable[[], Result]) -> Result:
        return await run_for_client(self._jobs, connection, work)


def _page_file(name: str, folder: str = "") -> Response:
    found = page_file(name, folder)
    if found is None:
        raise HTTPException(404, "there is no such file on this page")
    return Response(found.data, media_type=found.media_type)
