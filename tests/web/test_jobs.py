"""Work beside the event loop: so much at once, so long, and no answer mixed up with another's."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from fastapi.testclient import TestClient

from morelike.cancellation import check_cancelled
from morelike.language_model.model import LanguageModel
from morelike.web.app import Limits, guarded_app
from morelike.web.jobs import BusyError, GoneError, Jobs, TimeUpError

from ..language_model.small_models import small_model
from .conftest import HOME, HOSTS


def until(condition):
    end = time.monotonic() + 5
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    assert condition()


def spin():
    while True:
        check_cancelled()


def test_the_result_or_the_error_of_work_comes_back():
    jobs = Jobs(1, 5.0)
    assert asyncio.run(jobs.run(lambda: 3)) == 3
    with pytest.raises(ZeroDivisionError):
        asyncio.run(jobs.run(lambda: 1 / 0))


def test_one_job_too_many_is_refused_and_has_room_afterwards():
    jobs, go_on = Jobs(2, 5.0, waiting=0), threading.Event()

    async def crowd():
        two = [asyncio.create_task(jobs.run(go_on.wait)) for _ in range(2)]
        await asyncio.sleep(0.01)
        with pytest.raises(BusyError):
            await jobs.run(go_on.wait)
        go_on.set()
        assert await asyncio.gather(*two) == [True, True]
        assert await jobs.run(go_on.wait)

    asyncio.run(crowd())


def test_work_without_end_is_stopped_and_its_room_is_free_again():
    jobs = Jobs(1, 0.05)

    async def both():  # in one loop, as in the server: the ended thread hands its place back there
        with pytest.raises(TimeUpError):
            await jobs.run(spin)
        jobs.seconds = 60.0
        return await jobs.run(lambda: 3)

    assert asyncio.run(both()) == 3
    until(lambda: not [thread for thread in threading.enumerate() if thread.name == "morelike job"])


def test_work_is_stopped_if_its_client_has_gone():
    async def given_up():
        task = asyncio.create_task(Jobs(1, 60.0).run(spin))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(given_up())
    until(lambda: not [thread for thread in threading.enumerate() if thread.name == "morelike job"])


IMPOSSIBLE = {"count": 10_000, "min_length": 1000, "max_length": 1000}


def test_a_request_for_too_much_work_is_refused_in_time(models):
    client = TestClient(guarded_app(models, HOSTS, Limits(jobs=1, seconds=0.3)), base_url=HOME)
    began = time.monotonic()
    response = client.post("/v1/sample", json=IMPOSSIBLE)
    assert (response.status_code, time.monotonic() - began < 2) == (503, True)
    assert "longer than 0.3 seconds: ask for less" in response.json()["error"]
    until(lambda: client.post("/v1/sample", json={"seed": 1}).status_code == 200)


def test_jobs_wait_for_their_turn_and_the_clients_take_turns():
    jobs, go_on, order = Jobs(1, 5.0), threading.Event(), []

    async def crowd():
        first = asyncio.create_task(jobs.run(go_on.wait))
        await asyncio.sleep(0.01)
        asked = [("one", i) for i in range(3)] + [("two", 0), ("three", 0)]
        rest = [asyncio.create_task(jobs.run(partial(order.append, each), each[0])) for each in asked]
        await asyncio.sleep(0.01)
        assert order == []
        go_on.set()
        await asyncio.gather(first, *rest)

    asyncio.run(crowd())
    assert order == [("one", 0), ("two", 0), ("three", 0), ("one", 1), ("one", 2)]


def test_a_job_whose_turn_does_not_come_in_time_says_so_and_leaves_the_queue():
    jobs, go_on = Jobs(1, 0.2, waiting=1), threading.Event()

    async def crowd():
        first = asyncio.create_task(jobs.run(lambda: go_on.wait(10)))
        await asyncio.sleep(0.01)
        for _ in range(3):  # each waits in vain, and makes room for the next one in the queue
            with pytest.raises(TimeUpError) as found:
                await jobs.run(lambda: 3)
            assert found.value.waited
        go_on.set()
        await asyncio.gather(first, return_exceptions=True)
        assert await jobs.run(lambda: 3) == 3

    asyncio.run(crowd())


@pytest.mark.parametrize("at_work", [True, False])
def test_a_job_ends_when_its_client_goes_at_work_or_waiting(at_work):
    jobs, gone, go_on = Jobs(1, 60.0, waiting=1), asyncio.Event(), threading.Event()

    async def crowd():
        first = asyncio.create_task(jobs.run(lambda: go_on.wait(10))) if not at_work else None
        await asyncio.sleep(0.01)
        task = asyncio.create_task(jobs.run(spin, gone=gone.wait))
        await asyncio.sleep(0.01)
        gone.set()
        with pytest.raises(GoneError):
            await task
        go_on.set()
        if first:
            assert await first
        assert await jobs.run(lambda: 3) == 3

    asyncio.run(crowd())


def test_one_request_too_many_is_asked_to_come_again_and_quick_ones_go_by(models, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    monkeypatch.setattr(LanguageModel, "sample", lambda *_, **__: begun.set() or (go_on.wait() and []))
    client = TestClient(guarded_app(models, HOSTS, Limits(jobs=1, waiting=0)), base_url=HOME)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(client.post, "/v1/sample", json={})
        assert begun.wait(5)
        for many in (client.post("/v1/sample", json={}), client.post("/v1/score", json={"words": ["anna"] * 33})):
            assert (many.status_code, many.headers["retry-after"]) == (503, "1")
            assert many.json()["error"] == "0 requests are waiting already: ask again in a second"
        assert client.get("/v1/next").status_code == 200
        assert client.post("/v1/score", json={"words": ["anna"]}).status_code == 200
        go_on.set()
        assert slow.result().status_code == 200
    assert client.post("/v1/sample", json={}).status_code == 200


def test_a_request_that_waits_too_long_is_told_when_to_come_again(models, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    monkeypatch.setattr(LanguageModel, "sample", lambda *_, **__: begun.set() or (go_on.wait() and []))
    client = TestClient(guarded_app(models, HOSTS, Limits(jobs=1, seconds=0.3)), base_url=HOME)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(client.post, "/v1/sample", json={})
        assert begun.wait(5)
        response = client.post("/v1/sample", json={})
        go_on.set()
        slow.result()
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert "the turn of this request did not come within 0.3 seconds" in response.json()["error"]


@pytest.mark.parametrize("kind", ["ngram", "gru", "mlp"])
def test_answers_at_the_same_time_equal_answers_one_by_one(kind):
    client = TestClient(guarded_app({kind: small_model(kind)}, HOSTS, Limits(jobs=8)), base_url=HOME)

    def words(seed):
        asked = {"count": 20, "max_length": 20, "unique": False, "novel": False, "seed": seed}
        return client.post("/v1/sample", json=asked).json()

    alone = [words(seed) for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(words, range(8))) == alone
