"""Who may use the page: whoever has the token, from this page itself, under the name of this server."""

import pytest


def test_the_token_becomes_a_cookie_that_no_script_and_no_other_site_gets(page, stranger):
    response = stranger.get(f"/?token={page.token}")
    assert response.status_code == 303
    assert response.headers["location"] == "/"
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert page.token not in cookie
    assert stranger.get("/").status_code == 200


@pytest.mark.parametrize("address", ["/", "/?token=wrong", "/page/main.js", "/api/state", "/api/runs/x/events"])
def test_without_the_cookie_everything_is_refused_in_one_sentence(stranger, address):
    response = stranger.get(address)
    assert response.status_code == 403
    assert "address that `morelike play` printed" in response.json()["error"]


def test_a_cookie_with_another_value_is_refused(stranger):
    assert stranger.get("/", headers={"Cookie": "morelike_play_8017=guess"}).status_code == 403
    assert stranger.get("/", headers={"Cookie": b"\x80;;=;"}).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example:8017"}, 421),
        ({"Host": "127.0.0.1:9999"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_other_hosts_and_pages_of_other_sites_are_refused_even_with_the_cookie(client, headers, status):
    assert client.get("/api/state", headers=headers).status_code == status
    assert client.post("/api/lists", json={"text": "anna"}, headers=headers).status_code == status


def test_a_form_of_another_page_cannot_send_a_command(client):
    assert client.post("/api/lists", data={"text": "anna"}).status_code == 415


def test_every_answer_has_the_strict_policy_and_none_allows_other_origins(client, stranger):
    for address in ("/", "/page/main.js", "/api/state", "/nothing"):
        headers = client.get(address).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'")
        assert "require-trusted-types-for 'script'; trusted-types 'none'" in policy
        assert "unsafe" not in policy
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("name", ["..%2Fapp.py", "%2e%2e/app.py", "nothing.js", "texts", ".hidden", "..\\app.py"])
def test_only_files_of_the_page_are_served(client, name):
    assert client.get(f"/page/{name}").status_code == 404
    assert client.get(f"/page/inside/{name}").status_code == 404


@pytest.mark.parametrize("folder", ["..", "%2e%2e", "nothing", ".hidden", "..%5C", "__pycache__", "..%2fplay"])
def test_only_folders_of_the_page_are_served(client, folder):
    assert client.get("/page/inside/all.js").status_code == 200
    assert client.get(f"/page/{folder}/app.py").status_code == 404
    assert client.get(f"/page/{folder}/all.js").status_code == 404


def test_a_body_that_is_too_large_is_refused(client):
    response = client.post("/api/lists", json={"text": "anna\n" * 2000})
    assert response.status_code == 413
    assert "more than 4,096 bytes" in response.json()["error"]
