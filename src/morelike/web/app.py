"""The app: the routes with their description, and every error as one sentence of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from morelike.errors import MorelikeError
from morelike.language_model.model import LanguageModel
from morelike.web.bodies import Problem
from morelike.web.guard import Guard, Hosts, problem
from morelike.web.jobs import BusyError, Jobs, TimeUpError
from morelike.web.service import Service

__all__ = ["Limits", "guarded_app", "open_app"]

LONGEST_SHOWN = 60
REFUSALS = {
    400: "not a request as it is described here",
    403: "a page of another site asks",
    404: "no such model",
    408: "the body did not come in time",
    413: "the body is too large",
    415: "the body is not JSON",
    421: "the server is not called that",
    422: "a request that this model cannot meet: a character that it does not know, lengths that no word has",
    503: "busy, or the work took too long",
}


@dataclass(frozen=True)
class Limits:
    """What one request may take, and how many may work at once."""

    jobs: int = 4
    seconds: float = 30.0
    body: int = 1 << 20


def guarded_app(models: Mapping[str, LanguageModel], hosts: Hosts, limits: Limits) -> ASGIApp:
    """Return the app behind its guard: what is served."""
    return Guard(open_app(models, limits), hosts, largest_body=limits.body, seconds=limits.seconds)


def open_app(models: Mapping[str, LanguageModel], limits: Limits) -> FastAPI:
    """Return the app alone, which answers whoever asks."""
    refusals: dict[int | str, dict[str, Any]] = {
        status: {"model": Problem, "description": why} for status, why in REFUSALS.items()
    }
    app = FastAPI(
        title="morelike",
        description="Character language models: new words, scores, and what may follow.",
        version=version("morelike"),
        docs_url=None,  # these pages fetch their scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        responses=refusals,
    )
    service = Service(models, Jobs(limits.jobs, limits.seconds))
    app.post("/v1/sample")(service.sample)
    app.post("/v1/write")(service.write)
    app.post("/v1/score")(service.score)
    app.get("/v1/next")(service.next)
    app.get("/v1/models")(service.models)
    _tell_errors(app, limits)
    return app


def _tell_errors(app: FastAPI, limits: Limits) -> None:
    @app.exception_handler(MorelikeError)
    async def refused(_: Request, error: MorelikeError) -> Response:
        return problem(422, str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        return problem(400, _in_our_words(error.errors()[0]))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        said = {404: "there is nothing here: see /openapi.json", 405: f"{request.method} is not for this address"}
        plain = error.detail in ("Not Found", "Method Not Allowed")
        sentence = said[error.status_code] if plain else str(error.detail)
        return problem(error.status_code, sentence, dict(error.headers or {}))

    @app.exception_handler(BusyError)
    async def busy(_: Request, error: BusyError) -> Response:
        return problem(503, f"{limits.jobs} requests are being answered: ask again in a second", {"Retry-After": "1"})

    @app.exception_handler(TimeUpError)
    async def slow(_: Request, error: TimeUpError) -> Response:
        return problem(503, f"the answer took longer than {limits.seconds:g} seconds: ask for less")

    @app.exception_handler(Exception)
    async def broken(_: Request, error: Exception) -> Response:
        return problem(500, "something went wrong here, and the server's own terminal says what")


def _in_our_words(error: Mapping[str, Any]) -> str:
    """Return what pydantic has to say of a request in one plain sentence."""
    if error["type"] == "json_invalid":
        return "the body is not JSON"
    name = ".".join(str(part) for part in error["loc"][1:]) or "the body"
    reason = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    reason = reason[:1].lower() + reason[1:]
    given = repr(error.get("input"))
    if error["type"] in ("missing", "value_error") or len(given) > LONGEST_SHOWN:
        return f"{name}: {reason}"
    return f"{name} = {given}: {reason}"
