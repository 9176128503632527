"""The routes: lists that are pasted, runs that begin and obey, and the stream of their events."""

import asyncio
import json
import sys
import time
from pathlib import Path

import pytest

from morelike.play.processes.starter import Processes
from morelike.play.runs import Runs
from morelike.play.streams import stream
from morelike.runs.plan import make_plan
from morelike.text.corpus import corpus_of
from morelike.text.splits import split

WORDS = "\n".join([f"{a}{b}{c}" for a in "abc" for b in "aeiou" for c in "nrst"])


def wait_for(true, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_pasted_list_is_told_in_figures_and_its_leaks_are_those_of_its_split(client):
    words = [*WORDS.split("\n"), "ban", "ban", "cat"]
    found = client.post("/api/lists", json={"text": "\n".join(["", *words]), "name": "my list!"}).json()
    leaks = split(words).leaks
    assert found["name"] == "my-list"
    assert (found["lines"], found["distinct"]) == (len(words), len(set(words)))
    assert found["leaks"] == {"dev": leaks.dev, "test": leaks.test}
    assert found["duplicates"][0] == ["ban", 3]
    assert dict(found["alphabet"])["a"] == sum(word.count("a") for word in words)
    assert client.get(f"/api/lists/{found['id']}").json() == found


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the list is empty"),
        (" \n\n ", "the list is empty"),
        ("ab\0c", "NUL"),
        ("a" * 51, "51 characters, and the page takes 50 at most"),
        ("a\n" * 101, "101 lines, and the page takes 100 at most"),
    ],
)
def test_a_list_that_the_page_cannot_take_is_refused_in_one_sentence(client, text, sentence):
    response = client.post("/api/lists", json={"text": text})
    assert response.status_code in (400, 422)
    assert sentence in response.json()["error"]
    assert "\n" not in response.json()["error"]


def begin(client, **more):
    name = client.post("/api/lists", json={"text": WORDS}).json()["id"]
    return client.post("/api/runs", json={"list": name, "settings": {"hidden": 4}, **more})


def test_a_run_of_the_page_is_a_run_folder_that_keeps_its_list(client, runs):
    run = begin(client, seed=3).json()
    folder = runs.find(run["id"]).folder
    assert folder.path.parent == runs.out
    assert (folder.path / "list.txt").read_text() == WORDS + "\n"
    assert "hide_test = true" in (folder.path / "config.toml").read_text()
    assert run["list_id"] == client.get(f"/api/lists/{run['list_id']}").json()["id"]
    assert client.get("/api/state").json()["runs"][0]["id"] == run["id"]


def test_a_run_obeys_and_a_wrong_command_is_refused(client, runs):
    run = runs.find(begin(client).json()["id"])
    address = f"/api/runs/{run.id}/command"
    wait_for(lambda: run.status == "training")
    assert client.post(address, json={"command": "pause"}).status_code == 200
    wait_for(lambda: run.status == "paused")
    for body in ({"command": "format"}, {"command": "knob"}, {"command": "knob", "value": -1.0}, {}):
        assert client.post(address, json=body).status_code in (400, 422)
    client.post(address, json={"command": "stop"})
    wait_for(lambda: run.status == "stopped" and not run.active)
    response = client.post(address, json={"command": "pause"})
    assert response.status_code == 422
    assert "this run has ended" in response.json()["error"]


def test_only_so_many_runs_train_at_once_and_start_in_all(client, runs):
    first = begin(client).json()
    begin(client)
    refused = begin(client)
    assert refused.status_code == 422
    assert "2 runs are training already" in refused.json()["error"]
    client.post(f"/api/runs/{first['id']}/command", json={"command": "stop"})
    wait_for(lambda: not runs.find(first["id"]).active)
    assert begin(client).status_code == 200
    runs.close()
    assert "3 runs were started" in begin(client).json()["error"]


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "nonsense"},
        {"settings": {"nonsense": 1}},
        {"settings": {"hidden": -1}},
        {"list": "nothing"},
        {"seed": -1},
        {"start_from": {"run": "nothing", "step": 0}},
    ],
)
def test_a_wrong_run_is_refused_in_one_sentence_and_leaves_no_folder(client, runs, body):
    response = client.post("/api/runs", json=body)
    assert response.status_code in (400, 404, 422)
    assert "\n" not in response.json()["error"]
    assert not runs.out.exists()


def messages(run, after, count):
    """Return the first messages of the stream of a run, and when each of them came."""

    async def read():
        found, events = [], stream([run], [after])
        while len(found) < count:
            part = await anext(events)
            if part.startswith("id: "):
                number, data = part.split("\n")[:2]
                found.append((int(number[4:]), json.loads(data[6:]), time.monotonic()))
        await events.aclose()
        return found

    return asyncio.run(asyncio.wait_for(read(), 10))


def test_the_stream_goes_on_after_the_last_event_that_a_page_has_seen(client, runs):
    run = runs.find(begin(client).json()["id"])
    wait_for(lambda: run.log.after(0, 10)[0] == 4)
    ((last, events, _),) = messages(run, 0, 1)
    assert [event["type"] for event in events] == ["status", "started", "status", "progress"]
    assert last == 4
    ((_, again, _),) = messages(run, 2, 1)
    assert again == events[2:]
    assert run.watched == 0


def test_a_page_gets_at_most_twenty_messages_a_second(client, runs):
    run = runs.find(begin(client).json()["id"])
    for step in range(3000):
        run.log.append({"type": "progress", "step": step})
    times = [when for *_, when in messages(run, 0, 10)]
    assert times[-1] - times[0] >= 9 * 0.05 * 0.99


def test_a_run_that_no_page_watches_any_more_is_saved_and_stopped(client, runs):
    run = runs.find(begin(client).json()["id"])
    runs.stop_unwatched()
    assert run.active  # nobody has opened the page yet
    run.last_watched = time.monotonic() - runs.limits.unwatched - 1
    runs.stop_unwatched()
    wait_for(lambda: run.status == "stopped")


def test_a_process_that_dies_fails_its_run_in_one_sentence(client, runs):
    run = runs.find(begin(client).json()["id"])
    wait_for(lambda: run.status == "training")
    run._process.kill()
    wait_for(lambda: run.status == "failed")
    assert "can be resumed" in run.log.after(0, 10)[1][-2]["sentence"]


def test_a_run_that_is_stopped_before_its_first_step_is_stopped_and_not_lost(tmp_path, limits):
    ends = "import sys; sys.stdin.read()"  # as a worker does that is still compiling
    runs = Runs(tmp_path / "runs", limits, Processes((sys.executable, "-c", ends)))
    run = runs.begin(make_plan(corpus_of("words", WORDS.split(), "lines"), "mlp", settings={"hidden": 4}))
    run.close()
    wait_for(lambda: run.status == "stopped")
    assert "failed" not in [event["type"] for event in run.log.after(0, 10)[1]]


def test_a_run_that_is_continued_while_its_process_still_ends_goes_on(client, runs, fake_worker):
    script = Path(fake_worker[1])
    script.write_text(f"{script.read_text()}\nimport time\ntime.sleep(0.3)\n")
    run = runs.find(begin(client).json()["id"])
    address = f"/api/runs/{run.id}/command"
    wait_for(lambda: run.status == "training")
    client.post(address, json={"command": "stop"})
    wait_for(lambda: run.status == "stopped")
    assert run.active
    assert client.post(address, json={"command": "continue"}).status_code == 200
    wait_for(lambda: run.status == "training")
    assert client.post(address, json={"command": "continue"}).status_code == 200  # it trains already


def test_a_lesson_is_read_in_the_language_of_the_page(client):
    lesson = client.get("/api/lessons/4", params={"language": "en"}).json()
    assert lesson["markdown"].startswith("# 4. ")
    assert client.get("/api/lessons/99").status_code == 422
