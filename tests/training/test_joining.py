"""Processes that meet: who may join, what each is told when one cannot or is gone. Here they are threads."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from morelike.errors import LostError, SettingError, TrainingError
from morelike.training import wire
from morelike.training.joining import joined
from morelike.training.places import Place

FACTS = {"list": "26 lines", "hidden": 8}


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def meet(numbers, of, facts=lambda place: FACTS, seconds=10.0, work=lambda ties: None):
    """Return what becomes of processes with these numbers: what their work returns, or the error that ends them."""
    port = free_port()

    def one(index, number):
        time.sleep(0.05 * index)
        try:
            with joined(Place("127.0.0.1", port, of, number), facts(index), seconds) as ties:
                return work(ties)
        except (SettingError, TrainingError) as error:
            return error

    with ThreadPoolExecutor() as pool:
        return list(pool.map(one, range(len(numbers)), numbers))


def test_all_hear_process_0_and_it_hears_all_in_their_order():
    def work(ties):
        seen = ties.gathered(str(ties.place.process).encode())
        return seen, ties.spread(b"from 0" if ties.place.process == 0 else b"")

    found = meet([2, 0, 1], 3, work=work)
    assert found == [([b"2"], b"from 0"), ([b"0", b"1", b"2"], b"from 0"), ([b"1"], b"from 0")]


def test_a_large_message_comes_whole():
    data = bytes(range(256)) * (1 << 14)
    found = meet([0, 1], 2, work=lambda ties: ties.spread(data if ties.place.process == 0 else b"") == data)
    assert found == [True, True]


def test_who_was_started_with_other_settings_is_told_what_differs_and_so_are_all():
    told = meet([0, 1], 2, facts=lambda index: FACTS | {"hidden": 8 * (index + 1)})
    assert all(isinstance(error, SettingError) for error in told)
    assert {str(error) for error in told} == {
        "process 1 was started with hidden = 16, process 0 with 8: start all with the same list and settings"
    }


def test_two_with_one_number_are_told():
    told = meet([0, 1, 1], 3)
    assert {str(error) for error in told} == {
        "two processes say that they are process 1: give each its own --process-id"
    }
    told = meet([0, 0], 2, seconds=0.5)
    assert any("is another process 0 running?" in str(error) for error in told)


def test_who_is_missing_is_named_when_time_is_up():
    told = meet([0, 2], 4, seconds=0.5)
    assert all(isinstance(error, TrainingError) for error in told)
    assert all("process 1 and process 3 of 4 did not join within 0 s" in str(error) for error in told)


def test_a_process_0_that_does_not_answer_is_named_when_time_is_up():
    (told,) = meet([1], 2, seconds=0.5)
    assert "process 0 did not answer at 127.0.0.1:" in str(told)


def test_why_one_ends_is_told_to_all():
    def work(ties):
        if ties.place.process == 1:
            raise TrainingError("the disk is full")
        return ties.gathered(b"")

    told = meet([0, 1, 2], 3, work=lambda ties: work(ties) if ties.place.process < 2 else ties.spread(b""))
    assert [str(error) for error in told] == [
        "process 1 ended: the disk is full",
        "the disk is full",
        "process 1 ended: the disk is full",
    ]


def assert_a_broken_connection_is_a_loss_to_all():
    def work(ties):
        if ties.place.process == 1:
            ties._peers[0]._socket.shutdown(socket.SHUT_RDWR)
            ties._left = True
            return None
        return ties.gathered(b"") if ties.place.process == 0 else ties.spread(b"")

    told = meet([0, 1, 2], 3, work=work)
    assert isinstance(told[0], LostError)
    assert str(told[0]) == str(told[2]) == "process 1 was lost (its connection was closed)"


def test_a_connection_that_breaks_without_a_farewell_is_a_loss_to_all():
    assert_a_broken_connection_is_a_loss_to_all()


def test_the_others_hear_of_a_loss_before_process_0_ends_by_it(monkeypatch):
    send = wire.Connection.send

    def send_late(connection, kind, data=b""):
        if data.startswith(b"process 1 was lost"):
            time.sleep(0.5)  # meanwhile what process 0 does could find the loss, and part from the others
        send(connection, kind, data)

    monkeypatch.setattr(wire.Connection, "send", send_late)
    assert_a_broken_connection_is_a_loss_to_all()


def test_a_process_that_falls_silent_is_a_loss_after_a_while(monkeypatch):
    monkeypatch.setattr(wire, "SILENCE", 0.4)
    monkeypatch.setattr(wire, "BEAT", 0.1)
    began = time.monotonic()

    def work(ties):
        if ties.place.process == 1:
            monkeypatch.setattr(ties._peers[0], "send", lambda *_: None)
            time.sleep(1)
            return None
        return ties.gathered(b"")

    told = meet([0, 1], 2, work=work)
    assert "nothing was heard of it for" in str(told[0])
    assert time.monotonic() - began < 5


def test_strangers_neither_join_nor_disturb():
    port = free_port()
    place = Place("127.0.0.1", port, 2, 0)

    def leader():
        with joined(place, FACTS, 10.0) as ties:
            return ties.gathered(b"0")

    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(leader)
        for noise in (b"GET / HTTP/1.1\r\n\r\n", b"J" + b"\xff" * 8, b"J" + (4).to_bytes(8, "big") + b"{{{{"):
            with retried(port, waiting) as sock:
                sock.sendall(noise)
        with joined(Place("127.0.0.1", port, 2, 1), FACTS, 10.0) as ties:
            ties.gathered(b"1")
        assert waiting.result() == [b"0", b"1"]
    assert threading.active_count() < 20


def retried(port, waiting):
    while not waiting.done():
        try:
            return socket.create_connection(("127.0.0.1", port))
        except OSError:
            time.sleep(0.02)
    raise AssertionError("process 0 has ended") from waiting.exception()
