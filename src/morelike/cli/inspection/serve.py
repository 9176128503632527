"""`morelike serve`: trained models over HTTP, until Ctrl-C."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators
from rich.text import Text

from morelike import api
from morelike.cli.shared.output import Json, RunsFolder, person, print_json
from morelike.errors import MorelikeError, SettingError
from morelike.language_model.model import LanguageModel

__all__ = ["EXAMPLES", "serve"]

EXAMPLES = """\
Examples:

  morelike serve
  morelike serve names=runs/MY-RUN towns=my-model --port 8080

  curl http://127.0.0.1:8000/v1/models
  curl 'http://127.0.0.1:8000/v1/next?prefix=em'
  curl --json '{"count": 5, "prefix": "el"}' http://127.0.0.1:8000/v1/sample
  curl --json '{"words": ["emma", "xqzt"]}' http://127.0.0.1:8000/v1/score

All routes, their fields and limits: http://127.0.0.1:8000/openapi.json
"""

OPEN_TO_OTHERS = (
    "Whoever reaches this machine over the network can ask these models, and test which words they learned from: "
    "there is no password and no encryption."
)


def serve(
    *models: Annotated[
        str, Parameter(help="runs or model folders, each alone or as NAME=MODEL [default: the latest run]")
    ],
    host: Annotated[
        str, Parameter(help="the address to listen at; any but this machine's own lets others ask too")
    ] = "127.0.0.1",
    port: Annotated[int, Parameter(help="0 takes a free one", validator=validators.Number(gte=0, lte=65535))] = 8000,
    allow_host: Annotated[
        list[str] | None,
        Parameter(help="a further NAME or NAME:PORT by which the server is called; may come again", negative=()),
    ] = None,
    jobs: Annotated[
        int,
        Parameter(help="requests at work at once; more are told to come again", validator=validators.Number(gte=1)),
    ] = 4,
    seconds: Annotated[float, Parameter(help="how long one may take", validator=validators.Number(gt=0))] = 30.0,
    as_json: Json = False,
    out: RunsFolder = "runs",
) -> int:
    """Serve models over HTTP, as JSON: /v1/sample, /v1/write, /v1/score, /v1/next and /v1/models.

    On this machine alone, unless --host says otherwise. No request names a file: what is served is read at the start.
    """
    if missing := [package for package in ("fastapi", "uvicorn") if find_spec(package) is None]:
        raise MorelikeError(
            f"the server needs {' and '.join(missing)}: install it with `pip install 'morelike[serve]'`"
        )
    named = _named(models or ("latest",), Path(out))

    from morelike.language_model.threads import one_thread
    from morelike.web.app import Limits, guarded_app
    from morelike.web.guard import Hosts
    from morelike.web.run import is_loopback, listen
    from morelike.web.run import serve as answer

    listening = listen(host, port)
    port = listening.getsockname()[1]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    app = guarded_app(named, Hosts.of(host, port, allow_host or ()), Limits(jobs=jobs, seconds=seconds))
    if as_json:
        print_json({"url": url, "models": list(named)})
        sys.stdout.flush()
    if not is_loopback(listening):
        person().print(OPEN_TO_OTHERS)
    person().print(Text(f"Serving {', '.join(named)} at {url} (Ctrl-C ends it)."))
    with one_thread():  # for all jobs together: each would set it back while others run
        asked = answer(app, listening)
    return 128 + asked if asked else 0


def _named(models: tuple[str, ...], out: Path) -> dict[str, LanguageModel]:
    """Return models by the names under which they are served: KIND/LIST unless one is given."""
    named: dict[str, LanguageModel] = {}
    for argument in models:
        name, equals, path = argument.partition("=")
        if not equals or Path(argument).exists():
            name, path = "", argument
        model = api.load(path, out=out)
        name = name or f"{model.architecture.kind}/{model.facts.get('list', 'words')}"
        if name in named:
            raise SettingError(f"two models are called '{name}': give one another name, as in `other={path}`")
        named[name] = model
    return named
