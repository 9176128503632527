"""A run as one HTML file that replays without a server and without a network, for a lesson or a web site."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from morelike.errors import MorelikeError, RunError
from morelike.installation import is_installed, version
from morelike.lessons.languages import SOURCE
from morelike.play.record.bundle import bundle, read_page_file
from morelike.play.record.recorder import Recorder, licence_of, pack
from morelike.play.views import Views
from morelike.storage.atomic_files import write_file

STYLE_LINK = '<link rel="stylesheet" href="/page/page.css">'
SCRIPT_LINK = '<script type="module" src="/page/main.js"></script>'
TITLE = "<title>morelike play</title>"


def recorded_file(views: Views, words: Sequence[str] = (), language: str = SOURCE) -> str:
    """Return a run as one HTML file.

    Raises:
        MorelikeError: the run or its list is damaged or missing, or the run has no look yet.
    """
    run = views.run
    if not run.looks.steps() and run.status not in ("finished", "stopped", "failed"):
        raise RunError(f"the run {run.id} has not begun to learn: record it after its first steps")
    recorder = Recorder(views, words, language)
    recorder.complete()
    facts = run.facts()
    title = f"{facts['list']} · {facts['kind']} · morelike play"
    return page(recorder.recording(), title, f"List {facts['list']}: {licence_of(facts['list']) or 'not known'}")


def write_recording(views: Views, path: Path, words: Sequence[str] = (), language: str = SOURCE) -> int:
    """Write a run as one HTML file, and return its size in bytes.

    Raises:
        MorelikeError: as `recorded_file`, or the file cannot be written.
    """
    content = recorded_file(views, words, language).encode()
    try:
        write_file(path, content)
    except OSError as error:
        raise MorelikeError(f"the recording '{path}' cannot be written: {error.strerror}") from None
    return len(content)


def page(recording: Mapping[str, Any], title: str, licence: str) -> str:
    """Return the page with a recording inside. The recording is packed, so that it ends no element."""
    block = f'<script type="text/plain" id="recording">{pack(recording)}</script>'
    return page_of("record/file.js", title, licence, block)


def page_of(entry: str, title: str, licence: str, block: str = "") -> str:
    """Return the page as one file, whose script and style have their hashes in its policy.

    Args:
        entry: the module of the page that begins.
        title: the title of the document.
        licence: the licence of the list, for readers of the source.
        block: an element of data.
    """
    style, script = read_page_file("page.css"), bundle(entry)
    header = "Content-Security-Policy"
    head = f'<meta http-equiv="{header}" content="{policy(script, style)}">\n    <title>{escape(title)}</title>'
    replaced = {
        TITLE: head,
        STYLE_LINK: f"<style>{style}</style>",
        SCRIPT_LINK: f'{block}\n    <script type="module">{script}</script>',
        "<!doctype html>": f"<!doctype html>\n<!--\n{_notice(licence)}\n-->",
    }
    html = read_page_file("index.html")
    for old, new in replaced.items():
        html = html.replace(old, new)
    return html


def policy(script: str, style: str) -> str:
    """Return the policy of a file: its own script and style may run, nothing is fetched, no text becomes an element."""
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _hash(content: str) -> str:
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"


def _notice(licence: str) -> str:
    """Return the licences, as text of a comment of HTML."""
    ours = (
        distribution("morelike" if is_installed("morelike") else "morelike-core").read_text("licenses/LICENSE")
        or "MIT License"
    )
    text = f"Recorded by morelike {version()}.\n{licence}\nThe page:\n{ours}"
    return text.replace("--", "- -").replace(">", "")
