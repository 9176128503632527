import tomllib

import pytest

from ..conftest import WORDS

LISTED = "".join(f"{word}\t{count}\n" for count, word in enumerate(WORDS, 1)).encode()
NGRAM = ["--model", "ngram", "--order", "3", "--no-report"]


@pytest.mark.parametrize(
    ("weights", "says"),
    [("counts", "the weight of a word is its count"), ("none", "counts are ignored (count_weighting = none)")],
)
def test_training_says_how_counts_weigh_and_keeps_it(run, tmp_path, weights, says):
    ran = run("train", "-", *NGRAM, "--count-weighting", weights, stdin=LISTED)
    assert says in " ".join(ran.err.split())
    (folder,) = (tmp_path / "runs").iterdir()
    assert tomllib.loads((folder / "config.toml").read_text())["training"]["count_weighting"] == weights
    assert (folder / "list.txt").read_bytes() == LISTED


def test_a_run_repeated_from_its_settings_is_the_same(run, tmp_path):
    (tmp_path / "list.tsv").write_bytes(LISTED)
    first = run("train", "list.tsv", *NGRAM, "--count-weighting", "log", "--json").json
    again = run("train", "--config", f"{first['run']}/config.toml", "--no-report", "--json").json
    assert [again[part] for part in ("train", "dev", "test")] == [first[part] for part in ("train", "dev", "test")]
    assert first["train"]["occurrences"] < 16 * 4


def test_evaluating_weights_words_as_training_did_by_default(run, tmp_path):
    (tmp_path / "list.tsv").write_bytes(LISTED)
    run("train", "list.tsv", *NGRAM)
    assert run("evaluate", "latest", "list.tsv", "--json").json["occurrences"] == 210
    assert "occurrences" not in run("evaluate", "latest", "list.tsv", "--count-weighting", "none", "--json").json


@pytest.mark.parametrize("command", [["train"], ["evaluate", "latest"]])
def test_weights_for_a_list_without_counts_are_refused(run, tmp_path, command):
    (tmp_path / "list.tsv").write_bytes(LISTED)
    run("train", "list.tsv", *NGRAM)
    ran = run(*command, "names", "--count-weighting", "log")
    assert ran.status == 2
    assert "has no counts" in " ".join(ran.err.split())


def test_a_count_of_zero_is_refused_with_the_way_out(run):
    ran = run("train", "-", *NGRAM, stdin=LISTED + b"never\t0\n")
    assert ran.status != 0
    assert "count_weighting = none" in " ".join(ran.err.split())


@pytest.mark.parametrize("spelled", [["--weights", "log"], ["--weights=log"]])
def test_an_old_flag_is_accepted_with_a_note_of_the_new_one(run, spelled):
    new = run("train", "-", *NGRAM, "--count-weighting", "log", "--json", stdin=LISTED)
    old = run("train", "-", *NGRAM, *spelled, "--json", stdin=LISTED)
    assert old.json["train"] == new.json["train"]
    assert "morelike: --weights is now --count-weighting\n" in old.err
    assert "is now" not in new.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["evaluate", "latest", "-", "--batch", "3"], "unknown option: --batch "),
        (["evaluate", "latest", "--", "--weights"], "no list '--weights'"),
    ],
)
def test_an_old_flag_is_renamed_only_where_its_setting_exists_and_it_is_an_option(run, arguments, says):
    run("train", "-", *NGRAM, stdin=LISTED)
    ran = run(*arguments, stdin=LISTED)
    assert ran.status != 0
    assert says in ran.err
    assert "is now" not in ran.err


def test_white_space_that_is_left_out_is_noted(run):
    ran = run("train", "-", *NGRAM, stdin=b" anna\nhanna \nanne\n" * 5)
    assert "10 words had white space at the ends, which is left out" in " ".join(ran.err.split())


def test_a_count_of_zero_has_its_line_in_the_message(run):
    ran = run("train", "-", *NGRAM, stdin=LISTED + b"\nnever\t0\n")
    lines = LISTED.count(b"\n") + 2
    assert f"standard input, line {lines}: a word has the count 0" in " ".join(ran.err.split())


def test_a_run_on_a_table_finds_its_column_again(run, tmp_path):
    (tmp_path / "q.csv").write_text("id,name,freq\n" + "".join(f"{i},han{'na' * (i % 4)},{i + 1}\n" for i in range(30)))
    trained = run("train", "q.csv", "--column", "name", *NGRAM, "--json").json
    assert run("similar", trained["run"], "hanna", "--by", "edits", "-n", "9").out.count("\n") == 4
    again = run("train", "--config", f"{trained['run']}/config.toml", "--json").json
    assert again["train"] == trained["train"]
