"""The commands that look into a model: diagnose and audit."""

import pytest

from morelike import api

from ..conftest import TINY
from ..test_bad_input import complaint


def test_a_diagnosis_is_a_row_for_each_reading(run, trained):
    ran = run("diagnose", trained)
    assert ran.status == 0
    head, *lines = (line.split("\t") for line in ran.out.splitlines())
    assert head == ["verdict", "what", "where", "value", "says", "change"]
    assert {line[0] for line in lines} <= {"good", "watch", "bad"}
    assert {line[1] for line in lines} >= {"initial loss", "saturation", "dead units", "gradient", "update:data"}
    assert "mlp: " in ran.err
    assert "one step of adamw, as the run left it at step 6" in ran.err


def test_a_diagnosis_with_json_has_all_figures(run, trained):
    found = run("diagnose", trained, "--json").json
    assert found["kind"] == "mlp"
    assert {"start", "activations", "weights", "histograms", "readings"} <= found.keys()
    assert sum(found["histograms"]["weights/W1"]["counts"]) == 3 * 4 * 8


def test_a_model_folder_alone_is_diagnosed_with_its_list(run, trained, listed, tmp_path):
    moved = api.load(trained).save(tmp_path / "moved")
    says = "nothing here names the list that this model learned from: give the list too"
    assert says in complaint(run("diagnose", moved), 2)
    ran = run("diagnose", moved, listed)
    assert ran.status == 0
    assert "adamw, fresh" in ran.err


def test_a_run_is_diagnosed_after_it_was_stopped(run, listed, tmp_path):
    ran = run("train", listed, *TINY, "--json")
    folder = ran.json["run"]
    for path in (tmp_path / folder / "model").iterdir():
        path.unlink()
    (tmp_path / folder / "model").rmdir()
    assert run("diagnose", folder).status == 0


@pytest.mark.parametrize("command", ["diagnose", "audit"])
def test_a_missing_model_is_an_error(run, command):
    assert "no model 'nothing'" in complaint(run(command, "nothing"), 1)


def test_a_counted_kind_is_not_diagnosed(run, counted):
    assert "ngram is counted, not trained: there is nothing to diagnose" in complaint(run("diagnose", counted), 2)


def test_an_audit_is_a_row_for_each_share_and_a_sentence(run, counted):
    ran = run("audit", counted, "-n", "500", "--seed", "1")
    head, *lines = (line.split("\t") for line in ran.out.splitlines())
    assert head == ["what", "found", "95 % interval", "expected", "words"]
    assert [line[0] for line in lines[:4]] == [
        "samples in train",
        "samples in dev",
        "samples in test",
        "samples that are new",
    ]
    assert "A word of train is typically" in ran.err


def test_an_audit_with_json_tells_its_seed(run, counted):
    found = run("audit", counted, "-n", "200", "--json").json
    assert isinstance(found["seed"], int)
    assert found["samples"] == 200
    again = run("audit", counted, "-n", "200", "--seed", str(found["seed"]), "--json").json
    assert again == found


def test_an_audit_of_another_list_is_refused(run, counted, tmp_path):
    (tmp_path / "other.txt").write_text("anna\nhanna\n")
    assert "learned from another list" in complaint(run("audit", counted, "other.txt"), 2)
    assert "--count 0: an audit takes one sample or more" in complaint(run("audit", counted, "-n", "0"), 2)
