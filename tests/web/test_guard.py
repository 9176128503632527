"""The rules before the app, each with its control: what the guard refuses gets through without it."""

import asyncio
import json
import time

import pytest
from fastapi.testclient import TestClient

from morelike.web.app import Limits, guarded_app
from morelike.web.guard import Guard, Hosts

from .conftest import HOME, HOSTS

OURS = [{"Host": name} for name in ("localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST:8000")]
FOREIGN_HOSTS = ["evil.example", "evil.example:8000", "localhost:9999", "localhost", "127.0.0.1", "10.0.0.7:8000"]
FOREIGN_HOSTS += ["localhost:8000.evil.example", "evil.example:8000@localhost:8000", "localhost:8000,evil", "", ":8000"]
FOREIGN_PAGES = [{"Origin": origin} for origin in ("http://evil.example", "null", "https://localhost:8000", "")]
FOREIGN_PAGES += [
    {"Origin": origin} for origin in ("http://localhost:9999", "http://localhost", "http://localhost:80000")
]
FOREIGN_PAGES += [{"Sec-Fetch-Site": site} for site in ("cross-site", "same-site", "nonsense")]
FOREIGN_PAGES += [{"Origin": HOME, "Sec-Fetch-Site": "cross-site"}]
NOT_JSON = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json", ""]


@pytest.mark.parametrize("headers", OURS)
def test_the_server_answers_to_its_own_names(client, headers):
    assert client.get("/v1/models", headers=headers).status_code == 200


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_another_host_is_refused_and_gets_through_without_the_guard(client, unguarded, host):
    for ask in (
        lambda c: c.get("/v1/models", headers={"Host": host}),
        lambda c: c.post("/v1/sample", headers={"Host": host}, json={}),
    ):
        response = ask(client)
        assert response.status_code == 421
        assert "this one is 127.0.0.1:8000" in response.json()["error"]
        assert host not in ("evil.example",) or host not in response.text
        assert ask(unguarded).status_code == 200


@pytest.mark.parametrize("headers", FOREIGN_PAGES)
def test_a_page_of_another_site_is_refused_and_gets_through_without_the_guard(client, unguarded, headers):
    for method, address in (("POST", "/v1/sample"), ("GET", "/v1/next")):
        asked = {"headers": headers, **({"json": {}} if method == "POST" else {})}
        assert client.request(method, address, **asked).status_code == 403
        assert unguarded.request(method, address, **asked).status_code == 200


@pytest.mark.parametrize("headers", [{"Origin": HOME, "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}])
def test_a_page_of_our_own_may_ask(client, headers):
    assert client.post("/v1/sample", headers=headers, json={}).status_code == 200


@pytest.mark.parametrize("kind", NOT_JSON)
def test_a_form_or_plain_text_is_refused(client, kind):
    assert client.post("/v1/sample", content="{}", headers={"Content-Type": kind}).status_code == 415
    right = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert client.post("/v1/sample", content="{}", headers=right).status_code == 200


def test_a_large_body_is_refused_with_a_length_and_without(client, unguarded):
    body = json.dumps({"words": [], "model": None}).encode().ljust(4097)
    headers = {"Content-Type": "application/json"}
    assert client.post("/v1/score", content=body[:4096], headers=headers).status_code == 200
    for content in (body, iter([body[:4000], body[4000:]])):
        response = client.post("/v1/score", content=content, headers=headers)
        assert response.status_code == 413
        assert "more than 4,096 bytes" in response.json()["error"]
    assert unguarded.post("/v1/score", content=body, headers=headers).status_code == 200
    for length in ("9" * 5000, "²"):
        odd = {**headers, "Content-Length": length.encode("latin-1")}
        assert client.post("/v1/score", content=body, headers=odd).status_code == 413


@pytest.mark.parametrize("address", ["/v1/models", "/nothing", "/openapi.json"])
def test_every_answer_carries_the_headers_that_bind_a_browser(client, unguarded, address):
    for headers in ({}, {"Host": "evil.example"}, {"Origin": "null"}):
        found = client.get(address, headers=headers).headers
        assert found["content-security-policy"].startswith("default-src 'none'")
        assert found["x-content-type-options"] == "nosniff"
        assert not [name for name in found if name.startswith("access-control")]
    assert "content-security-policy" not in unguarded.get(address).headers


def test_no_header_admits_another_site(client):
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    response = client.options("/v1/sample", headers=asked)
    assert response.status_code == 403
    assert not [name for name in response.headers if name.startswith("access-control")]


def test_names_that_are_allowed_come_with_their_port_or_take_the_servers():
    hosts = Hosts.of("127.0.0.1", 8000, ["morelike.lan", "other.lan:80", "fe80::1"])
    for name in ("morelike.lan:8000", "other.lan", "other.lan:80", "[fe80::1]:8000"):
        assert hosts.allow(name), name
    for name in ("morelike.lan", "other.lan:8000", "10.0.0.7:8000"):
        assert not hosts.allow(name), name


def test_a_server_for_all_addresses_answers_to_numbers_but_to_no_other_names():
    for everywhere in ("0.0.0.0", "::"):
        hosts = Hosts.of(everywhere, 8000)
        for name in ("10.0.0.7:8000", "[fe80::1]:8000", "localhost:8000"):
            assert hosts.allow(name), name
        for name in ("evil.example:8000", "10.0.0.7", "10.0.0.7:9999", "10.0.0.7.evil.example:8000"):
            assert not hosts.allow(name), name


def ask_slowly(app, messages, *, gone=False):
    """Return the statuses that an app sends to a client whose body stops after some messages."""
    waiting, sent = [*messages], []

    async def receive():
        if waiting:
            return waiting.pop(0)
        if gone:
            return {"type": "http.disconnect"}
        return await asyncio.sleep(60)

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"localhost:8000"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/v1/sample", "headers": headers, "query_string": b""}
    asyncio.run(app(scope, receive, send))
    return [message["status"] for message in sent if "status" in message]


def test_a_body_that_does_not_come_is_given_up(models):
    app = guarded_app(models, HOSTS, Limits(seconds=0.5))
    began = time.monotonic()
    assert ask_slowly(app, [{"type": "http.request", "body": b"{", "more_body": True}]) == [408]
    assert time.monotonic() - began < 2
    assert ask_slowly(app, [], gone=True) == []
    assert ask_slowly(app, [{"type": "http.request", "body": b"{}"}]) == [200]


def test_two_hosts_are_one_too_many():
    async def app(scope, receive, send):
        pytest.fail("it got through")

    guard = Guard(app, HOSTS, largest_body=1, seconds=1.0)

    async def receive():
        pytest.fail("it was read")

    twice = [(b"host", b"localhost:8000"), (b"host", b"evil.example")]
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(guard({"type": "http", "method": "GET", "headers": twice}, receive, send))
    assert sent[0]["status"] == 421


def test_the_client_of_these_tests_is_itself_refused_under_another_name(served):
    assert TestClient(served).get("/v1/models").status_code == 421
