"""The settings of a run in the address of the page: what makes no sense is left out and named, the rest is read."""

import pytest

from morelike.play.address import given_settings, read_address
from morelike.runs.settings import configure_kind

HOSTILE = "<script>alert(1)</script>" * 10


def test_list_kind_seed_and_settings_are_read_as_their_declarations_say():
    query = {"list": "mots", "kind": "lstm", "seed": "7", "hidden": "64", "learning_rate": "0.01", "tied": "false"}
    wanted, left_out = read_address(query)
    assert wanted == {
        "list": "mots",
        "kind": "lstm",
        "seed": 7,
        "settings": {"hidden": 64, "learning_rate": 0.01, "tied": False},
    }
    assert left_out == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("list", "/etc/passwd"),
        ("list", "names_32033"),
        ("kind", HOSTILE),
        ("kind", "mixture"),
        ("seed", "-1"),
        ("seed", "9" * 30),
        ("hidden", "-4"),
        ("hidden", "nan"),
        ("hidden", ""),
        ("learning_rate", "inf"),
        (HOSTILE, "1"),
        ("context", "3"),  # a setting of another kind
        ("from", "x"),
    ],
)
def test_what_makes_no_sense_is_left_out_and_named(name, value):
    wanted, left_out = read_address({"kind": "gru", "embedding": "8", name: value})
    kind = {} if name == "kind" else {"kind": "gru"}
    assert wanted == {**kind, "settings": {"embedding": 8}}
    assert left_out == [f"{name[:40]} = {value[:40]}"]


def test_an_address_with_very_many_settings_is_read_in_part():
    wanted, left_out = read_address({str(i): "1" for i in range(10_000)})
    assert wanted == {"settings": {}}
    assert len(left_out) == 40


def test_the_settings_of_a_run_from_elsewhere_are_those_that_differ_from_a_quick_run():
    architecture, training = configure_kind("gru", {"hidden": 12, "clip": 2.0, "seed": 4}, quick=True)
    table = {**training.model_dump(exclude_none=True), "steps": 30}
    config = {"architecture": {"kind": "gru", **architecture.model_dump()}, "training": table}
    assert given_settings(config) == {"hidden": 12, "clip": 2.0, "steps": 30}
    assert given_settings({"architecture": {"kind": "mixture"}, "training": {"steps": 3}}) == {}


def test_the_token_is_taken_out_of_the_address_and_the_settings_stay(page, stranger):
    answer = stranger.get(f"/?kind=lstm&token={page.token}&word=a%26b")
    assert answer.headers["location"] == "/?kind=lstm&word=a%26b"


def test_a_run_has_its_settings_and_its_seed(client):
    name = client.post("/api/lists", json={"text": "anna\nhanna\nbob"}).json()["id"]
    run = client.post("/api/runs", json={"list": name, "settings": {"hidden": 4}, "seed": 3}).json()
    assert (run["settings"], run["seed"]) == ({"hidden": 4}, 3)
    found = client.get("/api/address", params={"hidden": "4", "seed": "3", "nonsense": "1"}).json()
    assert found == {"run": {"seed": 3, "settings": {"hidden": 4}}, "left_out": ["nonsense = 1"]}
