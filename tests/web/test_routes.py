"""Each route: what it answers is what the model says, and what it refuses it refuses in one sentence."""

import inspect
import math

import pytest

import morelike
from morelike.language_model.model import LanguageModel
from morelike.sampling import generate
from morelike.web.bodies import SampleRequest, ScoreRequest, WriteRequest


def refused(response, status):
    """Return the sentence of a refusal."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    (error,) = response.json().values()
    assert not [word for word in ("Traceback", "pydantic", "http", "\n") if word in error]
    return error


def test_models_are_listed_with_what_they_are(client, models):
    first, second = client.get("/v1/models").json()["models"]
    assert first == {
        "name": "ngram/girls",
        "kind": "ngram",
        "form": "lines",
        "parameters": models["ngram/girls"].parameters,
        "characters": "aehn",
        "list": "girls",
        "lines": 13,
        "refit": False,
        "labels": {},
        "settings": {"order": 3, "smoothing": "mixture", "alpha": 0.1, "min_count": 1},
    }
    assert (second["name"], second["form"]) == ("text", "text")


def test_words_equal_the_words_of_the_model_with_the_same_settings(client, models):
    asked = {"count": 7, "prefix": "a", "temperature": 1.2, "top_k": 3, "max_length": 9, "novel": False, "seed": 3}
    answer = client.post("/v1/sample", json=asked).json()
    model = models["ngram/girls"]
    words = model.sample(**asked)
    assert [each["word"] for each in answer["words"]] == words
    assert [each["in"] for each in answer["words"]] == [model.known.split_of(word) for word in words]
    assert (answer["model"], answer["seed"], answer["note"]) == ("ngram/girls", 3, None)


def test_a_new_seed_is_returned_and_repeats_its_words(client):
    first, second = (client.post("/v1/sample", json={}).json() for _ in range(2))
    assert first["seed"] != second["seed"]
    assert client.post("/v1/sample", json={"seed": first["seed"]}).json() == first


def test_words_that_run_out_come_with_the_reason(client, monkeypatch):
    monkeypatch.setattr(generate, "REJECTED_LIMIT", 300)
    answer = client.post("/v1/sample", json={"count": 30, "max_length": 2, "novel": False}).json()
    assert 0 < len(answer["words"]) <= 20, "there are no more of four letters"
    assert answer["note"].startswith(f"found {len(answer['words'])} of 30 words")


def test_text_is_written_by_a_model_of_text_and_words_by_one_of_words(client):
    asked = {"model": "text", "characters": 6, "prefix": "ab", "greedy": True}
    assert client.post("/v1/write", json=asked).json()["text"] == "abcabcab"
    assert "writes running text" in refused(client.post("/v1/sample", json={"model": "text"}), 422)
    assert "this model makes words" in refused(client.post("/v1/write", json={}), 422)


def test_scores_equal_the_scores_of_the_model(client, models):
    answer = client.post("/v1/score", json={"words": ["anna", " nnaa\n"]}).json()
    losses = -models["ngram/girls"].log_probability(["anna", "nnaa"])
    for row, word, nats in zip(answer["words"], ["anna", "nnaa"], losses, strict=True):
        assert row["word"] == word
        assert row["nats"] == pytest.approx(nats)
        assert row["bits_per_character"] == pytest.approx(nats / 5 / math.log(2))
        assert row["perplexity"] == pytest.approx(math.exp(nats / 5))
        assert row["surprisal"] is None
    assert answer["words"][1]["in"] == "new"
    assert client.post("/v1/score", json={"words": []}).json()["words"] == []


@pytest.mark.parametrize("unknown", ["skip", "reserve"])
def test_surprisals_add_up_to_the_word(client, unknown):
    asked = {"words": ["anxna"], "detail": True, "unknown": unknown}
    (row,) = client.post("/v1/score", json=asked).json()["words"]
    assert [each["character"] for each in row["surprisal"]] == ["a", "n", "x", "n", "a", ""]
    bits = [each["bits"] for each in row["surprisal"]]
    assert (bits[2] is None) == (unknown == "skip")
    assert sum(filter(None, bits)) == pytest.approx(row["nats"] / math.log(2))


def test_passages_of_a_text_are_scored_from_their_second_character(client):
    asked = {"model": "text", "words": ["abxc"], "detail": True, "unknown": "skip"}
    (row,) = client.post("/v1/score", json=asked).json()["words"]
    assert [each["character"] for each in row["surprisal"]] == ["b", "c"]
    assert "passages of two characters or more" in refused(
        client.post("/v1/score", json={"model": "text", "words": ["a"]}), 422
    )


def test_what_may_follow_comes_the_most_probable_first(client, models):
    answer = client.get("/v1/next", params={"prefix": "an"}).json()
    assert {each["character"]: each["probability"] for each in answer["next"]} == models["ngram/girls"].next("an")
    probabilities = [each["probability"] for each in answer["next"]]
    assert probabilities == sorted(probabilities, reverse=True)


LONG = "a" * 1001
BAD = {
    "not JSON": ("sample", "{", "the body is not JSON"),
    "no body": ("sample", "", "the body: field required"),
    "half a character": ("sample", r'{"prefix": "\ud800"}', "valid string"),
    "no such field": ("sample", '{"coun": 3}', "coun = 3: extra inputs are not permitted"),
    "a number in quotes": ("sample", '{"count": "3"}', "count = '3': should be a valid integer"),
    "too many": ("sample", '{"count": 10001}', "count = 10001: should be less than or equal to 10000"),
    "fewer than none": ("sample", '{"count": -1}', "count = -1"),
    "no number": ("sample", '{"temperature": NaN}', "temperature = nan: should be a finite number"),
    "a share above one": ("sample", '{"top_p": 1.5}', "top_p = 1.5"),
    "lengths that no word has": ("sample", '{"min_length": 5, "max_length": 4}', "no word has such a length"),
    "an unknown character": ("sample", '{"prefix": "x"}', "does not know the character 'x'"),
    "a long prefix": ("sample", f'{{"prefix": "{LONG}"}}', "prefix: string should have at most 1000 characters"),
    "no words": ("score", "{}", "words: field required"),
    "a word that is a number": ("score", '{"words": ["anna", 3]}', "words.1 = 3: should be a valid string"),
    "two lines": ("score", r'{"words": ["an\nna"]}', "does not know the character"),
    "no such policy": ("score", '{"words": [], "unknown": "guess"}', "unknown = 'guess'"),
}
BEYOND_THE_MODEL = ("lengths that no word has", "an unknown character", "two lines")


@pytest.mark.parametrize("bad", BAD)
def test_bad_requests_are_refused_in_one_sentence(client, bad):
    route, body, says = BAD[bad]
    response = client.post(f"/v1/{route}", content=body, headers={"Content-Type": "application/json"})
    assert says in refused(response, 422 if bad in BEYOND_THE_MODEL else 400)


def test_a_whole_number_may_have_a_point(client):
    asked = '{"count": 3.0, "top_k": 2.0, "seed": 5.0}'
    response = client.post("/v1/sample", content=asked, headers={"Content-Type": "application/json"})
    assert response.json() == client.post("/v1/sample", json={"count": 3, "top_k": 2, "seed": 5}).json()
    assert "count = 2.5" in refused(client.post("/v1/sample", json={"count": 2.5}), 400)


def test_more_characters_than_allowed_are_refused_however_they_are_cut(unguarded):
    for words in (["a" * 100_001], ["a" * 1001] * 100):
        response = unguarded.post("/v1/score", json={"words": words})
        assert "100" in refused(response, 400 if len(words) == 1 else 422)
    assert "10000 items" in refused(unguarded.post("/v1/score", json={"words": [""] * 10_001}), 400)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "runs/latest", "ngram/girl", ""])
def test_a_model_is_one_of_the_listed_models_and_never_a_path(client, tmp_path, monkeypatch, name):
    monkeypatch.setattr(LanguageModel, "load", lambda *_: pytest.fail("a request had a file opened"))
    error = refused(client.post("/v1/sample", json={"model": name}), 404)
    assert f"no model is called {name!r}; there are ngram/girls, text" in error
    assert ("did you mean" in error) == (name == "ngram/girl")
    assert refused(client.get("/v1/next", params={"model": name}), 404)


def test_there_is_nothing_else(client):
    for address in ("/", "/docs", "/redoc", "/v1", "/v1/models/", "/openapi"):
        assert "see /openapi.json" in refused(client.get(address), 404)
    assert "this address does not take DELETE" in refused(client.delete("/v1/models"), 405)
    assert refused(client.get("/v1/sample"), 405)


def test_a_fault_of_the_server_says_so_without_a_trace(models, monkeypatch):
    from fastapi.testclient import TestClient

    from morelike.web.app import Limits, unguarded_app

    app = unguarded_app(models, Limits())
    monkeypatch.setattr(LanguageModel, "next", lambda *_: 1 / 0)
    client = TestClient(app, raise_server_exceptions=False)
    assert "its terminal shows the error" in refused(client.get("/v1/next"), 500)


def test_the_description_names_every_route_and_refusal(client):
    description = client.get("/openapi.json").json()
    assert set(description["paths"]) == {"/v1/models", "/v1/next", "/v1/sample", "/v1/score", "/v1/write"}
    for path in description["paths"].values():
        for operation in path.values():
            assert operation["description"]
            assert {"200", "403", "413", "415", "421", "422", "503"} <= operation["responses"].keys()
    assert "HTTPValidationError" not in str(description)


@pytest.mark.parametrize(("asked", "method"), [(SampleRequest, "sample"), (WriteRequest, "write")])
def test_a_request_has_the_parameters_and_defaults_of_the_method(asked, method):
    parameters = dict(inspect.signature(getattr(LanguageModel, method)).parameters)
    for own in ("self", "far_from", "edits", "on_report"):  # a list of words as long as train is not sent
        parameters.pop(own, None)
    assert asked.model_fields.keys() == parameters.keys() | {"model"}
    for name, parameter in parameters.items():
        if name != "seed":  # a request is fresh each time; a program repeats itself
            assert asked.model_fields[name].default == parameter.default, name


def test_the_policies_for_unknown_characters_equal_the_policies_of_the_model():
    unknown = inspect.signature(morelike.LanguageModel.log_probability).parameters["unknown"]
    assert ScoreRequest.model_fields["unknown"].default == unknown.default


def test_the_constraints_of_sample_are_fields_of_a_request(client):
    asked = {"count": 5, "shape": "hanna", "one_script": True, "pronounceable": True, "seed": 1, "novel": False}
    words = [each["word"] for each in client.post("/v1/sample", json=asked).json()["words"]]
    assert words
    assert all(len(word) == 5 and word.isalpha() for word in words)
    asked = {"count": 9, "novel_ignoring": ["case,accents"], "not_in": ["ANNÁ", "Hana"], "novel": False}
    words = [each["word"] for each in client.post("/v1/sample", json=asked).json()["words"]]
    assert words
    assert not {"anna", "hana"} & {*words}
    refused = client.post("/v1/sample", json={"novel_ignoring": ["size"]})
    assert "'size' is no difference of words" in refused.json()["error"]
    answer = client.post("/v1/sample", json={"greedy": True, "novel": False}).json()
    assert "the greedy choice makes no word of up to 100 characters" in answer["note"]
    answer = client.post("/v1/sample", json={"greedy": True, "novel": False, "max_length": 5, "suffix": "a"}).json()
    assert (len(answer["words"]), answer["note"]) == (1, None)
