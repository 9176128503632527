"""What a model is called: its representation, its card, the title of its report."""

import re

import pytest

import morelike
from morelike.cli.inspection.show import show

WORDS = [f"{a}{b}{c}" for a in "abcdefgh" for b in "aeiou" for c in "lmnr"]


@pytest.mark.parametrize("make", [
    lambda: morelike.train(WORDS, "ngram"),
    lambda: morelike.train(WORDS, "ngram", labels=["x", "y"] * (len(WORDS) // 2)).conditioned_on("x"),
    lambda: morelike.split(WORDS),
    lambda: morelike.classify(WORDS, ["101", "11"]),
    lambda: morelike.Estimator("ngram").fit(WORDS),
    lambda: morelike.train(WORDS, "ngram").evaluate(["bel", "xan"], unknown="reserve"),
])  # fmt: skip
def test_the_representation_of_a_public_object_is_short(make):
    assert re.fullmatch(r".{10,500}", repr(make()))


def test_the_representation_of_a_model_names_its_kind_and_its_list():
    assert repr(morelike.train(WORDS, "bigram", steps=1, name="syllables")) == (
        "LanguageModel(kind='bigram', list='syllables', parameters=256, characters=15)"
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Return the runs of part of a list and of a whole list, by the split."""
    folder = tmp_path_factory.mktemp("runs")
    for split in ("first-5", "none", "hash"):
        morelike.train(WORDS, "ngram", order=2, split=split, name="syllables", out=folder / split)
    return {split: next((folder / split).iterdir()) for split in ("first-5", "none", "hash")}


def title(run):
    return re.search("<title>(.*?)</title>", (run / "report.html").read_text("utf-8"))[1]


def test_the_title_of_a_report_tells_the_lines_of_a_part_that_was_learned(runs):
    assert "syllables (first 5 of 160 words), ngram" in title(runs["first-5"])
    assert "syllables, ngram" in title(runs["none"])
    assert "syllables, ngram" in title(runs["hash"])


def test_the_card_tells_how_many_lines_were_learned(runs):
    card = (runs["first-5"] / "model" / "README.md").read_text("utf-8")
    assert "the list `syllables` (5 of its 160 lines, split `first-5`" in card
    assert "(160 lines, split `none`" in (runs["none"] / "model" / "README.md").read_text("utf-8")
    learned = morelike.load(runs["hash"]).facts["losses"]["train"]["lines"]
    assert f"({learned} of its 160 lines, split `hash`" in (runs["hash"] / "model" / "README.md").read_text("utf-8")


def test_show_tells_how_many_lines_were_learned(runs, capsys):
    show(str(runs["first-5"]))
    assert {"lines\t160", "learned_lines\t5"} <= set(capsys.readouterr().out.splitlines())
