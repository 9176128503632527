"""`morelike picture` and `morelike report`: what each draws, where it is written, and what makes no picture."""

import json
import re
from importlib import import_module

import pytest

from morelike.reports.picture_registry import PICTURES

from ..conftest import train_in
from ..test_bad_input import complaint

OF_LISTS = ("lengths", "counts", "bigrams")


def test_the_help_names_every_picture(run):
    listed = run("picture", "--help").out.split("Pictures:")[1].split("Examples:")[0]
    named = [re.split(r"\s{2,}", line.strip())[0].split(", ") for line in listed.splitlines() if line.strip()]
    assert {name for names in named for name in names} == set(PICTURES)


@pytest.mark.parametrize("kind", PICTURES)
def test_every_picture_of_a_run_is_drawn(kind, run, trained, tmp_path):
    ran = run("picture", kind, trained, "-o", "a.json")
    assert (ran.status, ran.out, ran.err) == (0, "a.json\n", "")
    figure = json.loads((tmp_path / "a.json").read_text())
    assert figure["data"]
    assert figure["layout"]["title"]["text"]


@pytest.mark.parametrize("kind", [kind for kind, picture in PICTURES.items() if picture.several])
def test_pictures_of_several_runs_show_each(kind, run, trained, counted, tmp_path):
    assert run("picture", kind, trained, counted, "-o", "a.json").status == 0
    text = (tmp_path / "a.json").read_text()
    assert "mlp" in text
    assert kind == "curves" or "ngram" in text


@pytest.mark.parametrize("kind", OF_LISTS)
def test_pictures_of_a_list_need_no_run(kind, run, listed, tmp_path):
    assert run("picture", kind, listed, "-o", "a.html").status == 0
    page = (tmp_path / "a.html").read_text("utf-8")
    assert 'id="picture">{"data":[{' in page
    assert "drawAll();" in page


def test_given_words_are_spelled_with_their_surprisal(run, trained, tmp_path):
    assert run("picture", "surprisal", trained, "--word", "anna", "--word", "hen", "-o", "a.json").status == 0
    assert '"n"' in (tmp_path / "a.json").read_text()
    assert "does not know the character 'z'" in complaint(
        run("picture", "surprisal", trained, "--word", "zz", "-o", "b.json"), 1
    )
    assert not (tmp_path / "b.json").exists()


def test_the_newest_run_is_drawn_by_default_and_named_in_json(run, listed, tmp_path):
    train_in(tmp_path / "runs", listed, "--model", "ngram", "--order", "2")
    ran = run("picture", "lengths", "-o", "a.html", "--json")
    assert ran.json == {"picture": "a.html", "kind": "lengths", "sources": ["latest"]}


MISTAKES = {
    "no such picture": (["los", "RUN"], 2, ["no picture is called 'los'", "did you mean 'loss'"]),
    "two runs where one is drawn": (["loss", "RUN", "RUN"], 2, ["'loss' is of one run, model or list: 2 were given"]),
    "a word for another picture": (["loss", "RUN", "--word", "anna"], 2, ["--word is for the picture 'surprisal'"]),
    "a curve of counts": (["loss", "COUNTED"], 2, ["has no curve: it was counted"]),
    "an embedding of counts": (["embedding", "COUNTED"], 2, ["of kind ngram", "has no embedding"]),
    "the weights of counts": (["weights", "COUNTED"], 2, ["no weights that are learned by gradients"]),
    "the inside of counts": (["activations", "COUNTED"], 2, ["ngram is counted, not trained"]),
    "the network of counts": (["network", "COUNTED"], 2, ["ngram"]),
    "a run that is not there": (["loss", "nowhere"], 1, ["nowhere"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_no_picture_to_draw_is_an_error_in_one_sentence(mistake, run, trained, counted, tmp_path):
    arguments, status, expected = MISTAKES[mistake]
    named = {"RUN": trained, "COUNTED": counted}
    said = complaint(run("picture", *(named.get(each, each) for each in arguments), "-o", "a.html"), status)
    assert all(each in said for each in expected), said
    assert not (tmp_path / "a.html").exists()


def test_an_image_without_kaleido_is_one_sentence_with_the_way_out(run, counted, tmp_path, monkeypatch):
    monkeypatch.setattr(import_module("morelike.pictures.figure"), "find_spec", lambda name: None)
    said = complaint(run("picture", "lengths", counted, "-o", "a.png"), 1)
    assert (
        "'a.png' cannot be made: PNG and SVG need the package kaleido and a Chromium: install 'morelike[images]'"
        in said
    )
    assert "or write a .html file, whose buttons save it as SVG and PNG" in said
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize(
    ("path", "reason"), [("a.pdf", "ends in .html, .json, .png or .svg"), ("no/a.html", "cannot be written")]
)
def test_a_file_that_cannot_hold_a_picture_is_an_error(path, reason, run, counted):
    ran = run("picture", "lengths", counted, "-o", path)
    assert ran.status
    assert reason in ran.err
    assert ran.err.count("\n") == 1


# report


def test_a_report_is_written_into_its_run_or_where_one_wants_it(run, trained, tmp_path):
    assert run("report", trained).out == f"{trained}/report.html\n"
    ran = run("report", trained, "-o", "a.html", "--json")
    assert ran.json == {"report": "a.html", "runs": [str(trained)]}
    assert (tmp_path / "a.html").read_text("utf-8") == (trained / "report.html").read_text("utf-8")


def test_several_runs_are_compared_on_one_page(run, trained, counted, tmp_path):
    assert run("report", trained, counted).out == "comparison.html\n"
    assert "Leader board" in (tmp_path / "comparison.html").read_text("utf-8")


def test_a_report_of_no_run_or_to_no_folder_is_an_error_in_one_sentence(run, trained):
    assert "no run" in complaint(run("report"), 1)
    assert "no run 'nowhere'" in complaint(run("report", "nowhere"), 1)
    assert "cannot be written" in complaint(run("report", trained, "-o", "no/a.html"), 1)
