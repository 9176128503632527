"""What the tests of tuning share: searches on a small list, and a PostgreSQL that the tests start themselves."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from .small_study import small_tuning


@pytest.fixture
def make_tuning(tmp_path):
    """Return a function that makes a search on a small list in a folder of the test's own; see `small_tuning`."""
    return lambda **more: small_tuning(tmp_path / "runs", **more)


def programs():
    """Return the folder of PostgreSQL's programs, None if there is none on this machine."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


@pytest.fixture(scope="session")
def postgresql():
    """The address of a PostgreSQL on this machine alone, which runs while the tests do; it refuses to run as root."""
    found = programs()
    if found is None:
        pytest.skip("needs PostgreSQL (initdb and postgres), which is not on this machine")
    user = None if os.getuid() else pwd.getpwnam("nobody").pw_uid
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # a short path: a socket's is limited
    if user is not None:
        os.chown(folder, user, -1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = [found / "initdb", "-D", folder / "data", "-A", "trust", "-U", "morelike", "--no-sync", "-E", "UTF8"]
    subprocess.run([*made, "--locale=C"], check=True, user=user, cwd=folder, capture_output=True, timeout=120)
    settings = {"fsync": "off", "shared_buffers": "16MB", "unix_socket_directories": folder, "max_connections": 30}
    options = [f"-c{name}={value}" for name, value in settings.items()]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [found / "postgres", "-D", folder / "data", "-h", "127.0.0.1", "-p", str(port), *options],
            user=user,
            cwd=folder,
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(port, server)
        yield f"postgresql://morelike@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGINT)  # end the connections, then stop
        server.wait(60)
        shutil.rmtree(folder)


def wait_for(port, server):
    """Wait until a server takes connections."""
    for _ in range(300):
        assert server.poll() is None
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError
