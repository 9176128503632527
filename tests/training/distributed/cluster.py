"""Processes of one training run over loopback, started by the command line."""

import os
import socket
import subprocess
import sys
import time

import pytest

from ..runs import train_arguments

COMPILED = 200.0
"""Seconds until the first checkpoint, on a busy machine."""
SHORT = {"steps": 24, "evaluate_every": 8, "chunk": 8, "optimizer": "sgd"}  # Adam magnifies rounding where g is near 0
STARTED = []


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def start_one(arguments, process, of=2, port=7461, program=("-m", "morelike"), wait=120):
    """Start process number `process` of `of`."""
    hosts = ",".join([f"127.0.0.1:{port}", *["127.0.0.1"] * (of - 1)])
    return launch([*arguments, "--hosts", hosts, "--process-id", str(process), "--wait", str(wait)], program)


def launch(arguments, program=("-m", "morelike"), **environment):
    started = subprocess.Popen(
        [sys.executable, *program, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ) | environment,
    )
    STARTED.append(started)
    return started


def start_all(kind, folder, of=2, program=("-m", "morelike"), **settings):
    """Start all processes of a run that trains a small model."""
    port, arguments = free_port(), train_arguments(kind, folder, **settings)
    return [start_one(arguments, process, of, port, program) for process in range(of)]


def ended(processes, seconds=600.0):
    """Return the exit status, the standard output and the standard error of each process."""
    deadline = time.monotonic() + seconds
    output = [process.communicate(timeout=max(deadline - time.monotonic(), 0.1)) for process in processes]
    return [(process.returncode, *texts) for process, texts in zip(processes, output, strict=True)]


@pytest.fixture(autouse=True)
def no_process_is_left():
    yield
    while STARTED:
        process = STARTED.pop()
        process.kill()
        process.communicate()
