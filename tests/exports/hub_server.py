"""An imitation of the Hugging Face Hub on this machine: the answers that huggingface_hub asks for to read a model."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest

FIRST, SECOND = "1" * 40, "2" * 40
API = re.compile(r"/api/models/([^/]+/[^/]+)(?:/revision/(.+))?")
FILE = re.compile(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)")


class Hub:
    """What the hub has, and what it was asked: `files` by commit, the commits by branch or tag."""

    def __init__(self):
        self.files, self.revisions, self.facts, self.asked = {}, {"main": FIRST}, {"library_name": "morelike"}, []
        self.stated, self.sent = {}, {}
        """Sizes that are stated, and content that is sent, instead of the true ones, by the name of a file."""
        self.status, self.code, self.body = 200, None, None
        """An answer to every question: its status, the hub's code of the error, and its body."""

    def put(self, folder, commit=FIRST):
        """Put the files of a folder into the repository, as a commit."""
        self.files[commit] = {path.name: path.read_bytes() for path in folder.iterdir()}

    @property
    def downloads(self):
        """The names of the files that were sent, in order."""
        return [FILE.fullmatch(path)[3] for method, path in self.asked if method == "GET" and FILE.fullmatch(path)]

    def answer(self, path):
        """Return the status, the headers and the body of the answer to a path."""
        if self.status != 200 or self.body is not None:
            return self.status, {"X-Error-Code": self.code} if self.code else {}, self.body or b""
        if found := API.fullmatch(path):
            if found[1] != "anna/names":
                return 404, {"X-Error-Code": "RepoNotFound"}, b""
            revision = unquote(found[2] or "main")
            commit = self.revisions.get(revision, revision)
            if commit not in self.files:
                return 404, {"X-Error-Code": "RevisionNotFound"}, b""
            files = self.files[commit]
            sizes = {name: self.stated.get(name, len(data)) for name, data in files.items()}
            siblings = [{"rfilename": name, "size": size, "blobId": "0"} for name, size in sizes.items()]
            return 200, {}, json.dumps({"id": found[1], "sha": commit, "siblings": siblings, **self.facts}).encode()
        found = FILE.fullmatch(path)
        data = self.files[found[2]][found[3]]
        data = self.sent.get(found[3], data)
        return 200, {"X-Repo-Commit": found[2], "ETag": f'"{hashlib.sha1(data).hexdigest()}"'}, data


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """Return an imitation of the hub, which huggingface_hub asks from now on; the user's cache is empty."""
    from huggingface_hub import constants

    found = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path = unquote(urlsplit(self.path).path)
            found.asked.append((self.command, path))
            status, headers, body = found.answer(path)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 (the name that the server calls)

        def log_message(self, *_):
            pass

    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    found.endpoint = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", found.endpoint)
    template = found.endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    yield found
    server.shutdown()
    server.server_close()
    thread.join()
