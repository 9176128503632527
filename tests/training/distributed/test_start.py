"""Processes connect through the port of process 0, and begin only with the same list and settings."""

import signal
import socket
import time

import pytest

from ..runs import run_in, train_arguments
from .cluster import SHORT, ended, free_port, launch, no_process_is_left, start_one  # noqa: F401

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

STRANGERS = (
    b"GET / HTTP/1.1\r\n\r\n",
    b"J" + b"\xff" * 8,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 1000,
    b"\0" * (1 << 20),
)


def accepted(port, process):
    """Return a connection to the port, once the process listens there."""
    while True:
        assert process.poll() is None, "the process has ended"
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=5)
        except OSError:
            time.sleep(0.02)


def test_a_setting_that_differs_is_named_by_both_processes_and_nothing_begins(tmp_path):
    port = free_port()
    pair = [start_one(train_arguments("mlp", tmp_path, hidden=8 + process), process, port=port) for process in (0, 1)]
    for outcome in ended(pair):
        assert outcome == (
            2,
            "",
            "morelike: process 1 was started with hidden = 9, process 0 with 8: start all with the same list and "
            "settings\n",
        )
    assert run_in(tmp_path) is None


def test_a_list_that_differs_is_named_by_both_processes(tmp_path):
    port, arguments = free_port(), train_arguments("mlp", tmp_path)
    other = tmp_path / "other.txt"
    other.write_text("anna\nbob\n" * 30, "utf-8")
    pair = [
        start_one(["train", str(name), *arguments[2:]], i, port=port) for i, name in ((0, arguments[1]), (1, other))
    ]
    for status, _, said in ended(pair):
        assert status == 2
        assert "process 1 was started with list = " in said


@pytest.mark.parametrize("process", [0, 1])
def test_a_process_whose_peer_never_comes_ends_with_one_sentence(process, tmp_path):
    port = free_port()
    ((status, printed, said),) = ended([start_one(train_arguments("mlp", tmp_path), process, port=port, wait=2)])
    assert (status, printed) == (1, "")
    assert said == (
        "morelike: the 2 processes did not all connect within 2 s: start each with the same --hosts and its own "
        f"--process-id; can each reach 127.0.0.1:{port}?\n"
    )


def test_a_second_process_0_is_told_that_the_port_is_in_use(tmp_path):
    port, arguments = free_port(), train_arguments("mlp", tmp_path)
    first = start_one(arguments, 0, port=port)
    accepted(port, first).close()
    ((status, _, said),) = ended([start_one(arguments, 0, port=port)])
    assert (status, said.count("\n")) == (2, 1)
    assert "is another process 0 running?" in said


def test_ctrl_c_ends_a_process_that_waits_for_others(tmp_path):
    port = free_port()
    waiting = start_one(train_arguments("mlp", tmp_path), 0, port=port)
    accepted(port, waiting).close()
    waiting.send_signal(signal.SIGINT)
    assert ended([waiting], 10) == [(130, "", "morelike: interrupted\n")]


def test_strangers_at_the_port_neither_join_nor_disturb(tmp_path):
    port, arguments = free_port(), train_arguments("mlp", tmp_path, **SHORT)
    leader = start_one(arguments, 0, port=port)
    for noise in STRANGERS:
        with accepted(port, leader) as sock:
            try:
                sock.sendall(noise)
                sock.recv(100)
            except OSError:  # the stranger was shut out
                pass
    (first, second) = ended([leader, start_one(arguments, 1, port=port)])
    assert (first[0], second) == (0, (0, "", ""))
    assert "Error" not in first[2]
    assert len(first[1].splitlines()) == 20


def test_the_variables_of_slurm_are_enough(tmp_path):
    job = free_port() % 4096
    step = {"SLURM_STEP_NODELIST": "localhost", "SLURM_STEP_NUM_TASKS": "2", "SLURM_NTASKS": "2", "SLURM_LOCALID": "0"}
    arguments = train_arguments("mlp", tmp_path, **SHORT)
    pair = [launch(arguments, **step, SLURM_JOB_ID=str(job), SLURM_PROCID=str(i)) for i in range(2)]
    assert [status for status, *_ in ended(pair)] == [0, 0]


def test_the_variables_of_morelike_and_a_proxy_that_does_not_exist(tmp_path):
    ours = {"MORELIKE_COORDINATOR": f"localhost:{free_port()}", "MORELIKE_PROCESSES": "2"}
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "grpc_proxy"), "http://127.0.0.1:9")
    arguments = train_arguments("mlp", tmp_path, **SHORT)
    pair = [launch(arguments, **ours, **proxies, MORELIKE_PROCESS_ID=str(i)) for i in range(2)]
    assert [(status, said) for status, _, said in ended(pair)][1] == (0, "")


@pytest.mark.parametrize("kind", ["ngram", "auto"])
def test_a_kind_that_one_process_trains_is_refused_with_hosts(kind, tmp_path):
    ((status, _, said),) = ended([start_one(["train", "names", "--model", kind, "--out", str(tmp_path)], 0)])
    assert status == 2
    assert "leave out --hosts" in said
