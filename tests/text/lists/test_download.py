"""A download ends with the whole file of the catalogue, or with one sentence and nothing left behind."""

import io
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from email.message import Message
from urllib.error import HTTPError

import pytest

from morelike.errors import ListError, SettingError
from morelike.text.lists import download
from morelike.text.lists.catalogue import external_lists
from morelike.text.lists.download import fetch_list, find_external

from ...list_server import LIST


def refused(external, sentence):
    """Check that the download is refused with one sentence and leaves nothing."""
    with pytest.raises(ListError, match=sentence) as caught:
        fetch_list(external)
    assert "\n" not in str(caught.value)
    assert left(external) == []


def raising(error):
    def call(*_, **__):
        raise error

    return call


def left(external):
    return sorted(path.name for path in external.path.parent.iterdir()) if external.path.parent.exists() else []


def test_the_file_is_kept_in_the_data_folder(external, tmp_path):
    path = fetch_list(external)
    assert path == tmp_path / "data" / "morelike" / "lists" / "names_32033.txt"
    assert path.read_bytes() == LIST
    assert left(external) == ["names_32033.txt"]


def test_what_a_killed_download_left_is_removed(external):
    external.path.parent.mkdir(parents=True)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (external.path.parent / f".names_32033.txt.{dead.pid}").write_bytes(LIST[:5])
    fetch_list(external)
    assert left(external) == ["names_32033.txt"]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (LIST.replace(b"emma", b"emna"), "sent a file with the SHA-256 .*: the file has changed"),
        (LIST + b"\n", f"sent more than {len(LIST)} bytes"),
        (LIST * 100_000, f"sent more than {len(LIST)} bytes"),
        (LIST[:-1], f"sent {len(LIST) - 1} of {len(LIST)} bytes"),
        (b"", f"sent 0 of {len(LIST)} bytes"),
    ],
    ids=["changed", "longer", "endless", "cut off", "empty"],
)
def test_another_file_is_refused(server, external, body, sentence):
    server.body = body
    refused(external, sentence)


def test_nothing_is_read_beyond_the_size_of_the_catalogue(external, monkeypatch):
    def endless(_):
        yield LIST
        yield b"one block more"
        raise AssertionError("a block too many was read")

    monkeypatch.setattr(download, "_blocks", endless)
    refused(external, f"sent more than {len(LIST)} bytes")


def test_a_failed_download_leaves_the_file_that_is_there(server, external):
    path = fetch_list(external)
    server.body = b"another"
    with pytest.raises(ListError):
        fetch_list(external)
    assert path.read_bytes() == LIST


@pytest.mark.parametrize("status", [404, 500])
def test_an_error_of_the_server_is_named(server, external, status):
    server.status = status
    refused(external, f"cannot be read \\(it answers {status} .*\\): connect to the internet")


def test_a_redirect_on_one_scheme_is_followed(server, external):
    server.headers["Location"] = server.address.replace("names.txt", "moved.txt")
    assert fetch_list(external).read_bytes() == LIST
    assert server.paths == ["/names.txt", "/moved.txt"]


@pytest.mark.parametrize(
    "target",
    ["https://127.0.0.1:1/names.txt", "http://example.invalid/names.txt", "file:///etc/hosts", "ftp://127.0.0.1:1/a"],
)
def test_a_redirect_to_another_scheme_or_from_this_machine_is_refused(server, external, target):
    server.headers["Location"] = target
    refused(external, f"cannot be read \\('{target}' is not an https address\\)")


def test_a_redirect_in_a_circle_ends(server, external):
    server.headers["Location"] = server.address
    refused(external, "it redirects more than 5 times")
    assert len(server.paths) == 6


def test_a_redirect_from_https_to_this_machine_is_refused(server, external, monkeypatch):
    moved = HTTPError("https://example.invalid/a", 302, "Found", Message(), io.BytesIO())
    moved.headers["Location"] = server.address
    monkeypatch.setattr(download.OpenerDirector, "open", raising(moved))
    refused(replace(external, address="https://example.invalid/a"), "is not an https address")
    assert server.paths == []


def test_a_redirect_to_what_is_no_address_is_refused(server, external):
    server.headers["Location"] = "http://[/names.txt"
    refused(external, "cannot be read")


@pytest.mark.parametrize("address", ["http://example.invalid/names.txt", "file:///etc/hosts", "ftp://127.0.0.1/a"])
def test_only_https_is_spoken_with_other_machines(external, address):
    refused(replace(external, address=address), "is not an https address")


def test_a_server_that_does_not_answer_is_named(external):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    refused(replace(external, address=f"http://127.0.0.1:{port}/names.txt"), r"cannot be read \(Connection refused\)")


def test_without_a_network_one_sentence_says_so(external, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", raising(socket.gaierror(-3, "Temporary failure in name resolution")))
    sentence = r"\(Temporary failure in name resolution\): connect to the internet and try again, or give a command"
    refused(replace(external, address="https://example.invalid/names.txt"), sentence)


def test_a_silent_or_slow_server_is_not_waited_for(server, external, monkeypatch):
    server.body, server.hangs = LIST[:5], True
    monkeypatch.setattr(download, "TIMEOUT", 0.2)
    refused(external, r"cannot be read \(.*timed out\)")
    monkeypatch.setattr(download, "LONGEST", -1.0)
    refused(external, r"cannot be read \(it took longer than")


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_nothing(external, monkeypatch, call):
    place = {"fsync": (os, "fsync"), "replace": (type(external.path), "replace")}[call]
    monkeypatch.setattr(*place, raising(OSError(28, "No space left on device")))
    refused(external, "cannot be kept in '.*': No space left on device; nothing was changed there")


def test_a_place_that_cannot_be_written_is_named(external, tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(ListError, match="the list names_32033 cannot be kept in"):
        fetch_list(external)


def test_ctrl_c_leaves_nothing(server, external):
    server.body, server.hangs = LIST[:5], True
    program = (
        "import dataclasses, sys\nfrom morelike.text.lists.catalogue import external_lists\n"
        "known = external_lists()\n"
        f"known['names_32033'] = dataclasses.replace(known['names_32033'], address={server.address!r})\n"
        "from morelike.cli.main import main\nmain()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, "lists", "fetch", "names_32033"], stderr=subprocess.PIPE, encoding="utf-8"
    )
    assert server.begun.wait(30)
    while not left(external):  # the temporary file
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (130, "morelike: interrupted\n")
    assert left(external) == []


def test_a_list_without_an_address_says_how_to_get_it():
    with pytest.raises(ListError, match="civil_mots cannot be downloaded: no public address of it is known; take"):
        fetch_list(external_lists()["civil_mots"])


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("names_3203", "no list of the catalogue is called 'names_3203'; did you mean 'names_32033'?"),
        ("names", "the list names ships with morelike: give its name to any command"),
    ],
)
def test_a_name_that_cannot_be_fetched_is_refused(name, sentence):
    with pytest.raises(SettingError) as caught:
        find_external(name)
    assert sentence in str(caught.value)
