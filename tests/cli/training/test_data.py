"""`morelike data`: a store is built and shown, and training takes its folder for a list."""

import json

import pytest

from ..conftest import TINY, WORDS


@pytest.fixture
def stored(run, tmp_path):
    (tmp_path / "words.txt").write_text("\n".join(WORDS * 2) + "\n\n")
    ran = run("data", "build", "words.txt", "-o", "words.store")
    assert ran.status == 0, ran.err
    return ran


def test_building_says_what_the_store_holds_and_what_comes_next(stored):
    assert f"lines\t{2 * len(WORDS)}\n" in stored.out
    assert "blank lines left out\t1\n" in stored.out
    assert "Next: morelike train words.store" in stored.err


def test_the_facts_are_one_object_in_json(run, stored):
    facts = run("data", "show", "words.store", "--check", "--json").json
    assert (facts["lines"], facts["blank"], facts["split"]) == (2 * len(WORDS), 1, "hash")
    assert facts["parts"]["train"]["duplicates"] * 2 == facts["parts"]["train"]["lines"]
    assert all(part["leaks"] == 0 for part in facts["parts"].values())
    assert facts["symbols"] == 5


def test_a_pipe_is_built_from(run):
    ran = run("data", "build", "-", "-o", "s", "--json", stdin="\n".join(WORDS).encode())
    assert (ran.status, ran.err) == (0, "")
    assert (ran.json["name"], ran.json["lines"]) == ("stdin", len(WORDS))
    assert ran.json["seconds"] > 0


def test_a_store_that_is_there_is_refused_unless_forced(run, stored):
    ran = run("data", "build", "words.txt", "-o", "words.store")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == ("morelike: 'words.store' is a store already: --force builds it again, or choose another name\n")
    assert run("data", "build", "words.txt", "-o", "words.store", "--force").status == 0


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("show", "nothing"), 1, "'nothing' is not a store: make one with"),
        (("build", "nothing.txt", "-o", "s"), 1, "no list 'nothing.txt'"),
        (("build", "words.txt"), 2, "name the store with -o"),
        (("show", "words.store", "-o", "s"), 2, "`data show` takes neither"),
        (("melt", "words.txt"), 2, "data --help"),
        (("build", "words.txt", "-o", "words.txt"), 1, "is there already and is not a store"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(run, stored, arguments, status, sentence):
    ran = run("data", *arguments)
    assert (ran.status, ran.out) == (status, "")
    assert sentence in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.slow
def test_a_store_is_learned_from_and_reported_on(run, stored, tmp_path):
    arguments = [flag for flag in TINY if flag != "--no-report"]
    ran = run("train", "words.store", *arguments, "--json")
    assert ran.status == 0, ran.err
    assert ran.json["leaks"] == {"dev": 0, "test": 0}
    page = (tmp_path / ran.json["report"]).read_text()
    assert "could not be read" not in page
    config = (tmp_path / ran.json["run"] / "config.toml").read_text()
    assert 'split = "hash"' in config
    assert str(tmp_path / "words.store") in config
    assert run("sample", ran.json["run"], "-n", "2").status == 0
    assert run("diagnose", ran.json["run"], "--json").status == 0


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (("--split", "makemore"), "a store is split by 'hash' when it is built, not by 'makemore'"),
        (("--order", "3"), "a store is learned by gru alone, without order: choose --model ngram"),
        (("--model", "gru", "--refit"), "not on a store: leave out --refit"),
        (("--as", "text"), "is a store of lines"),
    ],
)
def test_training_refuses_what_a_store_cannot_be(run, stored, flags, sentence):
    ran = run("train", "words.store", *flags)
    assert ran.status != 0
    assert sentence in ran.err
    assert json.dumps(ran.err).count("\\n") == 1
