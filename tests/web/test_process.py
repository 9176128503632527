"""The command: a server that begins, says where, answers, and ends at once by Ctrl-C."""

import json
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest

from .test_jobs import IMPOSSIBLE


@pytest.fixture(scope="module")
def folder(models, tmp_path_factory):
    return models["ngram/girls"].save(tmp_path_factory.mktemp("served") / "model")


@contextmanager
def server(folder, *arguments):
    """Start a server on a free port and yield it with what it says of itself."""
    command = [sys.executable, "-m", "morelike", "serve", str(folder), "--port", "0", "--json", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        said = ""
        while not said.endswith("}\n"):
            line = process.stdout.readline()
            assert line, process.stderr.read()
            said += line
        yield process, json.loads(said)
    finally:
        process.kill()
        process.communicate()


def port_of(said):
    return int(said["url"].rpartition(":")[2])


def ask(port, method, address, body=None, **headers):
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, address, body and json.dumps(body), headers)
    response = connection.getresponse()
    found = response.status, json.loads(response.read()), dict(response.getheaders())
    connection.close()
    return found


def send_raw(port, request):
    """Return what comes back for the bytes of a request, up to the end of the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request.replace(b"PORT", str(port).encode()))
        found = b""
        while part := connection.recv(65536):
            found += part
        return found


def test_a_server_answers_on_its_port_and_ctrl_c_ends_it_at_once(folder):
    with server(folder) as (process, said):
        assert said["models"] == ["ngram/girls"]
        port = port_of(said)
        assert said["url"] == f"http://127.0.0.1:{port}"
        status, found, headers = ask(port, "GET", "/v1/models")
        assert (status, found["models"][0]["name"]) == (200, "ngram/girls")
        assert "server" not in {name.lower() for name in headers}
        status, found, _ = ask(port, "POST", "/v1/sample", {"count": 3}, **{"Content-Type": "application/json"})
        assert (status, len(found["words"])) == (200, 3)
        assert ask(port, "GET", "/v1/models", Host=f"localhost:{port + 1}")[0] == 421
        assert send_raw(port, b"GET /v1/models HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 421")
        chunked = b"POST /v1/sample HTTP/1.1\r\nHost: localhost:PORT\r\nContent-Type: application/json\r\n"
        chunked += b"Transfer-Encoding: chunked\r\n\r\n" + (b"10000\r\n" + b" " * 0x10000 + b"\r\n") * 17
        assert send_raw(port, chunked).startswith(b"HTTP/1.1 413")

        waiting = HTTPConnection("127.0.0.1", port, timeout=10)  # at work
        waiting.request("POST", "/v1/sample", json.dumps(IMPOSSIBLE), {"Content-Type": "application/json"})
        slow = socket.create_connection(("127.0.0.1", port), timeout=10)  # sends half a body
        slow.sendall(chunked[: chunked.index(b"10000")].replace(b"PORT", str(port).encode()) + b"1\r\n{\r\n")
        idle = socket.create_connection(("127.0.0.1", port), timeout=10)
        time.sleep(0.2)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 130
        assert time.monotonic() - began < 2
        response = waiting.getresponse()
        assert (response.status, json.loads(response.read())) == (503, {"error": "the server has ended"})
        assert slow.recv(65536).startswith(b"HTTP/1.1 503")
        for connection in (waiting, slow, idle):
            connection.close()
        told = process.stderr.read()
        assert told.startswith(f"Serving ngram/girls at http://127.0.0.1:{port} (Ctrl-C ends it).\n")
        assert not [word for word in ("Traceback", "task", "network") if word in told]


@pytest.mark.slow
def test_sigterm_ends_it_too(folder):
    with server(folder, "--host", "localhost") as (process, said):
        assert said["url"].startswith("http://localhost:")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) in (-signal.SIGTERM, 143)


@pytest.fixture
def begun(monkeypatch):
    """What `morelike serve` would serve: the app and the socket, which is closed again."""
    from morelike.web import run

    found = {}

    def serve(app, listening):
        found.update(app=app, address=listening.getsockname())
        listening.close()

    monkeypatch.setattr(run, "run_server", serve)
    return found


def command(capsys, *arguments):
    from morelike.cli.main import main

    with pytest.raises(SystemExit) as stop:
        main(["serve", *map(str, arguments)])
    return stop.value.code or 0, *capsys.readouterr()


def test_loopback_is_the_default_and_another_address_prints_a_warning(begun, folder, capsys):
    status, out, err = command(capsys, folder, "--port", "0")
    assert (status, out, begun["address"][0]) == (0, "", "127.0.0.1")
    assert "network" not in err
    status, _, err = command(capsys, folder, "--port", "0", "--host", "0.0.0.0")
    assert (status, begun["address"][0]) == (0, "0.0.0.0")
    (says, _) = err.splitlines()
    assert says.startswith("Everyone who reaches this machine over the network can use these models")


def test_models_are_named_by_kind_and_list_or_by_the_given_name(begun, folder, capsys):
    _, out, _ = command(capsys, f"mine={folder}", folder, "--port", "0", "--json", "--allow-host", "box.lan")
    assert json.loads(out)["models"] == ["mine", "ngram/girls"]
    assert begun["app"].hosts.allow(f"box.lan:{begun['address'][1]}")


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["FOLDER", "FOLDER"], 2, "two models are called 'ngram/girls': give one another name"),
        (["a=FOLDER", "a=FOLDER"], 2, "two models are called 'a'"),
        (["nothing"], 1, "no model 'nothing'"),
        (["FOLDER", "--host", "no.such.host.invalid"], 2, "--host no.such.host.invalid: there is no such address"),
        (["FOLDER", "--port", "70000"], 2, "--port"),
        (["FOLDER", "--jobs", "0"], 2, "--jobs"),
    ],
)
def test_a_server_that_cannot_start_says_so_in_one_sentence(begun, folder, capsys, arguments, status, says):
    found, out, err = command(capsys, *(each.replace("FOLDER", str(folder)) for each in arguments))
    assert (found, out) == (status, "")
    (line,) = err.splitlines()
    assert says in line
    assert not begun


def test_a_taken_port_is_an_error(begun, folder, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, _, err = command(capsys, folder, "--port", port)
    assert status == 1
    assert f"cannot listen at 127.0.0.1, port {port}: address already in use; choose another with --port" in err


WITHOUT = """
import sys
sys.modules["fastapi"] = None
from morelike.cli.main import main
main(["serve"])
"""


def test_without_the_extra_one_sentence_says_how_to_install_it():
    ran = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == "morelike: the server needs fastapi: install it with `pip install 'morelike[serve]'`\n"


def test_help_imports_nothing_of_the_server():
    code = "import sys\nfrom morelike.cli.main import main\ntry:\n    main(ARGUMENTS)\nexcept SystemExit:\n    pass\n"
    code += "print(*sys.modules)"
    for arguments in (["--help"], ["serve", "--help"]):
        ran = subprocess.run(
            [sys.executable, "-c", code.replace("ARGUMENTS", repr(arguments))],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert not {"fastapi", "uvicorn", "starlette", "morelike.web"} & set(ran.stdout.splitlines()[-1].split())
