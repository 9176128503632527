"""`morelike train --dry-run`: what a run would take, and no run."""

import pytest

from morelike.workflows import dry_run

from ..conftest import TINY


@pytest.fixture(autouse=True)
def short_trials(monkeypatch):
    monkeypatch.setattr(dry_run, "TRIAL_SECONDS", 0.01)


def test_it_says_what_the_run_would_take_and_begins_none(run, listed, tmp_path):
    asked = ["train", listed, *TINY, "--dry-run"]
    shown = run(*asked)
    rows = dict(line.split("\t") for line in shown.out.splitlines())
    assert rows["steps"] == "6"
    assert run(*asked, "--json").json["parameters"] == int(rows["parameters"].replace(",", ""))
    assert not any(tmp_path.iterdir())


def test_n_grams_have_no_steps(run, listed):
    rows = run("train", listed, "--model", "ngram", "--order", "3", "--dry-run").out
    assert "n-grams\t" in rows
    assert "steps" not in rows


def test_without_a_model_the_cost_is_that_of_what_would_be_trained(run, listed):
    assert run("train", listed, "--dry-run", "--json").json["kind"] == "ngram"
    assert run("train", listed, "--steps", "2", "--hidden", "4", "--dry-run", "--json").json["kind"] == "gru"
