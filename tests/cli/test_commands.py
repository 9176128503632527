"""Each command: its results on stdout, what is said to a person on stderr, and JSON that a program can read."""

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from morelike.language_model.model import LanguageModel
from morelike.runs.plan import make_plan, read_plan
from morelike.text.reading import read_corpus

from .conftest import TINY, WORDS

NGRAM = ["--model", "ngram", "--order", "3", "--no-report"]
LOSS_KEYS = {"nats", "bits", "perplexity", "interval", "lines", "characters"}


def products(run):
    return {path.name: path.read_bytes() for path in [*sorted((run / "model").iterdir()), run / "samples.txt"]}


def test_training_prints_the_new_words_alone_on_stdout_and_the_rest_on_stderr(run, listed, tmp_path):
    ran = run("train", listed, *NGRAM)
    assert ran.status == 0
    (folder,) = (tmp_path / "runs").iterdir()
    assert ran.out == (folder / "samples.txt").read_text()
    assert len(ran.out.split()) == 20
    for said in ("train", "dev", "test", "95 % interval", "Leaks: ", f"More: morelike sample runs/{folder.name}"):
        assert said in " ".join(ran.err.split())


def test_training_shows_the_count_baseline_with_the_model(run, listed):
    ran = run("train", listed, *TINY)
    assert "n-gram counts" in ran.err
    assert "mlp" in ran.err
    assert "\x1b" not in ran.out + ran.err


def test_training_with_json_ends_with_one_object(run, listed, tmp_path):
    ran = run("train", listed, *TINY, "--json")
    found = ran.json
    assert (ran.status, ran.err) == (0, "")
    assert {"run", "model", "parameters", "steps", "seconds", "steps_per_second"} <= found.keys()
    for part, lines in (("train", 16), ("dev", 2), ("test", 2)):
        assert found[part].keys() >= LOSS_KEYS
        assert found[part]["lines"] == lines
        assert found[part]["bits"] == pytest.approx(found[part]["nats"] / math.log(2))
        low, high = found[part]["interval"]
        assert low <= found[part]["nats"] <= high
    assert found["steps"] == 6
    assert LanguageModel.load(found["model"]).parameters == found["parameters"]


def test_the_figures_of_training_are_those_that_evaluate_finds(run, trained, tmp_path):
    facts = json.loads((trained / "meta.json").read_text())
    assert facts["losses"]["train"]["lines"] == 16
    (tmp_path / "all.txt").write_text("".join(word + "\n" for word in WORDS))
    whole = run("evaluate", trained, "all.txt", "--json").json
    parts = facts["losses"].values()
    characters = sum(part["characters"] for part in parts)
    assert whole["nats"] == pytest.approx(sum(part["nats"] * part["characters"] for part in parts) / characters)
    assert whole["characters"] == characters


def test_a_run_is_repeated_byte_for_byte_from_its_settings(run, trained):
    ran = run("train", "--config", trained / "config.toml", "--json")
    again = ran.json["run"]
    assert products(Path(again)) == products(trained)


def test_a_counted_run_is_repeated_byte_for_byte_from_its_settings(run, counted):
    ran = run("train", "--config", counted / "config.toml", "--json")
    assert products(Path(ran.json["run"])) == products(counted)


def test_flags_override_a_settings_file(run, counted):
    ran = run("train", "--config", counted / "config.toml", "--order", "2", "--split", "none", "--json")
    assert "test" not in ran.json
    assert LanguageModel.load(ran.json["model"]).architecture.order == 2


def test_another_kind_with_a_settings_file_takes_its_list(run, trained):
    ran = run("train", "--config", trained / "config.toml", "--model", "ngram", "--json")
    assert ran.json["kind"] == "ngram"
    assert ran.json["train"]["lines"] == 16


def test_quick_takes_fewer_steps_and_a_given_setting_overrides_it(run, listed):
    names = read_corpus("names")
    plain, quick = (make_plan(names, quick=quick, settings={}).training for quick in (False, True))
    assert (quick.steps or quick.epochs) < (plain.steps or plain.epochs)
    assert run("train", listed, "--quick", *TINY, "--json").json["steps"] == 6


def test_a_list_through_a_pipe_gives_the_same_model_as_a_file(run, counted):
    ran = run("train", "-", *NGRAM, "--json", stdin="".join(word + "\n" for word in WORDS).encode())
    ours, theirs = products(Path(ran.json["run"])), products(counted)
    assert ours["model.safetensors"] == theirs["model.safetensors"]
    assert ours["samples.txt"] == theirs["samples.txt"]
    assert (Path(ran.json["run"]) / "list.txt").read_text().split() == WORDS


def test_a_run_whose_list_came_through_a_pipe_can_be_resumed(run):
    ran = run("train", "-", *NGRAM, "--json", stdin="".join(word + "\n" for word in WORDS).encode())
    folder = Path(ran.json["run"])
    before = products(folder)
    shutil.rmtree(folder / "model")
    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps({**meta, "status": "interrupted"}))
    assert run("train", "--resume", folder).status == 0
    assert products(folder) == before


def test_the_default_list_is_the_shipped_names():
    plan = read_plan(None, "ngram", settings={})
    assert (plan.corpus.name, plan.source) == ("names", "names")


def test_samples_alone_are_on_stdout(run, counted):
    ran = run("sample", counted, "-n", "7", "--seed", "1")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.split() == LanguageModel.load(counted / "model").sample(7, seed=1)
    assert ran.out.count("\n") == 7


def test_samples_differ_without_a_seed_and_json_holds_the_seed(run, counted):
    first, second = (run("sample", counted, "--json").json for _ in range(2))
    assert first["seed"] != second["seed"]
    again = run("sample", counted, "--json", "--seed", first["seed"]).json
    assert again == first
    assert [word.keys() for word in first["words"]] == [{"word", "in"}] * 20


def test_mark_adds_the_part_of_the_list_to_each_word(run, counted):
    ran = run("sample", counted, "-n", "200", "--no-novel", "--no-unique", "--mark", "--seed", "1")
    marked = [line.split("\t") for line in ran.out.splitlines()]
    known = LanguageModel.load(counted / "model").known
    assert all(known.split_of(word) == where for word, where in marked)
    assert {"train", "new"} <= {where for _, where in marked}
    assert all((word in WORDS) == (where != "new") for word, where in marked)


def test_every_flag_of_sample_does_what_the_parameter_does(run, counted):
    model = LanguageModel.load(counted / "model")
    choices = [
        (["--temperature", "0.5"], {"temperature": 0.5}),
        (["--top-k", "2"], {"top_k": 2}),
        (["--top-p", "0.7"], {"top_p": 0.7}),
        (["--min-p", "0.2"], {"min_p": 0.2}),
        (["--prefix", "an"], {"prefix": "an"}),
        (["--min-length", "5"], {"min_length": 5}),
        (["--max-length", "5"], {"max_length": 5}),
        (["--no-novel"], {"novel": False}),
        (["--no-unique"], {"unique": False}),
    ]
    for flags, settings in choices:
        printed = run("sample", counted, "-n", "8", "--seed", "5", *flags).out.split()
        assert printed == model.sample(8, seed=5, **settings), flags


def test_score_gives_nats_bits_and_perplexity_of_each_word(run, counted):
    ran = run("score", counted, "anna", "hhh")
    header, *rows = [line.split("\t") for line in ran.out.splitlines()]
    assert header == ["word", "nats", "bits_per_character", "perplexity", "in"]
    nats = -LanguageModel.load(counted / "model").log_probability(["anna", "hhh"])
    for row, word, expected in zip(rows, ("anna", "hhh"), nats.tolist(), strict=True):
        per_character = expected / (len(word) + 1)
        figures = [expected, per_character / math.log(2), math.exp(per_character)]
        assert row[0] == word
        assert [float(cell) for cell in row[1:4]] == pytest.approx(figures, abs=6e-4)


def test_score_reads_a_list_from_a_pipe(run, counted):
    assert run("score", counted, stdin=b"anna\n\nhhh\n").out == run("score", counted, "anna", "hhh").out


def test_score_with_detail_gives_each_characters_surprisal(run, counted):
    found = run("score", counted, "anna", "--detail", "--json").json["words"][0]
    bits = LanguageModel.load(counted / "model").surprisal("anna") / math.log(2)
    assert [each["character"] for each in found["surprisal"]] == [*"anna", ""]
    assert [each["bits"] for each in found["surprisal"]] == pytest.approx(bits.tolist())
    assert f"a {bits[0]:.2f}" in run("score", counted, "anna", "--detail").out


def test_score_with_json_has_an_entry_for_each_word(run, counted):
    found = run("score", counted, "anna", "hhh", "--json").json
    assert [row.keys() for row in found["words"]] == [{"word", "nats", "bits_per_character", "perplexity", "in"}] * 2


@pytest.mark.parametrize("unknown", ["skip", "reserve"])
def test_score_with_unknown_characters_is_json_without_nan(run, counted, unknown):
    ran = run("score", counted, "an?a", "--unknown", unknown, "--detail", "--json")
    found = json.loads(ran.out, parse_constant=pytest.fail)["words"][0]
    bits = [each["bits"] for each in found["surprisal"] if each["bits"] is not None]
    assert sum(bits) * math.log(2) == pytest.approx(found["nats"], rel=1e-5)


def test_evaluate_gives_the_loss_of_a_list(run, counted, listed):
    ran = run("evaluate", counted, listed, "--json")
    expected = LanguageModel.load(counted / "model").evaluate(WORDS)
    assert ran.json["nats"] == expected.nats_per_character
    assert ran.json["unseen"]["lines"] == expected.unseen.lines
    assert f"{expected.nats_per_character:.4f}" in run("evaluate", counted, listed).out


def test_evaluate_compares_two_models_on_the_same_words(run, counted, trained, listed):
    found = run("evaluate", counted, listed, "--against", trained, "--json").json["against"]
    assert found["difference"] < 0
    assert found["interval"][0] <= found["difference"] <= found["interval"][1]
    assert "nats/char, 95 % interval" in run("evaluate", counted, listed, "--against", trained).out


def test_show_gives_settings_weights_and_losses(run, counted, trained):
    found = run("show", trained, "--json").json
    assert found["kind"] == "mlp"
    assert found["settings"]["hidden"] == 8
    assert found["characters"] == "aehn"
    assert found["losses"]["test"]["lines"] == 2
    assert sum(math.prod(shape) for shape in found["weights"].values()) == found["parameters"]
    assert "hidden\t8" in run("show", trained).out
    assert run("show", counted).status == 0


def test_show_of_a_run_without_a_model_gives_its_status(run, trained, tmp_path):
    copy = shutil.copytree(trained, tmp_path / "unfinished")
    shutil.rmtree(copy / "model")
    meta = json.loads((copy / "meta.json").read_text())
    (copy / "meta.json").write_text(json.dumps({**meta, "status": "interrupted"}))
    found = run("show", copy, "--json").json
    assert found["status"] == "interrupted"
    assert found["metrics"][0]["step"] == 6
    assert "interrupted" in run("show", copy).out
    assert "--resume" in run("sample", copy).err


def test_runs_are_listed_newest_first(run, trained, counted):
    found = run("runs", "--out", trained.parent, "--json").json
    assert found[0]["run"] == trained.name
    assert found[0]["status"] == "finished"
    header, row = run("runs", "--out", trained.parent).out.splitlines()
    assert header.split("\t") == ["run", "status", "list", "test", "seconds"]
    assert row.split("\t")[:3] == [trained.name, "finished", "words"]


def test_no_runs_are_no_error(run):
    ran = run("runs")
    assert (ran.status, ran.out) == (0, "")
    assert "make one with `morelike train`" in ran.err
    assert run("runs", "--json").json == []


def test_lists_are_named_with_where_they_come_from(run):
    found = run("lists", "--json").json
    assert {each["name"] for each in found} >= {"names", "mots"}
    assert all(each["source"] and each["licence"] and each["date"] and each["lines"] > 0 for each in found)
    assert "names" in run("lists").out


def test_contexts_show_what_follows_what(run, listed):
    ran = run("contexts", listed, "--context", "3", "--lines", "1")
    assert ran.out.splitlines() == ["anna", "... ---> a", "..a ---> n", ".an ---> n", "ann ---> a", "nna ---> ."]
    characters = sum(map(len, WORDS))
    assert f"20 words (20 distinct), {characters} characters of 4 kinds, {characters + 20} examples" in ran.err
    found = run("contexts", listed, "--lines", "1", "--json").json
    assert found["shown"][1] == {"context": "..a", "next": "n"}
    assert found["examples"] == characters + 20


def test_latest_is_the_newest_run_with_a_model(run, trained):
    ran = run("sample", "--out", trained.parent, "-n", "3", "--seed", "1", "--no-novel")
    assert ran.out == run("sample", trained, "-n", "3", "--seed", "1", "--no-novel").out


def test_a_model_folder_can_be_moved(run, counted, tmp_path):
    moved = shutil.copytree(counted / "model", tmp_path / "moved")
    assert run("sample", "moved", "--seed", "1").out == run("sample", counted, "--seed", "1").out
    assert moved.is_dir()


@pytest.mark.parametrize("name", ["[red]", "a [b]", "[bold]a", ":smile:"])
def test_names_are_shown_as_they_are(run, counted, tmp_path, name):
    (tmp_path / f"{name}.txt").write_text("anna\nhen\n")
    assert name in run("evaluate", counted, f"{name}.txt").out
    ran = run("train", f"{name}.txt", *NGRAM, "--out", name)
    assert ran.status == 0
    assert f"morelike sample {name}" in ran.err
    assert f"'{name}x'" in run("runs", "--out", f"{name}x").err


def test_a_pipe_that_is_closed_early_leaves_no_traceback(counted):
    command = f"{sys.executable} -m morelike sample {counted} -n 5000 --no-unique --no-novel | head -1"
    ran = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, timeout=60)
    assert ran.stdout.count("\n") == 1
    assert ran.stderr == ""
    assert ran.returncode == 0


def test_the_command_runs_as_a_module_with_clean_pipes(command, counted):
    ran = command("sample", counted, "-n", "3", "--seed", "1")
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert len(ran.stdout.split()) == 3


def test_words_of_every_script_go_through_pipes(command, tmp_path):
    words = "żółw\nзаяц\n貓咪\nשלום\n😀😀\nn\u0303a\n" * 2
    ran = command("train", "-", *NGRAM, cwd=tmp_path, stdin=words.encode())
    assert ran.returncode == 0, ran.stderr
    ran = command("score", "latest", cwd=tmp_path, stdin="😀\nñ\n".encode())
    assert "ñ" in ran.stdout.decode()
