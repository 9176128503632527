"""`morelike play`: a page on which a model learns before one's eyes, until Ctrl-C."""

from __future__ import annotations

import sys
import webbrowser
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import validators

from morelike.cli.shared.extras import require_server
from morelike.cli.shared.output import print_json, print_note
from morelike.cli.shared.parameters import Json, option
from morelike.errors import SettingError

if TYPE_CHECKING:
    from morelike.play.processes.starter import Processes

PORTS = 20
"""Ports after the first one that are tried if it is taken."""
OPEN_TO_OTHERS = (
    "Everyone who reaches this machine over the network and has the address below can use this page: there is no "
    "encryption."
)


def play(
    words: Annotated[str, option("a list, as for `morelike train`, or a run to look into", "LIST")] = "names",
    /,
    *others: Annotated[str, option("more runs on the same list, up to four in all: the page compares them")],
    host: Annotated[str, option("the address; only a loopback address excludes other machines")] = "127.0.0.1",
    port: Annotated[
        int, option("the port, or the next free one; 0 takes any", validator=validators.Number(gte=0, lte=65535))
    ] = 8017,
    browser: Annotated[bool, option("open the page in the browser", negative="--no-browser")] = True,
    lang: Annotated[str | None, option("the language of the page: en, fr or it [default: the system's]")] = None,
    record: Annotated[
        Path | None,
        option("write the run as one HTML file, which replays without a server, to this path"),
    ] = None,
    word: Annotated[
        tuple[str, ...], option("with --record: a word that the file can show; may be given several times")
    ] = (),
    as_json: Json = False,
    out: Annotated[Path, option("where the run folders are made")] = Path("runs"),
) -> int:
    """Watch a model learn: a page that shows its loss, its words and what is inside it, while it trains.

    The page belongs to this machine and to this user: the printed address holds a key. Nothing is loaded from outside.
    A run begun on the page is a run folder like any other. Ctrl-C saves all runs.

    Examples:
      morelike play
      morelike play my-list.txt
      morelike play runs/MY-RUN
      morelike play runs/MY-RUN runs/ANOTHER
      morelike play runs/MY-RUN --record my-run.html --word anna --word emil
      morelike play --no-browser --port 9000 --lang fr
    """
    if record is not None:
        return _record(words, record, word, lang, out, as_json=as_json)
    if word:
        raise SettingError("--word names the words of a recording: give --record FILE.html too")
    require_server("the page")
    from morelike.play.processes.starter import Processes
    from morelike.play.texts import find_language

    language = find_language(lang)
    with closing(Processes()) as processes:
        processes.prepare()  # it imports JAX while this process reads the list and imports the server
        return _serve(processes, [words, *others], host, port, language, out, browser=browser, as_json=as_json)


def _serve(
    processes: Processes,
    shown: list[str],
    host: str,
    port: int,
    language: str,
    out: Path,
    *,
    browser: bool,
    as_json: bool,
) -> int:
    """Serve the page with these lists or runs until Ctrl-C, and return the exit status."""
    from morelike.language_model.threads import one_thread
    from morelike.play.limits import PlayLimits
    from morelike.play.lists import Lists
    from morelike.play.runs import Runs
    from morelike.play.start import begin, watch_over
    from morelike.web.guard import Hosts
    from morelike.web.run import is_loopback, listen, run_server

    limits = PlayLimits()
    lists, runs = Lists(limits), Runs(out, limits, processes)
    listening = listen(host, port, PORTS)
    try:
        opened = begin(shown, runs, lists)
        watch_over(runs)
        from morelike.play.app import make_play  # its import takes a while, in which the first run starts

        port = listening.getsockname()[1]
        page = make_play(runs, lists, Hosts.of(host, port), limits, language, opened)
        named = f"[{host}]" if ":" in host else host
        url = f"http://{named}:{port}/?token={page.token}{'#race' if len(shown) > 1 else ''}"
        if as_json:
            print_json({"url": url})
            sys.stdout.flush()
        if not is_loopback(listening):
            print_note(OPEN_TO_OTHERS)
        print_note(f"The page is at {url} (Ctrl-C ends it and saves all runs).")
        if browser:
            webbrowser.open(url)
        with one_thread():
            signal_number = run_server(page.app, listening)
    finally:
        listening.close()
        for run in runs.close():
            print_note(f"Saved: go on with `morelike train --resume {run.folder.path}`")
    return 128 + signal_number if signal_number else 0


def _record(name: str, path: Path, words: tuple[str, ...], lang: str | None, out: Path, *, as_json: bool) -> int:
    """Write a run as one file, and say how large it is."""
    from morelike.play.limits import PlayLimits
    from morelike.play.record.file import write_recording
    from morelike.play.runs import Runs
    from morelike.play.texts import find_language
    from morelike.play.views import Views
    from morelike.runs.lookup import find_run

    run = Runs(out, PlayLimits()).open(find_run(name, out))
    size = write_recording(Views(run), path, words, find_language(lang))
    if as_json:
        print_json({"file": str(path), "bytes": size})
    print_note(f"Wrote {path} ({size / 1e6:.1f} MB): open it in a browser, it needs no server.")
    return 0
