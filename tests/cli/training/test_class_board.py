"""`morelike compare --runs`: a table, CSV, JSON and a slide over the runs of a class; nothing is trained."""

import csv
import json
import shutil

import pytest

from ..test_bad_input import complaint


@pytest.fixture(scope="module")
def school(trained, counted, tmp_path_factory):
    """Return a folder with the runs of a class: two of one list, one with a hidden test, and a broken one."""
    folder = tmp_path_factory.mktemp("school")
    shutil.copytree(trained, folder / "anna" / "runs" / trained.name)
    shutil.copytree(counted, folder / "bob" / counted.name)
    shutil.copytree(counted, folder / "eva")
    facts = json.loads((folder / "eva" / "meta.json").read_text())
    del facts["losses"]["test"]
    (folder / "eva" / "meta.json").write_text(json.dumps(facts))
    (folder / "zoe").mkdir()
    (folder / "zoe" / "meta.json").write_text("{")
    return folder


def test_a_class_is_ranked_in_a_table(run, school):
    ran = run("compare", "--runs", school)
    rows = list(csv.DictReader(ran.out.splitlines(), delimiter="\t"))
    assert [row["name"] for row in rows[:3]] == ["bob", "eva", "anna"]
    assert rows[0]["behind"] == "best"
    assert rows[1]["test"] == ""
    assert "test is hidden: dev only" in rows[1]["remark"]
    assert rows[3]["remark"].startswith("broken: ")
    assert ran.err == ""


def test_csv_and_json_hold_the_same_figures(run, school):
    rows = list(csv.DictReader(run("compare", "--runs", school, "--csv").out.splitlines()))
    found = run("compare", "--runs", school, "--json").json
    (board,) = found["boards"]
    assert [row["name"] for row in rows] == ["bob", "eva", "anna", "zoe"]
    assert [float(row["dev"]) for row in rows[:3]] == [each["dev"] for each in board["runs"]]
    assert board["runs"][1]["test"] is None
    assert found["without_losses"][0]["name"] == "zoe"


def test_different_lists_are_ranked_apart(run, school, tmp_path):
    shutil.copytree(school, tmp_path / "class")
    meta = tmp_path / "class" / "eva" / "meta.json"
    facts = json.loads(meta.read_text())
    meta.write_text(json.dumps({**facts, "data": {"sha256": "0", "lines": 5}, "list": "other"}))
    ran = run("compare", "--runs", tmp_path / "class")
    assert "learned from 2 lists or splits, so there is a board for each" in ran.err
    assert "[other, 5 lines, split shuffle-42]" in ran.out


def test_the_slide_is_a_page_of_16_to_9(run, school, tmp_path):
    ran = run("compare", "--runs", school, "--picture", "board.html")
    assert ran.err == "Picture: board.html\n"
    page = (tmp_path / "board.html").read_text("utf-8")
    assert "data-slide" in page
    assert "1. bob" in page
    assert run("compare", "--runs", school, "--picture", "board.json").status == 0
    layout = json.loads((tmp_path / "board.json").read_text())["layout"]
    assert (layout["width"], layout["height"], layout["font"]["size"]) == (960, 540, 20)


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--runs", "nowhere"], "'nowhere' is not a folder"),
        (["--csv"], "--csv has no effect here"),
        (["--picture", "a.html"], "--picture has no effect here"),
        (["names", "--runs", "."], "there is no run in '.'"),
        (["mots", "--runs", "."], "a list has no effect with --runs"),
        (["--kinds", "ngram", "--runs", "."], "--kinds has no effect with --runs"),
        (["--hide-test", "--runs", "."], "--hide-test has no effect with --runs"),
        (["--runs", ".", "--picture", "a.pdf"], "ends in .html"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(flags, says, run):
    ran = run("compare", *flags)
    assert ran.status
    assert says in complaint(ran, ran.status)
