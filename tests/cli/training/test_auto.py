"""`morelike train --model auto`: the choice is said, kept with the run and in the JSON, and can be gone on with."""

import json
from dataclasses import replace

import pytest

from morelike.architecture import build
from morelike.language_model.model import LanguageModel
from morelike.runs.settings import configure
from morelike.text.reading import read_corpus
from morelike.training.experiment import ExperimentFinished, run_experiment, start_run
from morelike.workflows.model_selection import Selection, as_mixture_member, plans_of

AUTO = ["--model", "auto", "--no-report"]


def mixture_of(listed, quick=True):
    choice = Selection("mixture", {"ngram": 2.2, "gru": 2.3, "mixture": 2.1})
    return plans_of(choice, read_corpus(str(listed), "lines"), "shuffle-42", source=str(listed), quick=quick)


def test_the_choice_is_said_to_the_person_and_the_words_stand_alone_on_stdout(run, listed, tmp_path):
    ran = run("train", listed, *AUTO)
    assert ran.status == 0
    assert "Note: chose ngram: 16 words to learn from are too few to try a network on." in ran.err
    (folder,) = (tmp_path / "runs").iterdir()
    assert ran.out == (folder / "samples.txt").read_text()


def test_the_choice_is_in_the_json_and_in_the_runs_facts(run, listed, tmp_path):
    found = run("train", listed, *AUTO, "--json").json
    (folder,) = (tmp_path / "runs").iterdir()
    assert found["kind"] == found["choice"]["kind"] == "ngram"
    assert found["choice"]["sentence"] in found["notes"]
    assert json.loads((folder / "meta.json").read_text())["choice"] == found["choice"]


def test_a_run_of_a_named_kind_has_no_choice(run, listed):
    assert "choice" not in run("train", listed, "--model", "ngram", "--no-report", "--json").json


def test_a_chosen_run_is_repeated_from_its_settings(run, listed):
    first = run("train", listed, *AUTO, "--json", "--seed", "3").json
    second = run("train", "--config", f"{first['run']}/config.toml", "--no-report", "--json").json
    assert second["samples"] == first["samples"]


def test_words_from_a_pipe_are_kept_with_the_run(run, listed):
    ran = run("train", "-", *AUTO, stdin=listed.read_bytes())
    assert (ran.status, len(ran.out.split())) == (0, 20)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--order", "3"], "auto takes no --order, a setting of ngram: name the kind, for example --model ngram"),
        (["--steps=3"], "auto takes no --steps, a setting of training: name the kind, for example --model gru"),
        (["--steep", "3"], "auto has no setting 'steep'"),
        (["--config", "config.toml"], "which auto chooses: leave out one of the two"),
    ],
)
def test_settings_of_one_kind_are_refused_with_the_way_out(run, listed, given, said, tmp_path):
    ran = run("train", listed, *AUTO, *given)
    assert ran.status == 2
    assert said in ran.err
    assert not (tmp_path / "runs").exists()


def test_the_help_explains_auto_and_offers_the_seed_alone(run):
    said, _, _ = run("train", "--model", "auto", "--help").out.partition("Examples:")
    assert "--seed" in said
    assert "--hidden" not in said
    assert "--steps" not in said
    assert "auto" in " ".join(run("train", "--help").out.split())


def test_other_commands_know_no_kind_called_auto(run, listed):
    assert "no model is called 'auto'" in run("lr", listed, "--model", "auto").err


def test_an_interrupted_network_of_a_mixture_is_mixed_when_it_is_resumed(run, listed, tmp_path):
    counts, network = mixture_of(listed)
    small = build("mlp", {"context": 2, "embedding": 2, "hidden": 4})  # any network is mixed; this one compiles fast
    network = replace(network, architecture=small, training=configure(small, {"steps": 4, "batch_size": 4}))
    counted = start_run(counts, tmp_path / "runs")
    *_, done = run_experiment(counts, counted)
    assert isinstance(done, ExperimentFinished)
    waiting = start_run(as_mixture_member(network, counted.path), tmp_path / "runs")
    found = run("train", "--resume", waiting.path, "--no-report", "--json").json
    assert found["kind"] == found["choice"]["kind"] == "mixture"
    assert found["test"]["lines"] == 2
    meta = json.loads((tmp_path / found["run"] / "meta.json").read_text())
    assert meta["choice"]["sentence"] == "chose mixture: dev 2.100 against 2.200 (ngram) and 2.300 (gru), in a trial"
    assert len(LanguageModel.load(found["model"]).architecture.members) == 2


@pytest.mark.slow
def test_a_chosen_mixture_is_trained_and_shown_as_one_run_with_its_report(run, listed, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "morelike.workflows.model_selection.select_model",
        lambda *_, **__: Selection("mixture", {"ngram": 2.2, "mixture": 2.1}),
    )
    ran = run("train", listed, "--model", "auto", "--quick", "--json")
    found = ran.json
    assert found["kind"] == "mixture"
    assert ran.err.count("chose mixture") == 1
    assert sum("chose mixture" in note for note in found["notes"]) == 1
    assert len(found["samples"]) == 20
    assert (tmp_path / found["run"] / "samples.txt").read_text().split() == found["samples"]
    assert (tmp_path / found["report"]).is_file()
    assert len(list((tmp_path / "runs").iterdir())) == 3
