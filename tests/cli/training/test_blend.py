"""`morelike blend`: models of several lists as one run, with given weights."""

import json

import pytest

import morelike

from ..conftest import WORDS, train_in
from ..test_bad_input import complaint


@pytest.fixture(scope="session")
def numbers(tmp_path_factory):
    """A finished run on a list of other characters."""
    out = tmp_path_factory.mktemp("numbers")
    (out / "numbers.txt").write_text("".join(f"{7 * i}\n" for i in range(30)))
    return train_in(out, out / "numbers.txt", "--model", "ngram", "--order", "2", "--no-report")


def test_blending_makes_a_run_of_its_own_that_works_like_any_other(run, counted, numbers, tmp_path):
    ran = run("blend", counted, numbers, "--weights", "0.7,0.3", "--json")
    assert (ran.status, ran.err) == (0, "")
    found = ran.json
    assert found["characters"] == "0123456789aehn"
    assert [(each["list"], each["weight"], each["lacks"]) for each in found["members"]] == [
        ("words", 0.7, "0123456789"),
        ("numbers", 0.3, "aehn"),
    ]
    words = run("sample", "latest", "-n", "30", "--seed", "1").out.split()
    assert len({*words} - {*WORDS}) == 30
    assert any(word.isalpha() for word in words)
    assert any(not word.isalpha() for word in words)
    assert run("score", found["run"], "an1", "--json").json["words"][0]["nats"] > 0
    assert run("show", found["run"], "--json").json["kind"] == "mixture"
    assert json.loads((tmp_path / found["run"] / "meta.json").read_text())["status"] == "finished"
    assert "+numbers" in run("runs").out
    page = (tmp_path / found["report"]).read_text()
    assert "with the given weights" in page
    assert "--weights 0.7,0.3" in page


def test_blending_says_which_model_does_not_know_which_characters(run, counted, numbers):
    ran = run("blend", counted, numbers, "--no-report")
    assert ran.status == 0
    head, *rows = ran.out.splitlines()
    assert head == "model\tlist\tkind\tweight"
    assert [row.split("\t")[1:] for row in rows] == [["words", "ngram", "0.500"], ["numbers", "ngram", "0.500"]]
    said = " ".join(ran.err.split())
    assert "14 characters: the union of the models' characters." in said
    assert f"{numbers} does not know 4 of them: aehn" in said
    assert "all models know all of them" in run("blend", counted, counted, "--no-report").err


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ("0.7", "weights given: 1; models: 2; give each model one"),
        ("0.7,x", "--weights 0.7,x: give numbers between commas, such as 0.7,0.3"),
        ("0.7,0", "the weight 0: each is a positive number"),
        ("nan,1", "the weight nan: each is a positive number"),
    ],
)
def test_weights_that_make_no_sense_are_refused_and_nothing_is_written(run, counted, numbers, tmp_path, weights, says):
    assert says in complaint(run("blend", counted, numbers, "--weights", weights), 2)
    assert not [*tmp_path.iterdir()]


def test_one_model_is_no_blend(run, counted):
    assert "a blend takes two models or more: name them" in complaint(run("blend", counted), 2)


def test_folded_case_is_a_choice_that_the_run_records(run, counted, tmp_path):
    (tmp_path / "towns.txt").write_text("".join(f"{word.capitalize()}\n" for word in WORDS))
    towns = train_in(tmp_path / "runs", tmp_path / "towns.txt", "--model", "ngram", "--order", "3", "--no-report")
    found = run("blend", towns, counted, "--fold-case", "--no-report", "--json").json
    assert "fold_case = true" in (tmp_path / found["run"] / "config.toml").read_text()
    folded = morelike.load(tmp_path / found["run"])
    assert folded.next("H")["a"] > morelike.blend([morelike.load(each) for each in (towns, counted)]).next("H")["a"]
