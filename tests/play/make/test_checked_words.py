"""Words against lists and blocked texts."""

import pytest

from morelike.evaluation.nearest import nearest

from .conftest import WORDS


@pytest.fixture(scope="module")
def lists(place):
    """The ids of two lists of the page."""
    pasted = {"first": ["Anna", "otto"], "second": ["anna", "hanna"]}
    return [
        place.client.post("/api/lists", json={"text": "\n".join(words), "name": name}).json()["id"]
        for name, words in pasted.items()
    ]


def check(place, run, **body):
    response = place.post(run, "check", **body)
    assert response.status_code == 200, response.json()
    return response.json()["words"]


def test_a_word_is_found_in_each_list_that_holds_it(place, counted, lists):
    run, _ = counted
    anna, otto, ottb = check(place, run, words=["anna", "OTTO", "ottb"], lists=lists)
    assert (anna["in"], otto["in"], ottb["in"]) == (["first", "second"], ["first"], [])
    assert ottb["nearest"] == {"word": "otto", "distance": 1}
    (exact,) = check(place, run, words=["anna"], lists=lists, ignoring=[])
    assert exact["in"] == ["second"]
    (accented,) = check(place, run, words=["Ánna"], lists=lists, ignoring=["case", "accents"])
    assert accented["in"] == ["first", "second"]


def test_without_lists_the_nearest_word_is_one_of_the_run(place, counted):
    (found,) = check(place, counted[0], words=["bxdon"])
    (closest,) = nearest(["bxdon"], WORDS)
    assert found["nearest"] == {"word": closest.word, "distance": closest.distance}


def test_a_blocked_text_may_be_a_part_of_a_word(place, counted):
    blocked = "\nAN\r\n  tt \n\nxyz\nann\n"
    anna, otto, bob = check(place, counted[0], words=["anna", "otto", "bob"], blocked=blocked)
    assert (anna["blocked_by"], otto["blocked_by"], bob["blocked_by"]) == (["AN", "ann"], ["tt"], [])
    (exact,) = check(place, counted[0], words=["anna"], blocked=blocked, ignoring=[])
    assert exact["blocked_by"] == ["ann"]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"words": ["a"], "lists": ["nothing"]}, "there is no list 'nothing'"),
        ({"words": ["a"], "blocked": "\n".join(map(str, range(20_001)))}, "20,001 blocked texts"),
        ({"words": ["a"] * 10_001}, "10,001 words at once"),
        ({"words": [" "]}, "empty"),
        ({"words": ["a"], "ignoring": ["age"]}, "'age' is no difference"),
        ({"words": ["a"], "lists": ["x"] * 21}, "20"),
    ],
)
def test_a_wrong_check_is_refused_in_one_sentence(place, counted, body, sentence):
    response = place.post(counted[0], "check", **body)
    assert response.status_code in (400, 422)
    assert sentence in response.json()["error"]
    assert "\n" not in response.json()["error"]
