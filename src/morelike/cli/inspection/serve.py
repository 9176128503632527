"""`morelike serve`: trained models over HTTP, until Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import validators

from morelike import api
from morelike.cli.shared.extras import require_server
from morelike.cli.shared.output import print_json, print_note
from morelike.cli.shared.parameters import RUNS, Json, RunsFolder, option
from morelike.errors import SettingError, excerpt
from morelike.language_model.model import LanguageModel

OPEN_TO_OTHERS = (
    "Everyone who reaches this machine over the network can use these models, and can test whether a word was in their "
    "lists: there is no password and no encryption."
)


def serve(
    *models: Annotated[str, option("runs or model folders, each alone or as NAME=MODEL [default: the latest run]")],
    host: Annotated[str, option("the address; only a loopback address excludes other machines")] = "127.0.0.1",
    port: Annotated[int, option("the port; 0 takes a free one", validator=validators.Number(gte=0, lte=65535))] = 8000,
    allow_host: Annotated[list[str] | None, option("another NAME or NAME:PORT of this server; may be repeated")] = None,
    jobs: Annotated[int, option("long requests at work at once", validator=validators.Number(gte=1))] = 4,
    queue: Annotated[int, option("requests that may wait for their turn", validator=validators.Number(gte=0))] = 200,
    seconds: Annotated[
        float, option("seconds that one request may wait and take", validator=validators.Number(gt=0))
    ] = 30.0,
    as_json: Json = False,
    out: RunsFolder = RUNS,
) -> int:
    """Serve models over HTTP, as JSON: /v1/sample, /v1/write, /v1/score, /v1/next and /v1/models.

    Only this machine can reach the server, unless --host names another address. The server reads the models when it
    starts; no request can name a file.

    Examples:
      morelike serve
      morelike serve names=runs/MY-RUN towns=my-model --port 8080

      curl http://127.0.0.1:8000/v1/models
      curl 'http://127.0.0.1:8000/v1/next?prefix=em'
      curl --json '{"count": 5, "prefix": "el"}' http://127.0.0.1:8000/v1/sample
      curl --json '{"words": ["emma", "xqzt"]}' http://127.0.0.1:8000/v1/score

    All routes, their fields and limits: http://127.0.0.1:8000/openapi.json
    """
    require_server("the server")
    named = _load_named(models or ("latest",), out)

    from morelike.language_model.threads import one_thread
    from morelike.web.app import Limits, guarded_app
    from morelike.web.guard import Hosts
    from morelike.web.run import is_loopback, listen, run_server

    listening = listen(host, port)
    port = listening.getsockname()[1]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    limits = Limits(jobs=jobs, seconds=seconds, waiting=queue)
    app = guarded_app(named, Hosts.of(host, port, allow_host or ()), limits)
    if as_json:
        print_json({"url": url, "models": list(named)})
        sys.stdout.flush()
    if not is_loopback(listening):
        print_note(OPEN_TO_OTHERS)
    print_note(f"Serving {', '.join(named)} at {url} (Ctrl-C ends it).")
    with one_thread():  # one limit for all jobs: a job that ends would restore the threads while others run
        signal_number = run_server(app, listening)
    return 128 + signal_number if signal_number else 0


def _load_named(models: Sequence[str], out: Path) -> dict[str, LanguageModel]:
    """Return the models by the names under which they are served; the default name is KIND/LIST."""
    named: dict[str, LanguageModel] = {}
    for argument in models:
        name, equals, path = argument.partition("=")
        if not equals or Path(argument).exists():
            name, path = "", argument
        elif not name:
            raise SettingError(f"{excerpt(argument)} has no name before the =: give NAME=MODEL, or the model alone")
        model = api.load(path, out=out)
        name = name or f"{model.architecture.kind}/{model.facts.get('list', 'words')}"
        if name in named:
            raise SettingError(f"two models are called '{name}': give one another name, as in `other={path}`")
        named[name] = model
    return named
