"""The commands that train several models or learn about training: mix, compare, lr and recipe."""

import json
import re
import tomllib

import pytest

from morelike import api
from morelike.recipes.recipe import recipes

from ..conftest import TINY, WORDS, train_in
from ..test_bad_input import complaint


@pytest.fixture(scope="session")
def two(counted, trained):
    """A counted and a trained run of one list."""
    return counted, trained


def rows(text):
    head, *lines = (line.split("\t") for line in text.splitlines())
    return head, lines


# mix


def test_mixing_makes_a_run_of_its_own_that_works_like_any_other(run, two, tmp_path):
    ran = run("mix", *two, "--json", "--no-report")
    assert (ran.status, ran.err) == (0, "")
    found = ran.json
    assert [each["model"] for each in found["members"]] == [str(each) for each in two]
    assert sum(each["weight"] for each in found["members"]) == pytest.approx(1)
    assert run("sample", "latest", "-n", "3").out.count("\n") == 3
    assert run("score", found["run"], "anna", "--json").json["words"][0]["nats"] > 0
    assert run("evaluate", found["model"], "names", "--unknown", "reserve", "--json").status == 0
    assert run("show", found["run"], "--json").json["kind"] == "mixture"
    assert json.loads((tmp_path / found["run"] / "meta.json").read_text())["status"] == "finished"
    assert "mixture" in run("runs").out


@pytest.mark.parametrize("interpolation", ["linear", "log-linear"])
def test_the_interpolation_on_request_is_used_and_stands_in_the_run(run, two, tmp_path, interpolation):
    found = run("mix", *two, "--interpolation", interpolation, "--json", "--no-report").json
    assert found["interpolation"]["chosen"].startswith(interpolation)
    mixture = api.load(tmp_path / found["model"])
    assert mixture.architecture.interpolation == interpolation
    assert (
        tomllib.loads((tmp_path / found["run"] / "config.toml").read_text())["mixture"]["interpolation"]
        == interpolation
    )
    assert "invalid" in complaint(run("mix", *two, "--interpolation", "geometric"), 2).lower()


def test_mixing_shows_the_losses_of_each_member_and_of_the_mixture(run, two):
    ran = run("mix", *two)
    assert ran.status == 0
    assert ran.out == ""
    said = " ".join(ran.err.split())
    for part in ("1. ngram, weight", "2. mlp, weight", "mixture", "More: morelike sample", "report.html"):
        assert part in said
    head, *table = ran.err.splitlines()
    columns = re.split(r" {2,}", head.strip())
    rows = [line for line in table if re.search(r" (train|dev|test) ", line)]
    assert columns[-1] == "lines"
    assert len(rows) == 6
    assert all(re.search(r"\d+\.\d{4} +\d+\.\d\d +\d+$", row.rstrip()) for row in rows)  # none is folded


def test_models_that_stand_in_no_run_are_mixed_with_their_list(run, two, listed, tmp_path):
    copies = [str(api.load(folder).save(tmp_path / f"m{i}")) for i, folder in enumerate(two)]
    assert "which names the list: give the list with --list" in complaint(run("mix", *copies), 2)
    assert run("mix", *copies, "--list", listed).status == 0


@pytest.mark.parametrize("names", [[], ["latest"]])
def test_one_model_is_no_mixture(run, names):
    assert "a mixture takes two models or more: name them" in complaint(run("mix", *names), 2)


def test_models_of_different_lists_are_not_mixed(run, two, tmp_path):
    (tmp_path / "other.txt").write_text("\n".join([*WORDS[1:], "zara"]))
    other = train_in(tmp_path / "runs", tmp_path / "other.txt", "--model", "ngram")
    assert "models with different characters cannot be mixed" in complaint(run("mix", two[0], other), 2)
    assert "'rz'" in run("mix", two[0], other).err
    (tmp_path / "same.txt").write_text("\n".join(WORDS[::-1]))
    other = train_in(tmp_path / "runs", tmp_path / "same.txt", "--model", "ngram")
    assert "model 2 (ngram) learned from another list or another split" in complaint(run("mix", two[0], other), 2)


def test_a_mixture_is_not_trained(run, listed):
    says = "a mixture is made of trained models: train them, then `morelike mix` them"
    assert says in complaint(run("train", listed, "--model", "mixture"), 2)


# compare


def test_comparing_prints_a_row_for_each_kind_the_best_first(run, listed):
    ran = run("compare", listed, "--kinds", "bigram,ngram", "--budget", "20steps")
    assert ran.status == 0
    head, lines = rows(ran.out)
    columns = "kind, parameters, steps, seconds, dev, dev 95 %, test, test 95 %, behind, behind 95 %, new, in all"
    assert head == columns.split(", ")
    assert {line[0] for line in lines} == {"bigram", "ngram"}
    assert float(lines[0][6]) <= float(lines[1][6])
    assert lines[0][8] == "best"


def test_without_held_out_words_the_losses_are_on_train(run):
    ran = run("compare", "-", "--kinds", "ngram", "--budget", "5steps", stdin=b"anna\nhanna\n")
    head, (line,) = rows(ran.out)
    assert head[4:7] == ["train", "train 95 %", "behind"]
    assert float(line[4]) > 0
    assert "nats/char on train" in ran.err


def test_comparing_with_json_has_all_figures(run, listed):
    ran = run("compare", listed, "--kinds", "ngram,bigram", "--budget", "20steps", "--json")
    first, second = ran.json["board"]
    assert first["behind"] is None
    assert second["behind"]["interval"][0] <= second["behind"]["difference"] <= second["behind"]["interval"][1]
    for each in (first, second):
        assert each["test"]["interval"][0] <= each["test"]["nats"] <= each["test"]["interval"][1]
        assert 0 <= each["novelty"] <= 1


def test_runs_of_a_comparison_are_kept_on_request(run, listed, tmp_path):
    assert run("compare", listed, "--kinds", "ngram", "--out", "kept").status == 0
    (kept,) = (tmp_path / "kept").iterdir()
    assert api.load(kept / "model").architecture.kind == "ngram"


def test_nothing_is_kept_otherwise(run, listed, tmp_path):
    assert run("compare", listed, "--kinds", "ngram").status == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--kinds", "ngrm"], "no model is called 'ngrm'; there are"),
        (["--kinds", "ngrm"], "did you mean 'ngram'?"),
        (["--kinds", ","], "--kinds names none: choose among bigram"),
        (["--budget", "soon"], "the budget 'soon': say for example 20s, 2m, 2000steps or 5epochs"),
        (["--split", "halves"], "no split is called 'halves'"),
    ],
)
def test_a_comparison_that_makes_no_sense_is_refused(run, listed, flags, says):
    assert says in complaint(run("compare", listed, *flags), 2)


# lr


def test_the_range_test_prints_the_curve_and_says_the_rate(run, listed):
    ran = run("lr", listed, "--model", "bigram", "--steps", "40", "--optimizer", "sgd")
    head, lines = rows(ran.out)
    assert head == ["rate", "loss", "smoothed"]
    assert len(lines) == 40
    assert float(lines[0][0]) == pytest.approx(1e-3)
    assert float(lines[-1][0]) == pytest.approx(1)
    assert "Suggested: --learning-rate " in ran.err


def test_the_range_test_with_json_gives_curve_suggestion_and_reason(run, listed):
    found = run("lr", listed, "--model", "bigram", "--steps", "30", "--low", "0.01", "--json").json
    assert 0.01 <= found["suggestion"] <= 1
    assert found["reason"]
    assert len(found["curve"]) == 30


@pytest.mark.parametrize("ending", ["html", "json"])
def test_the_curve_is_drawn_to_a_file(run, listed, tmp_path, ending):
    ran = run("lr", listed, "--model", "bigram", "--steps", "30", "--picture", f"curve.{ending}")
    assert ran.status == 0
    drawn = (tmp_path / f"curve.{ending}").read_text()
    assert "Learning-rate range test" in drawn
    if ending == "json":
        assert json.loads(drawn)["layout"]["xaxis"]["type"] == "log"


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--low", "1", "--high", "0.1"], "rates from 1 to 0.1: give a low one above 0 and a higher one"),
        (["--steps", "3"], "3 steps are too few for a range test"),
        (["--learning-rate", "0.1"], "--learning-rate has no part in a range test"),
        (["--epochs", "2"], "--epochs has no part in a range test"),
        (["--picture", "curve.pdf"], "name a file that ends in .html, .json, .png or .svg"),
    ],
)
def test_a_range_test_that_makes_no_sense_is_refused(run, listed, tmp_path, flags, says):
    assert says in complaint(run("lr", listed, "--model", "bigram", *flags), 2)
    assert list(tmp_path.iterdir()) == []


def test_a_counted_kind_has_no_range_test(run, listed):
    assert "ngram is counted, not trained" in complaint(run("lr", listed, "--model", "ngram"), 2)


def test_a_picture_that_cannot_be_written_is_an_error_with_its_path(run, listed):
    ran = run("lr", listed, "--model", "bigram", "--steps", "30", "--picture", "nowhere/curve.html")
    assert "the picture 'nowhere/curve.html' cannot be written" in complaint(ran, 1)


# recipe


def test_recipes_are_listed_with_what_they_are(run):
    head, lines = rows(run("recipe", "list").out)
    assert head == ["recipe", "speed", "what"]
    assert [line[0] for line in lines] == list(recipes())
    assert run("recipe", "list", "--json").json[0].keys() == {"name", "speed", "title"}


def test_a_recipe_is_shown_as_its_file_and_as_settings_for_training(run):
    assert tomllib.loads(run("recipe", "show", "civil-mlp").out)["run"][0]["training"]["steps"] == 200_000
    config = tomllib.loads(run("recipe", "show", "names-best", "--config", "--model", "gru").out)
    assert config["architecture"]["kind"] == "gru"


def test_a_recipe_says_published_bound_ours_and_within(run):
    ran = run("recipe", "run", "pattern-rnn")
    head, lines = rows(ran.out)
    assert head == ["figure", "published", "must be", "ours", "within"]
    assert lines[0] == ["greedy", "", "exactly aaaaabbbbbccccacdddddaaaa", "aaaaabbbbbccccacdddddaaaa", "yes"]
    assert ran.status == (0 if all(line[-1] == "yes" for line in lines) else 1)


def test_a_recipe_runs_without_its_list_and_leaves_a_run_with_samples_and_a_report(run, tmp_path):
    ran = run("recipe", "run", "ngram-lm101", "--out", "kept")
    head, lines = rows(ran.out)
    assert (ran.status, head) == (0, ["figure", "reference", "must be", "ours", "within"])
    assert lines == [["test", "2.146138", "± 5e-07", "2.14614", "yes"]]
    assert "ngram-lm101 runs on the shipped list names instead of names_32033.txt:" in ran.err
    assert "`morelike lists fetch names_32033` downloads it" in ran.err
    (kept,) = (tmp_path / "kept").iterdir()
    assert f"Run of ngram: kept/{kept.name}, with report.html" in ran.err
    assert (kept / "report.html").stat().st_size > 10_000
    assert len((kept / "samples.txt").read_text().splitlines()) == 20
    assert run("runs", "--out", "kept", "--json").json[0]["status"] == "finished"


def test_a_recipe_without_a_language_model_keeps_no_run(run, tmp_path):
    ran = run("recipe", "run", "value-mlp", "--json")
    assert "No run is kept: the recipe leaves no language model." in ran.err
    assert ran.json[0]["runs"] == []
    assert not (tmp_path / "runs").exists()


def test_a_recipe_that_cannot_keep_its_runs_is_an_error(run, tmp_path):
    (tmp_path / "kept").write_text("a file")
    ran = run("recipe", "run", "names-bigram", "--out", "kept")
    assert (ran.status, ran.out) == (1, "")
    assert "morelike: no run folder can be made in 'kept'" in ran.err


def test_a_figure_out_of_bounds_gives_the_status_1(run, monkeypatch):
    monkeypatch.setattr("morelike.recipes.recipe.Expected.holds", lambda self, ours: False)
    ran = run("recipe", "run", "pattern-rnn", "--json", "--no-report")
    assert ran.status == 1
    assert ran.json[0]["within"] is False


def test_results_are_written_to_a_page(run, tmp_path):
    run("recipe", "run", "pattern-rnn", "--markdown", "results.md", "--no-report")
    page = (tmp_path / "results.md").read_text()
    assert "## pattern-rnn" in page
    assert "| figure | published | must be | ours | within |" in page


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["run"], 2, "which recipe? `morelike recipe run NAME`; the names are civil-best"),
        (["run", "civil-mpl"], 2, "no recipe is called 'civil-mpl'; did you mean 'civil-mlp'?"),
        (["show", "civil-mlp", "--config", "--model", "x"], 2, "the recipe civil-mlp has no model 'x'; it has mlp"),
        (["run", "names-mlp", "--list", "."], 1, "needs the list names_32033.txt, which does not ship: give its path"),
        (["run", "names-mlp", "--list", "no.txt"], 1, "no list 'no.txt'"),
    ],
)
def test_a_recipe_that_cannot_be_run_is_an_error(run, arguments, status, says):
    assert says in complaint(run("recipe", *arguments), status)


def test_a_recipe_of_another_list_is_refused(run, listed):
    assert "is another list than that of the recipe names-mlp" in complaint(
        run("recipe", "run", "names-mlp", "--list", listed), 1
    )


def test_settings_of_a_recipe_train_a_model(run, tmp_path, listed):
    config = run("recipe", "show", "classifier-27", "--config").out
    (tmp_path / "config.toml").write_text(config)
    ran = run("train", listed, "--config", "config.toml", "--json", *TINY[-2:], "--steps", "3")
    assert ran.status == 0, ran.err
    assert ran.json["steps"] == 3
