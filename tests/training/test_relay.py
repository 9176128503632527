"""What JAX says to its coordinator goes both ways through the relay, which outlives the coordinator."""

import select
import socket

import pytest

from morelike.training.relay import Relay
from morelike.training.wire import read_message

KIND = b"R"


@pytest.fixture
def ends():
    """A relay, and its two ends: JAX's client and process 0."""
    with socket.create_server(("127.0.0.1", 0)) as far_side:
        relay = Relay(far_side.getsockname(), KIND)
        host, port = relay.address.split(":")
        near = socket.create_connection((host, int(port)), timeout=5)
        far, _ = far_side.accept()
        assert read_message(far) == (KIND, b"")
        yield relay, near, far
        near.close()
        far.close()
        relay.close()


def closed(sock):
    return bool(select.select([sock], [], [], 0.3)[0])


def test_what_either_end_says_the_other_hears(ends):
    _, near, far = ends
    near.sendall(b"how do you do")
    assert far.recv(100) == b"how do you do"
    far.sendall(b"well")
    assert near.recv(100) == b"well"


def test_the_near_end_stays_open_when_process_0_is_gone_and_when_we_part(ends):
    relay, near, far = ends
    far.close()
    for _ in range(3):  # the first of these still finds the far end's machine listening
        near.sendall(b"a heartbeat")
        assert not closed(near)
    relay.close()
    near.sendall(b"a heartbeat")
    assert not closed(near)


def test_when_the_near_end_closes_the_far_one_hears_of_it(ends):
    _, near, far = ends
    near.close()
    far.settimeout(5)
    assert far.recv(100) == b""
