"""The door stands before every route of the page: the tests walk the routes of the app, so a new route is covered."""

import re

import pytest

FOREIGN = [
    ({"Host": "evil.example:8017"}, 421),
    ({"Host": "127.0.0.1:9999"}, 421),
    ({"Host": "evil.example"}, 421),
    ({"Origin": "http://evil.example"}, 403),
    ({"Origin": "https://127.0.0.1:8017"}, 403),
    ({"Origin": "http://127.0.0.1:9999"}, 403),
    ({"Origin": "null"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403),
]
NOTHING: list = []  # a body that no route takes: what is not refused at the door changes nothing


@pytest.fixture
def routes(page):
    """The method and an address of each route of the app behind the door."""
    paths = page.app.app.app.openapi()["paths"]  # those of the routers in it too
    found = [(method.upper(), re.sub(r"\{[^}]+\}", "x", path)) for path in paths for method in sorted(paths[path])]
    assert ("PUT", "/api/runs/x/make/kept") in found
    assert ("POST", "/api/runs") in found
    assert ("GET", "/api/runs/x/events") in found
    return found


def test_who_has_no_cookie_is_refused_on_every_route(routes, page, stranger):
    for method, address in routes:
        for query in ("", "?token=wrong", "" if address == "/" else f"?token={page.token}"):
            response = stranger.request(method, address + query, json=NOTHING)
            assert response.status_code == 403, (method, address)
            assert "address that `morelike play` printed" in response.json()["error"]
            assert "set-cookie" not in response.headers


@pytest.mark.parametrize(("headers", "status"), FOREIGN)
def test_another_host_and_a_page_of_another_site_are_refused_on_every_route(routes, client, headers, status):
    for method, address in routes:
        response = client.request(method, address, json=NOTHING, headers=headers)
        assert response.status_code == status, (method, address)
        assert len(response.json()["error"]) > 20


def test_the_page_itself_passes_the_door_of_every_route_under_the_strict_policy(routes, client):
    own = {"Origin": "http://127.0.0.1:8017", "Sec-Fetch-Site": "same-origin"}
    for method, address in routes:
        response = client.request(method, address, json=NOTHING, headers=own)
        assert response.status_code not in (403, 415, 421), (method, address)
        assert response.status_code != 200 or method == "GET", (method, address)
        assert response.headers["content-security-policy"].startswith("default-src 'none'"), (method, address)
        assert not [name for name in response.headers if name.startswith("access-control")], (method, address)


def test_a_form_of_another_page_cannot_change_anything(routes, client):
    for method, address in routes:
        if method in ("POST", "PUT"):
            for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"):
                response = client.request(method, address, content="{}", headers={"Content-Type": kind})
                assert response.status_code == 415, address
