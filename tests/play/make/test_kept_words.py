"""Starred, rejected and edited words: whole at any moment, and never overwritten without a word."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from morelike.errors import RunError
from morelike.play.make.bodies import Kept
from morelike.play.make.kept import ChangedError, read_kept, write_kept
from morelike.play.runs import Runs
from morelike.runs.run_folder import RunFolder

HOSTILE = [
    "<script>alert(1)</script>",
    "\u202egnirts",
    "=1+1",
    "a\tb",
    "😀",
    "é" * 500,
    "{{7*7}}",
    "../../x",
    "_x0041_",
]
STATE = {
    "starred": ["badon", *HOSTILE],
    "rejected": ["lelo"],
    "edited": [{"from": "bado", "to": "badon"}],
}
NOTHING = {"starred": [], "rejected": [], "edited": [], "version": 0}
WRITER = """
import sys
from pathlib import Path
from morelike.play.make.bodies import Kept
from morelike.play.make.kept import write_kept
from morelike.runs.run_folder import RunFolder
run, version = RunFolder(Path(sys.argv[1])), int(sys.argv[2])
while True:
    words = [f"word{version + 1}"] * 1000
    version = write_kept(run, Kept(starred=words, version=version)).version
    print(version, flush=True)
"""


@pytest.fixture
def address(place):
    run, _ = place.run()
    return f"/api/runs/{run.id}/make/kept"


def folder_of(place, address):
    return place.runs.find(address.split("/")[3]).folder


def test_kept_words_come_back_from_a_server_that_was_started_again(place, address):
    assert place.client.get(address).json() == NOTHING
    saved = place.client.put(address, json={**STATE, "version": 0})
    assert saved.json() == {**STATE, "version": 1}
    assert place.client.get(address).json() == {**STATE, "version": 1}
    folder = folder_of(place, address)
    again = Runs(folder.path.parent, place.limits).open(RunFolder(folder.path))
    assert read_kept(again.folder).model_dump() == {**STATE, "version": 1}
    assert json.loads((folder.path / "make.json").read_text("utf-8")) == {**STATE, "version": 1}


def test_of_two_pages_the_later_one_gets_the_newest_words_and_a_sentence(place, address):
    place.client.put(address, json={**STATE, "version": 0})
    late = place.client.put(address, json={"rejected": ["dan"], "version": 0})
    assert late.status_code == 409
    assert late.json() == {**STATE, "version": 1, "error": late.json()["error"]}
    assert "another page has changed these words" in late.json()["error"]
    assert place.client.put(address, json={"rejected": ["dan"], "version": 1}).json()["version"] == 2
    assert place.client.put(address, json={"version": 5}).status_code == 409


def test_of_many_pages_at_once_one_is_first_and_no_change_is_lost(tmp_path):
    run = RunFolder(tmp_path)

    def star(word):
        while True:
            now = read_kept(run)
            try:
                return write_kept(run, now.model_copy(update={"starred": [*now.starred, word]}))
            except ChangedError:
                continue

    words = [f"word{i}" for i in range(6)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(star, words))
    assert sorted(read_kept(run).starred) == sorted(words)
    assert read_kept(run).version == len(words)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it is not JSON"),
        (b'{"starred": ["a"', "it is not JSON"),
        (b"[]", "damaged"),
        (b'{"starred": "anna"}', "starred"),
        (b'{"starred": [""]}', "empty"),
        (b'{"starred": ["a\\nb"]}', "line end"),
        (b'{"starred": ["\\ud800"]}', "surrogate"),
        (b'{"version": -1}', "version"),
        (b'{"starred": [], "starred": ["a"]}', "twice"),
        (b'{"other": 1}', "other"),
        (b"[" * 100_000, "not JSON"),
        (b'{"starred": [' + b'"a",' * 6000 + b'"a"]}', "5000"),
    ],
)
def test_a_damaged_file_is_one_sentence_and_stays_as_it_is(place, address, content, sentence):
    path = folder_of(place, address).path / "make.json"
    path.write_bytes(content)
    for response in (place.client.get(address), place.client.put(address, json={"starred": ["anna"], "version": 0})):
        assert response.status_code == 422
        assert sentence in response.json()["error"]
        assert "give it another name" in response.json()["error"]
        assert "\n" not in response.json()["error"]
    assert path.read_bytes() == content


def test_a_link_to_another_place_is_neither_read_nor_written(tmp_path):
    secret = tmp_path / "secret.json"
    secret.write_text('{"starred": ["secret"]}')
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    (run.path / "make.json").symlink_to(secret)
    with pytest.raises(RunError, match="a link to a place outside its folder"):
        read_kept(run)
    with pytest.raises(RunError, match="a link to a place outside its folder"):
        write_kept(run, Kept())
    assert "secret" in secret.read_text()


def test_a_full_disk_is_one_sentence_and_the_words_stay(tmp_path, monkeypatch):
    run = RunFolder(tmp_path)
    write_kept(run, Kept(starred=["anna"]))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="cannot be written: No space left on device"):
        write_kept(run, Kept(starred=["bob"], version=1))
    assert read_kept(run).starred == ["anna"]


@pytest.mark.parametrize(
    "body",
    [
        {"starred": [""]},
        {"starred": ["a\nb"]},
        {"starred": ["a\0b"]},
        {"starred": ["x" * 5001]},
        {"starred": "anna"},
        {"edited": [{"from": "a"}]},
        {"version": -1},
        {"starred": ["a"] * 5001},
        {"other": []},
    ],
)
def test_what_cannot_be_kept_is_refused_in_one_sentence(place, address, body):
    response = place.client.put(address, json=body)
    assert response.status_code in (400, 422)
    assert "\n" not in response.json()["error"]
    assert place.client.get(address).json() == NOTHING


@pytest.mark.parametrize("kills", [1, pytest.param(60, marks=pytest.mark.slow)])
def test_a_server_killed_while_it_writes_leaves_the_old_words_or_the_new_ones(tmp_path, kills):
    run, version = RunFolder(tmp_path), 0
    for kill in range(kills):
        command = [sys.executable, "-c", WRITER, str(tmp_path), str(version)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            shown = [int(process.stdout.readline()) for _ in range(1 + kill % 3)]
            process.send_signal(signal.SIGKILL)
        now = read_kept(run)
        version = now.version
        assert version >= shown[-1]  # what was answered is kept
        assert set(now.starred) == {f"word{version}"}
    (tmp_path / f".make.json.{process.pid}").touch()  # a kill between its writing and its renaming leaves this
    write_kept(run, Kept(version=version))  # the lock and the temporary file of the killed one are no obstacle
    assert sorted(path.name for path in tmp_path.iterdir()) == ["make.json", "make.json.lock"]
