"""`morelike train` without `--model`: counts and a network; the choice is printed, kept and repeatable."""

import json

import pytest

from morelike.workflows import model_selection

PLAIN = ["--no-report"]
SMALL = ["--steps", "2", "--hidden", "4", "--embedding", "2", "--batch-size", "4", "--no-report"]


def test_without_a_model_the_choice_is_said_and_the_words_stand_alone_on_stdout(run, listed, tmp_path):
    ran = run("train", listed, *PLAIN)
    assert ran.status == 0
    assert "Note: chose ngram: 16 words to learn from are too few for a network." in ran.err
    (folder,) = (tmp_path / "runs").iterdir()
    assert ran.out == (folder / "samples.txt").read_text()


def test_auto_is_the_name_of_the_default(run, listed):
    first, second = (run("train", listed, *PLAIN, *named, "--json").json for named in ([], ["--model", "auto"]))
    assert second["samples"] == first["samples"]
    assert second["choice"] == first["choice"]


def test_the_choice_is_in_the_json_and_in_the_runs_facts(run, listed, tmp_path):
    found = run("train", listed, *PLAIN, "--json").json
    (folder,) = (tmp_path / "runs").iterdir()
    assert found["kind"] == found["choice"]["kind"] == "ngram"
    assert found["choice"]["sentence"] in found["notes"]
    assert json.loads((folder / "meta.json").read_text())["choice"] == found["choice"]


def test_a_run_of_a_named_kind_has_no_choice(run, listed):
    assert "choice" not in run("train", listed, "--model", "ngram", "--no-report", "--json").json


def test_a_chosen_run_is_repeated_from_its_settings(run, listed):
    first = run("train", listed, *PLAIN, "--json", "--seed", "3").json
    second = run("train", "--config", f"{first['run']}/config.toml", "--no-report", "--json").json
    assert second["samples"] == first["samples"]


def test_the_three_models_are_a_table_and_the_run_is_one_folder(run, listed, tmp_path, monkeypatch):
    ran = run("train", listed, *SMALL)
    assert ran.status == 0
    rows = [line.split() for line in ran.err.splitlines()]
    names = [row[0] for row in rows if len(row) > 3 and row[1] in ("dev", "(kept)")]
    assert names == ["ngram", "gru", "mixture"]
    assert ran.err.count("(kept)") == 1
    assert ran.err.count("Note: chose ") == 1
    (folder,) = (tmp_path / "runs").iterdir()
    meta = json.loads((folder / "meta.json").read_text())
    assert set(meta["members"]) == {"ngram", "gru", "mixture"}
    again = run("train", "--config", folder / "config.toml", "--no-report", "--json").json
    assert again["choice"] == meta["choice"]
    assert again["samples"] == (folder / "samples.txt").read_text().split()


def test_the_report_of_a_mixture_shows_its_members_and_its_curves(run, listed, tmp_path, monkeypatch):
    monkeypatch.setattr(model_selection, "WORTHWHILE", -9)
    monkeypatch.setattr(model_selection, "WORTHWHILE_COUNTS", -9)
    found = run("train", listed, *SMALL[:-1], "--json").json
    assert found["kind"] == "mixture"
    assert found["refit"] is True
    page = " ".join((tmp_path / found["report"]).read_text().split())
    assert "Counting alone (an n‑gram mixture) needs" in page
    assert "chose mixture: dev".capitalize() in page
    assert "mixture (kept)" in page
    shown = run("show", "latest", "--json").json
    assert [each["kind"] for each in shown["settings"]["members"]] == ["ngram", "gru"]
    assert run("diagnose", "latest", "--json").status == 0


def test_words_from_a_pipe_are_kept_with_the_run(run, listed):
    ran = run("train", "-", *PLAIN, stdin=listed.read_bytes())
    assert (ran.status, len(ran.out.split())) == (0, 20)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--context", "3"], "auto has no setting --context; it is a setting of bow"),
        (["--steep", "3"], "auto has no setting --steep; did you mean '--steps'?"),
        (["--model", "auto", "--config", "config.toml"], "which auto chooses: leave out one of the two"),
        (["--model", "auto", "--hosts", "a:1,b", "--process-id", "0"], "auto mixes models in one process: name a kind"),
        (["--as", "text", "--refit"], "not on running text: leave out --refit"),
        (["--resume", "x", "--refit"], "--resume goes on with a run as it was begun"),
    ],
)
def test_bad_requests_are_refused_with_the_way_out(run, listed, given, said, tmp_path):
    arguments = given if "--resume" in given else [listed, *given]
    ran = run("train", *arguments)
    assert ran.status == 2
    assert said in ran.err.replace("\n", " ")
    assert not (tmp_path / "runs").exists()


def test_the_help_offers_the_settings_of_both_members(run):
    said, _, _ = run("train", "--help").out.partition("Examples:")
    assert {"--hidden", "--steps", "--seed", "--order", "--refit", "--no-refit"} <= set(said.replace(":", " ").split())


def test_other_commands_know_no_kind_called_auto(run, listed):
    assert "no model is called 'auto'" in run("lr", listed, "--model", "auto").err


def test_a_refit_is_printed_and_can_be_declined(run, listed):
    with_refit, without = (run("train", listed, *PLAIN, *flag) for flag in ([], ["--no-refit"]))
    assert "Note: after its losses were measured, the model was trained anew on all 20 lines" in " ".join(
        with_refit.err.split()
    )
    assert "anew" not in without.err
    assert with_refit.out != without.out
