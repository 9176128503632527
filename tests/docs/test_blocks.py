"""Every fenced block of the pages is checked: Python is executed, and each shell command exists with its flags."""

import re
import shlex
from pathlib import Path

import pytest

from morelike.cli.main import COMMANDS, main

from .test_pages import DOCS, FEWEST

PAGES = [*sorted(DOCS.glob("*.md")), DOCS.parent / "README.md"]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FLAG = re.compile(r"(?<![\w-])(--?[a-z][a-z-]*)")
TEXT = {"yaml": ["docs/distributed.md"], "text": ["docs/labels.md"]}
"""Blocks that no program could run, by their language: a job of a cluster, and the lines of a list."""


def blocks(path):
    return BLOCK.findall(path.read_text("utf-8"))


def commands(path):
    """Return the commands of morelike in the shell blocks of a page."""
    found = []
    for language, code in blocks(path):
        if language in ("sh", "console"):
            joined = code.replace("\\\n", " ")
            for line in joined.splitlines():
                for part in line.split("#")[0].split("|"):
                    words = re.sub(r"^\$?\s*(?:\w+=\S+\s+)*(?:srun\s+|\.venv/bin/)?", "", part.strip())
                    if words.startswith("morelike "):
                        found.append(words)
    return found


def test_blocks_have_a_language_and_python_is_executed():
    for path in PAGES:
        for language, code in blocks(path):
            name = path.name
            assert language in ("python", "sh", "console", *TEXT), f"{name}: a block in '{language}'"
            if language in TEXT:
                assert f"docs/{name}" in TEXT[language]
            if language == "python" and name != "README.md":
                assert ">>> " in code, f"{name}: Python that is not executed"
                assert name in FEWEST, f"{name} is not executed: add it to FEWEST"


def help_of(command, arguments, capsys):
    model = re.search(r"--model[ =](\w+)", arguments)
    with pytest.raises(SystemExit):
        main([command, *(["--model", model[1]] if model and model[1] != "auto" else []), "--help"])
    return capsys.readouterr().out


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_each_command_of_a_shell_block_exists_with_its_flags(path, capsys):
    for line in commands(path):
        words = shlex.split(line.split(">")[0].split("<")[0])
        assert words[1] in COMMANDS, line
        shown = help_of(words[1], line, capsys)
        given = {word.split("=")[0] for word in words[2:] if FLAG.fullmatch(word.split("=")[0])}
        assert given <= set(FLAG.findall(shown)), f"{path.name}: {line}"


def test_pages_hold_figures_instead_of_true():
    """A reader learns from a figure, and nothing from `True`; a property of a picture or of an object may stay."""
    for path in PAGES:
        found = re.findall(r"^\(?(?:True|False)(?:, (?:True|False))*\)?$", path.read_text("utf-8"), re.MULTILINE)
        assert len(found) <= 1, path.name


def test_no_quotation_stands_inside_a_quotation():
    for path in PAGES:
        outside = BLOCK.sub("", path.read_text("utf-8"))
        assert not re.search(r"^\s*>\s*>", outside, re.MULTILINE), path.name


def test_the_readme_leads_learners_and_practitioners_in_its_first_screen():
    first_screen = "\n".join((Path(DOCS).parent / "README.md").read_text("utf-8").splitlines()[:40])
    assert "morelike lesson 1" in first_screen
    assert "morelike train my-list.txt" in first_screen
    assert first_screen.count("\n") < 40
