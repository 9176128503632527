"""Requests that ask for too much, that are hostile, or that name no run."""

import threading

import pytest

from morelike.play.make.bodies import SampleBody

from .conftest import LOOK

ROUTES = [
    ("POST", "sample", {}), ("POST", "near", {"word": "dan"}), ("POST", "blend", {"other": "x"}),
    ("POST", "score", {"words": []}), ("POST", "check", {"words": []}), ("GET", "kept", None),
    ("PUT", "kept", {"version": 0}), ("GET", "export", None),
]  # fmt: skip


def test_every_route_knows_only_runs_of_the_page(place):
    for method, what, body in ROUTES:  # the door before them is tested for all routes of the page
        response = place.client.request(method, f"/api/runs/nothing/make/{what}", json=body)
        assert response.status_code == 404
        assert "there is no run" in response.json()["error"]


@pytest.mark.parametrize(
    ("what", "body", "sentence"),
    [
        ("sample", {"count": 41}, "41 words at once, and the page makes 40 at most"),
        ("sample", {"count": 10_001}, "count = 10001"),
        ("sample", {"count": -1}, "count = -1"),
        ("sample", {"max_length": 1001}, "max_length = 1001"),
        ("sample", {"temperature": "hot"}, "temperature = 'hot'"),
        ("sample", {"colour": 1}, "colour"),
        ("sample", {"model": "x"}, "model"),
        ("sample", {"prefix": "ж"}, "does not know the character 'ж'"),
        ("sample", {"regex": "("}, "("),
        ("sample", {"label": "girl"}, "without labels"),
        ("sample", {"not_in": [""]}, "empty"),
        ("near", {"word": "dan", "count": 41}, "41 words at once"),
        ("near", {"word": ""}, "empty"),
        ("near", {"word": "dan", "how": "magic"}, "how"),
        ("near", {"word": "b" * 101, "how": "pseudowords"}, "100 characters"),
        ("blend", {"other": "x", "share": 1.5}, "share = 1.5"),
        ("score", {"words": ["a"] * 10_001}, "10,001 words at once"),
        ("score", {"words": ["a\nb"]}, "line end"),
        ("score", {"words": ["x" * 5001]}, "5000"),
        ("score", {"words": ["a" + "\u0301" * 101]}, "combining marks"),
    ],
)
def test_what_cannot_be_made_is_refused_in_one_sentence(place, counted, what, body, sentence):
    response = place.post(counted[0], what, **body)
    assert response.status_code in (400, 422)
    assert sentence in response.json()["error"]
    assert "\n" not in response.json()["error"]


def test_half_a_surrogate_pair_is_refused_in_one_sentence(place, counted):
    address = f"/api/runs/{counted[0].id}/make/score"
    response = place.client.post(
        address, content=rb'{"words": ["\ud800"]}', headers={"Content-Type": "application/json"}
    )
    assert response.status_code in (400, 422)
    assert "\n" not in response.json()["error"]


@pytest.mark.parametrize("word", ["<script>alert(1)</script>", "\u202egnirts", "😀" * 30, "=1+1", "x" * 5000, "a b"])
def test_hostile_words_come_back_as_they_are(place, counted, word):
    (found,) = place.post(counted[0], "score", words=[word]).json()["words"]
    assert found["word"] == word
    assert len(found["pieces"]) <= 100
    assert found["bits"] > 0


def test_a_run_without_a_model_and_one_whose_weights_diverged_are_sentences(place):
    run, model = place.run()
    response = place.post(run, "sample")
    assert response.status_code == 422
    assert "no model yet" in response.json()["error"]
    run.looks.save(LOOK, {name: array * float("nan") for name, array in place.looking()[1].weights.items()})
    assert "no longer finite numbers" in place.post(run, "sample").json()["error"]
    assert model.vocabulary.size


def test_the_settings_are_those_of_the_body_with_their_sentences(place):
    settings = {each["name"]: each for each in place.client.get("/api/make/settings").json()}
    assert settings.keys() == SampleBody.model_fields.keys()
    for name, each in settings.items():
        field = SampleBody.model_fields[name]
        default = list(field.default) if isinstance(field.default, tuple) else field.default
        assert (each["default"], each["sentence"]) == (default, field.description)
        assert each["sentence"]
    assert settings["count"]["maximum"] == place.limits.made
    assert settings["novel_ignoring"]["choices"] == ["case", "accents"]
    types = {"temperature": "number", "top_k": "integer", "novel": "boolean", "prefix": "string", "contains": "array"}
    assert {name: settings[name]["type"] for name in types} == types


def test_kept_words_do_not_wait_for_words_that_are_made(place, counted, monkeypatch):
    release, begun = threading.Event(), threading.Barrier(3)

    def waits(*_):
        begun.wait(30)
        assert release.wait(30)
        return {}

    monkeypatch.setattr("morelike.play.make.routes.sampled", waits)
    makers = [
        threading.Thread(target=place.post, args=(counted[0], "sample")) for _ in range(2)
    ]  # all that work at once
    for maker in makers:
        maker.start()
    begun.wait(30)
    try:
        assert place.client.get(f"/api/runs/{counted[0].id}/make/kept").status_code == 200
    finally:
        release.set()
        for maker in makers:
            maker.join()
