"""The app: the routes with their description, and every error as one sentence of JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from morelike.errors import MorelikeError
from morelike.installation import version
from morelike.language_model.model import LanguageModel
from morelike.web.bodies import Problem
from morelike.web.guard import Guard, Hosts, problem
from morelike.web.jobs import BusyError, GoneError, Jobs, TimeUpError
from morelike.web.service import Service

LONGEST_SHOWN = 60
PROBLEMS = {
    400: "the request does not follow this description",
    403: "the request comes from a page of another site",
    404: "there is no such model",
    408: "the body did not arrive in time",
    413: "the body is too large",
    415: "the body is not JSON",
    421: "the request names another server",
    422: "this model cannot meet the request: an unknown character, or lengths that no word has",
    503: "too many requests are waiting, or the work took too long",
}
QUICK_JOBS = 2
"""Quick requests at work at once, beside the long ones: more would share the same cores."""


@dataclass(frozen=True)
class Limits:
    """How much the server does at once.

    `jobs` long requests are at work at once, and `waiting` more wait for their turn. A request has `seconds` for
    waiting and work. Its body has at most `body` bytes.
    """

    jobs: int = 4
    seconds: float = 30.0
    body: int = 1 << 20
    waiting: int = 200


def guarded_app(models: Mapping[str, LanguageModel], hosts: Hosts, limits: Limits) -> ASGIApp:
    """Return the app behind its guard, ready to be served."""
    return Guard(unguarded_app(models, limits), hosts, largest_body=limits.body, seconds=limits.seconds)


def unguarded_app(models: Mapping[str, LanguageModel], limits: Limits) -> FastAPI:
    """Return the app without its guard; it answers every client."""
    responses: dict[int | str, dict[str, Any]] = {
        status: {"model": Problem, "description": description} for status, description in PROBLEMS.items()
    }
    app = FastAPI(
        title="morelike",
        description="Character language models: new words, scores and the next character's distribution.",
        version=version(),
        docs_url=None,  # these pages load scripts from other sites
        redoc_url=None,
        redirect_slashes=False,
        responses=responses,
    )
    quick, long = (Jobs(jobs, limits.seconds, limits.waiting) for jobs in (QUICK_JOBS, limits.jobs))
    service = Service(models, quick, long)
    app.post("/v1/sample")(service.sample)
    app.post("/v1/write")(service.write)
    app.post("/v1/score")(service.score)
    app.get("/v1/next")(service.next)
    app.get("/v1/models")(service.models)
    add_error_handlers(app, limits)
    return app


def add_error_handlers(app: FastAPI, limits: Limits) -> None:
    """Answer every error of an app with one sentence of JSON."""

    @app.exception_handler(MorelikeError)
    async def refused(_: Request, error: MorelikeError) -> Response:
        return problem(422, str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        return problem(400, _validation_sentence(error.errors()[0]))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        standard = {
            "Not Found": "there is nothing here: see /openapi.json",
            "Method Not Allowed": f"this address does not take {request.method}",
        }
        detail = str(error.detail)
        return problem(error.status_code, standard.get(detail, detail), dict(error.headers or {}))

    @app.exception_handler(BusyError)
    async def busy(_: Request, error: BusyError) -> Response:
        sentence = f"{limits.waiting:,} requests are waiting already: ask again in a second"
        return problem(503, sentence, {"Retry-After": "1"})

    @app.exception_handler(TimeUpError)
    async def slow(_: Request, error: TimeUpError) -> Response:
        if error.waited:
            sentence = f"the turn of this request did not come within {limits.seconds:g} seconds: ask again later"
            return problem(503, sentence, {"Retry-After": str(math.ceil(limits.seconds))})
        return problem(503, f"the answer took longer than {limits.seconds:g} seconds: ask for less")

    @app.exception_handler(GoneError)
    async def gone(_: Request, error: GoneError) -> Response:
        return problem(503, "the client has gone")  # nobody reads it

    @app.exception_handler(Exception)
    async def broken(_: Request, error: Exception) -> Response:
        return problem(500, "the server failed; its terminal shows the error")


def _validation_sentence(error: Mapping[str, Any]) -> str:
    """Return pydantic's reason for refusing a request as one plain sentence."""
    if error["type"] == "json_invalid":
        return "the body is not JSON"
    name = ".".join(str(key) for key in error["loc"][1:]) or "the body"
    reason = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    reason = reason[:1].lower() + reason[1:]
    given = repr(error.get("input"))
    if error["type"] in ("missing", "value_error") or len(given) > LONGEST_SHOWN:
        return f"{name}: {reason}"
    return f"{name} = {given}: {reason}"
