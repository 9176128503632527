"""The command: it says where the page is, takes the next free port, and saves its runs at Ctrl-C."""

import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection

from ..training.runs import pronounceable


@contextmanager
def play(folder, *arguments):
    """Start the command with a small list, and yield it and the address that it prints."""
    words = folder / "words.txt"
    words.write_text("".join(f"{word}\n" for word in pronounceable(400)))
    command = [sys.executable, "-m", "morelike", "play", str(words), "--no-browser", "--out", str(folder / "runs")]
    process = subprocess.Popen([*command, *arguments], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process, re.search(r"http://127\.0\.0\.1:(\d+)(/\?token=\S+)", process.stderr.readline())
    finally:
        process.kill()
        process.communicate()


def test_ctrl_c_ends_the_page_and_its_runs_and_says_how_to_go_on(tmp_path):
    with play(tmp_path, "--port", "0") as (process, address):
        connection = HTTPConnection("127.0.0.1", int(address[1]), timeout=10)
        connection.request("GET", address[2])
        assert connection.getresponse().status == 303
        connection.close()
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        _, said = process.communicate(timeout=30)
        assert process.returncode == 130
        assert time.monotonic() - began < 10
        assert "Traceback" not in said
        (run,) = (tmp_path / "runs").iterdir()
        assert f"morelike train --resume {run}" in said


def test_a_taken_port_is_left_to_its_owner_and_the_next_free_one_is_used(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with play(tmp_path, "--port", str(port)) as (_, address):
            assert port < int(address[1]) <= port + 20
