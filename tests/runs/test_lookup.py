"""Runs and models are found by a path, a name or `latest`; what is not found is named with the nearest name."""

import pytest

import morelike
from morelike.errors import ModelError, MorelikeError, RunError
from morelike.runs.lookup import find_run, model_folder, open_model, run_of, runs_in

from .test_run_folder import WORDS, counted_run


@pytest.fixture
def run(tmp_path):
    return counted_run(tmp_path / "runs")


def test_runs_come_newest_first_even_within_a_second(tmp_path):
    made = []
    for _ in range(5):
        morelike.train(WORDS, kind="ngram", order=2, out=tmp_path, report=False)
        made += [path for path in tmp_path.iterdir() if path not in made]
    assert [run.path for run in runs_in(tmp_path)] == made[::-1]


def test_a_run_is_found_by_path_by_name_and_as_the_latest(run, tmp_path):
    out = tmp_path / "runs"
    for name in (str(run.path), run.path.name, "latest"):
        assert find_run(name, out).path == run.path
        assert model_folder(name, out) == run.path / "model"
    assert model_folder(run.path / "model", out) == run.path / "model"


def test_what_is_not_found_is_named_with_the_nearest(run, tmp_path):
    with pytest.raises(ModelError, match=f"did you mean '{run.path.name}'"):
        model_folder(run.path.name[:-1] + "x", tmp_path / "runs")
    with pytest.raises(RunError, match="no run 'nonsense'"):
        find_run("nonsense", tmp_path / "runs")
    for ask in (find_run, model_folder):
        with pytest.raises(MorelikeError, match="make one with `morelike train`"):
            ask("latest", tmp_path / "none")


def test_a_model_is_opened_by_each_of_its_names_and_returned_as_it_is(run, tmp_path):
    out = tmp_path / "runs"
    for name in (run.path, run.path.name, run.model, "latest"):
        model = open_model(name, out)
        assert model.log_probability(["anna"]) == morelike.load(run.model).log_probability(["anna"])
        assert run_of(name, out).path == run.path
    assert open_model(model, tmp_path / "none") is model
    assert run_of(model, out) is None


def test_a_model_folder_outside_a_run_has_no_run(run, tmp_path):
    moved = open_model(run.model).save(tmp_path / "moved")
    assert run_of(moved, tmp_path / "runs") is None
