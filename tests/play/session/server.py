"""The server of the page as a process that a test can kill, and a client that is the page."""

import json
import subprocess
import sys
import threading
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException

SERVER = """
import sys
from pathlib import Path
from morelike.play.app import make_play
from morelike.play.limits import PlayLimits
from morelike.play.lists import Lists
from morelike.play.runs import Runs
from morelike.play.start import begin, watch_over
from morelike.web.guard import Hosts
from morelike.web.run import listen, run_server
run, limits = Path(sys.argv[1]), PlayLimits(unwatched=0.3)
lists, runs = Lists(limits), Runs(run.parent, limits)
begin([str(run)], runs, lists)
watch_over(runs, 0.1)
listening = listen("127.0.0.1", 0)
port = listening.getsockname()[1]
page = make_play(runs, lists, Hosts.of("127.0.0.1", port), limits)
print(port, page.token, flush=True)
run_server(page.app, listening)
"""


class Server:
    """`morelike play RUN` with less patience: a run that nobody watches is stopped after 0.3 seconds."""

    def __init__(self, run):
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(run)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        self._port, token = self.process.stdout.readline().split()
        self._path = f"/api/runs/{run.name}"
        answer = self._request("GET", f"/?token={token}", cookie="")
        with closing(answer.connection):
            answer.read()
        self._cookie = answer.getheader("set-cookie").partition(";")[0]

    def _request(self, method, path, body=None, cookie=None):
        connection = HTTPConnection("127.0.0.1", int(self._port), timeout=60)
        headers = {"Cookie": self._cookie if cookie is None else cookie, "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        socket, answer = connection.sock, connection.getresponse()
        answer.connection, answer.socket = connection, socket
        return answer

    def ask(self, method, path="", body=None):
        """Return the status and the value of an answer about the run."""
        answer = self._request(method, self._path + path, body)
        with closing(answer.connection):
            return answer.status, json.loads(answer.read())

    @property
    def status(self):
        return self.ask("GET")[1]["status"]

    def watch(self):
        """Return a page that receives the events of the run."""
        return Page(self._request("GET", f"{self._path}/events"))

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Page:
    """A page that shows the run: it takes the events until it is closed, or until the server has gone."""

    def __init__(self, answer):
        self._answer, self.events = answer, []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        with suppress(OSError, ValueError, HTTPException):
            for line in self._answer:
                if line.startswith(b"data: "):
                    self.events += json.loads(line[6:])

    def close(self):
        """Close the connection, as a browser does with its page."""
        with suppress(OSError):
            self._answer.socket.shutdown(2)
        self._reader.join(10)
        self._answer.close()
        self._answer.connection.close()
