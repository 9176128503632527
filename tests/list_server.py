"""A server on this machine that sends a small list, and the list of the catalogue that it stands for."""

from __future__ import annotations

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from morelike.text.lists.catalogue import ExternalList, external_lists

LIST = b"emma\nolivia\nava\nisabella"


class Answers:
    """What the server answers: `paths` are the requests that it got."""

    def __init__(self):
        self.status, self.body, self.headers, self.paths, self.hangs = 200, LIST, {}, [], False
        self.released, self.begun = threading.Event(), threading.Event()


@pytest.fixture
def server(monkeypatch):
    """Return the answers of a server, which may be changed; `address` is the list's address there."""
    answers = Answers()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answers.paths.append(self.path)
            moved = self.path == "/names.txt" and "Location" in answers.headers
            self.send_response(302 if moved else answers.status)
            for name, value in answers.headers.items() if moved else ():
                self.send_header(name, value)
            self.end_headers()
            if not moved:
                self.wfile.write(answers.body)
                self.wfile.flush()
                answers.begun.set()
                if answers.hangs:
                    answers.released.wait(30)

        def log_message(self, *_):
            pass

    monkeypatch.setenv("no_proxy", "*")
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    answers.address = f"http://127.0.0.1:{httpd.server_port}/names.txt"
    yield answers
    answers.released.set()
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@pytest.fixture
def external(server, tmp_path, monkeypatch):
    """Return a list of the catalogue, called names_32033, that the server sends; the data folder is empty."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    facts = {"name": "names_32033", "file": "names_32033.txt", "title": "t", "source": "s", "licence": "l", "date": "d"}
    facts |= {"language": "en", "holds": "people"}
    sha256 = hashlib.sha256(LIST).hexdigest()
    found = ExternalList(**facts, lines=4, bytes=len(LIST), sha256=sha256, address=server.address)
    monkeypatch.setitem(external_lists(), "names_32033", found)
    return found
