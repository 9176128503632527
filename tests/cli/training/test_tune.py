"""`morelike tune`: what it prints and leaves, how it goes on, and what it refuses."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ..conftest import WORDS

pytest.importorskip("optuna")
NGRAM = ["--model", "ngram", "--space", "order=1..4", "--no-report"]


def test_it_prints_each_trial_the_best_settings_and_the_words_of_the_run_alone_on_stdout(run, listed):
    ran = run("tune", listed, *NGRAM, "--trials", "3")
    assert ran.status == 0, ran.err
    assert re.search(r"^trial 0: dev \d\.\d{4} after .* s, best so far \d\.\d{4} \(trial 0\)$", ran.err, re.MULTILINE)
    assert "Study 'words-ngram': " in ran.err
    assert "Repeat it with: morelike train --config runs/studies/words-ngram/best.toml" in ran.err
    assert re.search(r"^smoothing +\S+", ran.err, re.MULTILINE)
    assert ran.out.split()
    assert all(set(word) <= set("".join(WORDS)) for word in ran.out.split())


def test_its_run_is_a_run_like_any_other_and_its_toml_repeats_it(run, listed):
    tuned = run("tune", listed, *NGRAM[:-1], "--trials", "10", "--json").json
    assert json.loads(run("show", "latest", "--json").out)["losses"]["test"]
    again = run("train", "--config", tuned["config"], "--json").json
    assert again["dev"]["nats"] == tuned["best"]["dev"] == tuned["result"]["dev"]["nats"]
    assert tuned["importance"].keys() <= {"order", "smoothing", "alpha"}
    assert "Importance of each setting" in Path(tuned["picture"]).read_text("utf-8")
    assert Path(tuned["result"]["report"]).is_file()


def test_the_same_command_goes_on(run, listed):
    first = run("tune", listed, *NGRAM, "--trials", "2")
    again = run("tune", listed, *NGRAM, "--trials", "2")
    assert "goes on after" not in first.err
    assert "The study 'words-ngram' goes on after 2 complete trials." in again.err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--budget", "soon"], "the budget 'soon': say for example 90s, 10m or 8h"),
        (["--budget", "0s"], "the budget '0s': say for example 90s, 10m or 8h"),
        (["--trials", "-1"], "--trials -1: give 0 or more"),
        (["--space", "hiden=64..128"], "gru has no setting 'hiden'; did you mean 'hidden'"),
        (["--space", "hidden=512..64"], "the first number is the lowest value"),
        (["--space", "hidden=64..128", "--hidden", "64"], "leave out one of the two"),
        (["--study", "a/b"], "a study's name is the name of a folder"),
        (["--split", "none", "--model", "ngram"], "the split 'none' holds nothing out"),
        (["--storage", "postgresql://127.0.0.1:1/db"], "'postgresql://127.0.0.1:1/db' does not answer: "),
        (["--storage", "mysql://a"], "give postgresql://USER@HOST/DATABASE, or a file"),
        (["--budget", "0.001s", "--model", "ngram"], "the budget of 0.001 s ended before one trial was complete"),
        (["--trials", "0", "--model", "ngram"], "no trial of this study is complete"),
    ],
)
def test_a_bad_call_is_one_clean_sentence(run, listed, arguments, reason):
    ran = run("tune", listed, *arguments)
    assert ran.status in (1, 2)
    assert reason in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert ran.out == ""


def test_without_optuna_it_says_what_to_install(run, listed, monkeypatch):
    monkeypatch.setattr("morelike.workflows.tuning.study.find_spec", lambda name: None)
    ran = run("tune", listed, *NGRAM)
    assert (ran.status, ran.err) == (
        1,
        "morelike: tuning needs the package optuna: pip install 'morelike[tune]'\n",
    )


@pytest.mark.slow
def test_ctrl_c_loses_nothing_and_the_same_command_goes_on(listed, tmp_path):
    sizes = ["--model", "mlp", "--hidden", "8", "--embedding", "4", "--steps", "4000000", "--chunk", "100"]
    command = [sys.executable, "-m", "morelike", "tune", str(listed), *sizes, "--no-report", "--budget", "200s"]
    journal = tmp_path / "runs" / "studies" / "words-mlp" / "journal.log"
    tried = []
    for _ in range(2):
        tuning = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        seen = len(tried)
        while len(tried) == seen and tuning.poll() is None:
            time.sleep(0.2)
            if journal.exists():
                lines = [json.loads(line) for line in journal.read_text().splitlines()]
                tried = [line["user_attr"]["settings"] for line in lines if "settings" in line.get("user_attr", {})]
        time.sleep(4)
        tuning.send_signal(signal.SIGINT)
        _, printed = tuning.communicate(timeout=60)
        assert tuning.returncode == 130, printed
        assert "interrupted; every trial is kept. Go on with the same command." in printed
    assert len(tried) == 2
    assert tried[0] == tried[1]
