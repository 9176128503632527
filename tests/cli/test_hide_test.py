"""`--hide-test` leaves test out of all output, until `evaluate --test` computes it."""

import pytest

from morelike.runs.run_folder import RunFolder

from .conftest import TINY, WORDS


@pytest.fixture
def listed(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("".join(word + "\n" for word in WORDS), "utf-8")
    return path


def runs_of(out):
    return [RunFolder(path) for path in sorted(out.iterdir())]


def test_a_run_hides_test_everywhere_until_it_is_asked_for(run, listed, tmp_path):
    train = ["train", listed, "--model", "ngram"]
    made = run(*train, "--hide-test")
    assert made.status == 0
    assert "Test is hidden: look at it once, at the end, with `morelike evaluate runs/" in made.err
    assert " test " not in made.err.split("Test is hidden")[0]
    assert run(*train, "--no-report").status == 0
    hidden, opened = runs_of(tmp_path / "runs")
    name = hidden.path.name
    assert "test_hidden" in run("train", "--config", hidden.path / "config.toml", "--json", "--no-report").json
    assert "test" not in run("show", f"runs/{name}", "--json").json["losses"]
    assert "Test is hidden" in run("show", f"runs/{name}").err
    rows = {line.split()[0]: line for line in run("runs").out.splitlines() if line.startswith("2")}
    assert "hidden" in rows[name].split()
    assert "hidden" not in rows[opened.path.name].split()
    run("report", hidden.path, opened.path, "--report", "both.html")
    looked = run("evaluate", f"runs/{name}", "--test", "--json").json
    assert looked["first"]
    assert looked["test"] == opened.meta()["losses"]["test"]
    assert "is hidden" not in hidden.report.read_text()
    again = run("evaluate", f"runs/{name}", "--test")
    assert f"looked at for the first time at {looked['looked_at']}" in again.err
    assert f"{looked['test']['nats']:.4f}" in again.out
    assert run("show", f"runs/{name}", "--json").json["losses"]["test"] == looked["test"]


def test_a_leader_board_of_runs_says_hidden(run, listed):
    for more in (["--hide-test"], [], []):
        assert run("train", listed, "--model", "ngram", "--no-report", *more).status == 0
    hidden, *opened = [path.path for path in runs_of(listed.parent / "runs")]
    made = run("report", hidden, *opened)
    assert made.status == 0, made.err
    (page,) = listed.parent.glob("**/*.html")
    text = page.read_text()
    assert text.count("<td>hidden</td>") + text.count(">hidden<") >= 1


def test_compare_and_mix_leave_test_out(run, listed):
    board = run("compare", listed, "--kinds", "ngram,bigram", "--budget", "5steps", "--hide-test", "--json").json
    assert all("test" not in row and "dev" in row for row in board["board"])
    for order in ("2", "3"):
        run("train", listed, "--model", "ngram", "--order", order, "--no-report", "--hide-test")
    mixed = run("mix", *(folder.path for folder in runs_of(listed.parent / "runs")), "--no-report")
    assert mixed.status == 0, mixed.err
    assert "Test is hidden" in mixed.err
    newest = runs_of(listed.parent / "runs")[-1]
    assert "test" not in newest.meta()["losses"]
    assert run("evaluate", newest.path, listed, "--test", "--json").json["test"]["lines"]
    assert newest.meta()["losses"]["test"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["evaluate", "latest", "--test", "--against", "x"], "--test computes the loss of a run on its own test part"),
        (["evaluate", "latest"], "which list? Name the words"),
        (["train", "names", "--split", "none", "--hide-test"], "there is no test to hide"),
        (["train", "--resume", "latest", "--hide-test"], "--resume goes on with a run as it was begun"),
        (["train", "names", "--log-every", "0"], "--log-every 0: give a number of steps, 1 or more"),
    ],
)
def test_bad_uses_get_one_sentence(run, arguments, sentence):
    found = run(*arguments)
    assert found.status == 2
    assert sentence in found.err
    assert found.err.count("\n") == 1


def test_log_every_prints_lines_where_stderr_is_no_terminal(run, listed):
    steps = ["--steps", "60", "--evaluate-every", "30"]
    plain = [each for each in TINY if each not in ("--steps", "6", "--evaluate-every", "3")]
    assert ": loss " not in run("train", listed, *plain, *steps).err
    lines = run("train", listed, *plain, *steps, "--log-every", "20").err.splitlines()
    assert lines[0].startswith("mlp: ") or lines[1].startswith("mlp: ")
    logged = [line.split(":")[0].strip() for line in lines if " of 60: loss " in line]
    assert logged == ["step 20 of 60", "step 40 of 60", "step 60 of 60"]
    assert sum("words: " in line for line in lines) >= 1
    assert ", dev " in next(line for line in lines if "step 40 of 60" in line)
