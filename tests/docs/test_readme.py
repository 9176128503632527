"""What the README shows is true: its Python runs, and its commands exist."""

import json
import re
import shlex
from pathlib import Path

import pytest

from morelike.cli.main import main

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
COMMANDS = re.findall(r"^\$ \.venv/bin/morelike (.*?)\s*(?:#.*)?$", README, re.MULTILINE)


def run(capsys, *arguments, tries=1):
    """Return what a command prints; the last of so many tries must succeed."""
    for _ in range(tries):
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        captured = capsys.readouterr()
        if left.value.code in (0, None):
            return captured.out
    raise AssertionError(captured.err)


def test_the_python_example_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    scope = {}
    exec(example, scope)
    assert len(scope["words"]) == 32178
    (shown,) = re.findall(r'next\("em"\)  # ({.*), \.\.\.}', example)
    found = scope["model"].next("em")
    assert {letter: round(p, 2) for letter, p in list(found.items())[:2]} == json.loads(shown + "}")
    assert (tmp_path / "my-model" / "MANIFEST.json").is_file()


def test_the_commands_run_in_their_order(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["elena", "elsa", "ella", "emma", "xaver", "quentin", "zita", "tom", "anna", "hannah", "otto", "elmar"]
    (tmp_path / "my-list.txt").write_text("\n".join(words * 3) + "\n")
    (tmp_path / "held-out.txt").write_text("elma\ntoma\n")
    names = [command.split()[0] for command in COMMANDS]
    assert names == ["lesson", "glossary", "train", "sample", "score", "evaluate", "compare", "lr", "recipe"]
    for command in COMMANDS:
        arguments = shlex.split(command)
        if arguments[0] == "train":
            arguments += ["--hidden", "8"]
        if arguments[0] == "sample":
            arguments[arguments.index("-n") + 1] = "5"
        if arguments[0] == "compare":
            arguments += ["--kinds", "ngram,bigram"]
        printed = run(capsys, *arguments, tries=5 if arguments[0] == "recipe" else 1)  # a recipe has a limit of time
        assert printed
        if arguments[0] == "sample":
            assert all(word.startswith("el") for word in printed.split())
