"""New words: each route gives what the library gives, with the figures of each word."""

from dataclasses import replace
from math import log

import pytest

from morelike.errors import SamplingError
from morelike.evaluation.nearest import nearest
from morelike.play.make.current import CurrentModel
from morelike.play.make.makers import blended
from morelike.runs.run_folder import RunFolder
from morelike.workflows.blending import blend
from morelike.workflows.stimuli.pseudowords import pseudowords
from morelike.workflows.stimuli.words import similar

from .conftest import LOOK, OTHERS, WORDS, drawn


def made(place, run, what, **body):
    response = place.post(run, what, **body)
    assert response.status_code == 200, response.json()
    return response.json()


def words_of(found):
    return [each["word"] for each in found["words"]]


def refused(place, run, what, **body):
    response = place.post(run, what, **body)
    assert response.status_code in (400, 404, 422)
    assert "\n" not in response.json()["error"]
    return response.json()["error"]


@pytest.mark.parametrize(
    "settings",
    [
        {"temperature": 0.5, "top_k": 3, "top_p": 0.9, "min_p": 0.01},
        {"novel": False, "unique": False, "max_length": 9},
        {"regex": "[bdl][ae][a-z]*", "min_length": 3},
        pytest.param(
            {"pattern": "_a_e", "allowed": "abdeno", "banned": "o", "one_script": True}, marks=pytest.mark.slow
        ),
        pytest.param({"prefix": "b", "suffix": "n"}, marks=pytest.mark.slow),
        pytest.param(
            {"contains": ["ad"], "not_contains": ["DA"], "not_contains_ignoring": ["case"]}, marks=pytest.mark.slow
        ),
        pytest.param({"similar": "badon", "within": 3}, marks=pytest.mark.slow),
        pytest.param({"shape": "abab", "pronounceable": True}, marks=pytest.mark.slow),
    ],
)
def test_sampled_words_are_those_of_the_library(place, counted, settings):
    run, model = counted
    found = made(place, run, "sample", count=5, seed=7, **settings)
    try:
        expected, reason = model.sample(5, seed=7, **settings), None
    except SamplingError as error:
        expected, reason = error.found, f"{error}."
    assert found["note"] == reason
    assert words_of(found) == expected
    assert found["seed"] == 7
    assert found["settings"] | settings == found["settings"]


def test_words_are_compared_with_the_list_of_the_run(place, counted):
    run, model = counted
    far = made(place, run, "sample", count=2, seed=1, edits=2)
    train = [word for word in WORDS if model.known.split_of(word) == "train"]
    assert words_of(far) == model.sample(2, seed=1, edits=2, far_from=train)


def test_words_that_differ_from_the_list_in_case_alone_may_be_left_out(place):
    words = [word.title() if i % 2 else word for i, word in enumerate(WORDS)]
    run, model = place.counted(words, name="capitals")
    expected = model.sample(12, seed=1, novel_ignoring=["case"], not_in=["dan", *words])
    assert model.sample(12, seed=1, not_in=["dan", *words]) != expected
    assert words_of(made(place, run, "sample", count=12, seed=1, novel_ignoring=["case"], not_in=["dan"])) == expected


def test_each_word_has_its_surprisal_its_mark_and_its_nearest_word(place, counted):
    run, model = counted
    for each in made(place, run, "sample", count=9, seed=2, novel=False)["words"]:
        bits = model.surprisal(each["word"]) / log(2)
        assert each["bits"] == pytest.approx(bits.sum(), rel=1e-5)
        assert [piece[0] for piece in each["pieces"]] == [*each["word"], ""]
        assert [piece[1] for piece in each["pieces"]] == pytest.approx(bits, rel=1e-5)
        assert each["in"] == model.known.split_of(each["word"])
        assert each["mark"] == ("copied" if each["word"] in WORDS else "new")
        (closest,) = nearest([each["word"]], WORDS)
        assert each["nearest"] == {"word": closest.word, "distance": closest.distance}


def test_without_a_seed_the_words_differ_and_the_answer_names_the_seed(place, counted):
    run, model = counted
    first, second = (made(place, run, "sample", count=4) for _ in range(2))
    assert words_of(first) != words_of(second)
    assert words_of(first) == model.sample(4, seed=first["seed"])
    assert len(words_of(made(place, run, "sample"))) == 20


def test_a_running_run_makes_words_with_its_last_look_and_a_finished_one_with_its_saved_model(place):
    run, model = place.looking()
    assert words_of(made(place, run, "sample", count=2, seed=3)) == model.sample(2, seed=3)
    later = replace(model, weights=drawn(model, seed=1))
    run.looks.save(2 * LOOK, later.weights)
    found = made(place, run, "sample", count=2, seed=3)
    assert (words_of(found), found["step"]) == (later.sample(2, seed=3), 2 * LOOK)
    best = replace(model, weights=drawn(model, seed=2))
    for step, dev in ((LOOK, 3.0), (LOOK + 3, 2.5), (2 * LOOK, 2.7)):
        run.folder.append_metrics(step=step, loss=2.0, dev=dev)
    best.save(run.folder.model)
    found = made(place, run, "sample", count=2, seed=3)
    assert (words_of(found), found["step"]) == (best.sample(2, seed=3), LOOK + 3)


def test_a_finished_run_whose_list_is_gone_makes_words_without_a_nearest_one(place, tmp_path):
    run, model = place.counted()
    (run.folder.path / "list.txt").unlink()
    again = place.runs.open(RunFolder(run.folder.path))
    place.client.get("/api/state")
    found = made(place, again, "sample", seed=1, count=2)
    assert words_of(found) == model.sample(2, seed=1)
    assert [each["nearest"] for each in found["words"]] == [None, None]
    assert "list of this run cannot be read" in refused(place, again, "near", word="dan")
    assert "list of this run cannot be read" in refused(place, again, "sample", edits=2)


def test_similar_words_are_those_of_the_library(place, counted, looking):
    for run, model in (counted, looking):
        for by in (None, "edits"):
            found = made(place, run, "near", word="bado", count=5, by=by)
            expected = similar(model, "bado", list(WORDS), by=by, count=5)
            assert words_of(found) == [each.word for each in expected]
            assert [each["edits"] for each in found["words"]] == [each.edits for each in expected]
            assert {each["mark"] for each in found["words"]} == {"copied"}


def test_pseudowords_are_those_of_the_library(place, counted, monkeypatch):
    run, model = counted
    monkeypatch.setattr("morelike.play.make.makers.CANDIDATES", 100)
    found = made(place, run, "near", word="bado", count=3, how="pseudowords", seed=5)
    expected = pseudowords(model, "bado", WORDS, count=3, candidates=100, seed=5)
    assert words_of(found) == expected.found.words
    assert [each["distance"] for each in found["words"]] == pytest.approx(expected.distances, rel=1e-5)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_blend_takes_its_share_of_the_other_run(place, counted, looking, share):
    run, model = looking
    _, second = counted
    found = made(place, run, "blend", other=counted[0].id, share=share, count=5, seed=4)
    models = {0.0: model, 0.3: blend([model, second], [0.7, 0.3]), 1.0: second}
    assert words_of(found) == models[share].sample(5, seed=4)
    assert found["words"][0]["bits"] == pytest.approx(models[share].losses(words_of(found))[0][0] / log(2), rel=1e-5)
    assert (found["share"], found["step"], found["other"]) == (share, LOOK, {"run": counted[0].id, "step": 0})


def test_a_blend_says_which_characters_a_list_lacks_and_is_new_to_both_lists(place, counted):
    other, others = place.counted(words=OTHERS, name="others")
    found = made(place, counted[0], "blend", other=other.id, seed=4, count=3)
    assert "'words' lacks u and 'others' lacks e l m n o s" in found["note"]
    assert not {*words_of(found)} & {*WORDS, *OTHERS}
    for share in (0.0, 0.5, 1.0):
        mixed, _ = blended(CurrentModel(counted[1], 0), CurrentModel(others, 0), share)
        assert "new" not in mixed.model.known.splits_of([*WORDS, *OTHERS])
    greek, _ = place.counted(words=["αβα", "βαβ", "ααβ", "ββα"], name="greek")
    assert "no character in common" in refused(place, counted[0], "blend", other=greek.id)
    assert "there is no run" in refused(place, counted[0], "blend", other="nothing")


def test_labels_are_choices_and_condition_the_words(place):
    run, model = place.counted(labels=["long" if len(word) > 4 else "short" for word in WORDS])
    found = made(place, run, "sample", count=3, seed=1, label="short")
    assert words_of(found) == model.sample(3, seed=1, label="short")
    bits = -model.log_probability(words_of(found), label="short") / log(2)
    assert [each["bits"] for each in found["words"]] == pytest.approx(bits, rel=1e-5)
    settings = {each["name"]: each for each in place.client.get(f"/api/make/settings?run={run.id}").json()}
    assert settings["label"]["choices"] == ["long", "short"]
    assert "label" in refused(place, run, "sample", label="wide")


def test_scored_words_have_the_same_figures_and_unknown_characters_are_named(place, counted):
    run, model = counted
    dan, bxd = made(place, run, "score", words=[" dan", "bxd"])["words"]
    assert dan["word"] == "dan"
    assert dan["bits"] == pytest.approx(-model.log_probability(["dan"])[0] / log(2), rel=1e-5)
    assert bxd["bits"] == pytest.approx(-model.log_probability(["bxd"], unknown="reserve")[0] / log(2), rel=1e-5)
    assert (dan["unknown"], bxd["unknown"]) == ("", "x")
