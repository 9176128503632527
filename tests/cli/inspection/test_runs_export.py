"""`morelike runs export`: the runs and their curves as tables that other programs read."""

import csv
import io
import json
import shutil
import tomllib

import pytest

from morelike.runs.run_folder import RunFolder

from ...training.runs import pronounceable, train_small


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A folder with a run of two kinds."""
    folder = tmp_path_factory.mktemp("runs")
    train_small("mlp", out=folder, steps=8)
    train_small("ngram", pronounceable(30), out=folder)
    return folder


def read(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_holds_the_facts_losses_and_settings_of_a_run(run, out):
    rows = read(run("runs", "export", "--out", out).out)
    assert [row["kind"] for row in rows] == ["ngram", "mlp"]
    folder = RunFolder(out / rows[1]["run"])
    meta, settings = folder.meta(), tomllib.loads((folder.path / "config.toml").read_text())
    assert float(rows[1]["test.nats"]) == meta["losses"]["test"]["nats"]
    assert [float(rows[1][f"dev.{end}"]) for end in ("low", "high")] == meta["losses"]["dev"]["interval"]
    assert rows[1]["architecture.hidden"] == str(settings["architecture"]["hidden"])
    assert rows[1]["training.learning_rate"] == str(settings["training"]["learning_rate"])
    assert rows[0]["architecture.hidden"] == ""


def test_curves_are_the_blocks_of_metrics_jsonl(run, out):
    name = max(folder.name for folder in out.glob("*mlp*"))
    rows = read(run("runs", "export", name, "--curves", "--out", out).out)
    lines = [json.loads(line) for line in (out / name / "metrics.jsonl").read_text().splitlines()]
    assert [float(row["train"]) for row in rows] == [loss for line in lines for loss in line["losses"]]
    assert {int(row["step"]): float(row["dev"]) for row in rows if row["dev"]} == {
        line["step"]: line["dev"] for line in lines if "dev" in line
    }
    assert {row["run"] for row in rows} == {name}


def test_parquet_holds_the_same_table(run, out, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    run("runs", "export", "--to", "parquet", "-o", tmp_path / "runs.parquet", "--out", out)
    table = parquet.read_table(tmp_path / "runs.parquet").to_pylist()
    rows = read(run("runs", "export", "--out", out).out)
    assert [row["run"] for row in table] == [row["run"] for row in rows]
    assert [row["test.nats"] for row in table] == [float(row["test.nats"]) for row in rows]
    assert [row["architecture.hidden"] for row in table] == [None, int(rows[1]["architecture.hidden"])]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["export", "nothing"], "no run 'nothing'"),
        (["export", "--to", "xml"], "xml"),
        (["--to", "parquet"], "belong to `morelike runs export`"),
        (["export", "--json"], "writes a table"),
    ],
)
def test_a_wrong_call_is_one_sentence(arguments, reason, run, out):
    ran = run("runs", *arguments, "--out", out)
    assert (ran.status, len(ran.err.splitlines())) == (2 if "nothing" not in arguments else 1, 1)
    assert reason in ran.err


def test_without_runs_it_says_how_to_make_one(run, tmp_path):
    assert "make one with `morelike train`" in run("runs", "export", "--out", tmp_path).err


@pytest.mark.parametrize(
    "line", ["{", '{"step": 1}', '{"step": "x", "loss": 1.0}', '{"step": 1, "losses": [null]}', "[]"]
)
def test_damaged_metrics_are_one_sentence_that_names_the_line(run, out, tmp_path, line):
    name = max(folder.name for folder in out.glob("*mlp*"))
    copy = shutil.copytree(out / name, tmp_path / "runs" / name)
    with (copy / "metrics.jsonl").open("a") as file:
        file.write(line + "\n")
    number = len((copy / "metrics.jsonl").read_text().splitlines())
    ran = run("runs", "export", "--curves", "--out", tmp_path / "runs")
    assert (ran.status, len(ran.err.splitlines())) == (1, 1)
    assert f"metrics.jsonl' is damaged: line {number} " in ran.err


@pytest.mark.parametrize("facts", [{"losses": {"dev": 3}}, {"data": "x"}, {"versions": [1]}])
def test_facts_of_another_form_are_one_sentence_that_names_the_run(run, tmp_path, facts):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "meta.json").write_text(json.dumps(facts))
    ran = run("runs", "export", "--out", tmp_path)
    assert (ran.status, len(ran.err.splitlines())) == (1, 1)
    assert "meta.json' is damaged" in ran.err


def test_runs_without_curves_are_no_empty_table(run, out):
    ran = run("runs", "export", max(folder.name for folder in out.glob("*ngram*")), "--curves", "--out", out)
    assert (ran.status, ran.out) == (1, "")
    assert "leave out --curves" in ran.err


def test_a_table_that_cannot_be_written_names_the_file_and_the_folder(run, out, tmp_path):
    ran = run("runs", "export", "-o", tmp_path / "none" / "runs.csv", "--out", out)
    assert f"{tmp_path / 'none' / 'runs.csv'}' cannot be written" in ran.err
    assert f"make the folder '{tmp_path / 'none'}' first" in ran.err
