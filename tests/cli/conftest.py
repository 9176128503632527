"""Shared by the tests of the command line: the command run in this process, and models trained by it."""

import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from morelike.cli.main import main

WORDS = ["anna", "hanna", "anne", "hannah", "nan", "ana", "hen", "henna", "ahna", "nanna", "eha", "nena", "hana"]
WORDS += ["ehen", "nea", "ann", "hanne", "eanna", "nah", "heh"]
TINY = ["--model", "mlp", "--embedding", "4", "--hidden", "8", "--no-report"]
TINY += ["--steps", "6", "--batch-size", "4", "--evaluate-every", "3"]


@dataclass
class Ran:
    """The exit status and the output of a command."""

    status: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def run_in_process(monkeypatch, capsys, *arguments, stdin=b""):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return Ran(stop.value.code or 0, *capsys.readouterr())


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Return a function that runs a command in an empty folder of its own; `stdin` is bytes."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments, stdin=b"": run_in_process(monkeypatch, capsys, *arguments, stdin=stdin)


@pytest.fixture
def command():
    """Return a function that runs a command in a process of its own."""

    def command(*arguments, cwd=None, stdin=None):
        return subprocess.run(
            [sys.executable, "-m", "morelike", *map(str, arguments)],
            cwd=cwd,
            input=stdin,
            capture_output=True,
            timeout=60,
        )

    return command


@pytest.fixture(scope="session")
def listed(tmp_path_factory):
    """A list of a few words in a file."""
    path = tmp_path_factory.mktemp("list") / "words.txt"
    path.write_text("".join(word + "\n" for word in WORDS), "utf-8")
    return path


def train_in(out, listed, *arguments):
    """Train by the command line and return the run's folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", io.StringIO())
        patch.setattr(sys, "stderr", io.StringIO())
        with pytest.raises(SystemExit) as stop:
            main(["train", str(listed), "--out", str(out), "--json", *arguments])
        assert not stop.value.code, sys.stderr.getvalue()
        return Path(json.loads(sys.stdout.getvalue())["run"])


@pytest.fixture(scope="session")
def counted(listed, tmp_path_factory):
    """A finished run of n-grams."""
    return train_in(tmp_path_factory.mktemp("counted"), listed, "--model", "ngram", "--order", "3")


@pytest.fixture(scope="session")
def trained(listed, tmp_path_factory):
    """A finished run of a trained kind, very small."""
    return train_in(tmp_path_factory.mktemp("trained"), listed, *TINY)
