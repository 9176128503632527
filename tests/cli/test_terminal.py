"""What a terminal gets: control characters of lists, names, arguments and models are text, in every command."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

import morelike
from morelike.cli.main import COMMANDS

from ..training.runs import quick_first
from .conftest import TINY, WORDS, train_in
from .terminal import Terminal

HOSTILE = Path(__file__).parents[1] / "cases" / "hostile.txt"
TITLE, CLIPBOARD, OVERLINE, LEFT = "\x1b]0;owned\x07", "\x1b]52;c;aGk=\x1b\\", "\x9b53m", "\u202e"
NAME = f"li{TITLE}st{OVERLINE}{LEFT}"
BAD_WORDS = [f"an{CLIPBOARD}na", f"han{OVERLINE}na", f"na{LEFT}n", "he\x7fn", "en\u2028na", "\x1b[53mnea"]
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
STYLES = re.compile("\x1b" + r"\[(\?25[lh]|\d*[AK]|(?!53)[\d;]*m)")
"""What rich writes: colours, the cursor of a progress bar. None of it is in the hostile words."""


def controls(shown):
    """Return the control characters that a terminal got, except those of our own styles."""
    return CONTROLS.findall(STYLES.sub("", shown))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """Hostile lists, runs, models and a classifier, by the names that `CASES` gives them."""
    home = tmp_path_factory.mktemp("hostile")
    listed = home / f"{NAME}.txt"
    words = [*WORDS, *BAD_WORDS, *HOSTILE.read_text("utf-8").splitlines()]
    listed.write_text("".join(f"{word}\n" for word in words), "utf-8")
    groups = home / f"{NAME}.groups"
    groups.write_text("".join(f"{word}\t{LEFT}{i % 2}\n" for i, word in enumerate(words)), "utf-8")
    counted = train_in(home / "counted", listed, "--model", "ngram", "--order", "3", "--no-report")
    model = morelike.load(counted)
    facts = {**model.facts, "list": NAME, "split": NAME, NAME: NAME, "notes": [NAME]}
    facts["losses"] = {NAME: next(iter(facts["losses"].values()))}
    named = morelike.LanguageModel(
        model.vocabulary, model.architecture, model.weights, model.known, facts, model.form, model.labels
    ).save(home / f"{NAME}-model")
    config = json.loads((named / "config.json").read_text("utf-8"))
    return {
        "LIST": listed,
        "GROUPS": groups,
        "RUN": counted,
        "MODEL": named,
        "KIND": resealed(named, home / "kind", config | {"architecture": {"kind": NAME}}),
        "SETTING": resealed(named, home / "setting", config | {"architecture": {**config["architecture"], NAME: 1}}),
        "FORM": resealed(named, home / "form", config | {"form": NAME}),
        "BOTH": morelike.classify(words, WORDS[:5], order=2).save(home / f"{NAME}-both"),
        "WORD": BAD_WORDS[0],
        "NAME": NAME,
    }


@pytest.fixture(scope="session")
def trained_on_hostile(hostile, tmp_path_factory):
    """A finished run of a trained kind on the hostile list."""
    return train_in(tmp_path_factory.mktemp("trained"), hostile["LIST"], *TINY)


def resealed(model, path, config):
    """Copy a model with another configuration and a manifest that fits it; return the copy."""
    path.mkdir()
    for file in model.iterdir():
        (path / file.name).write_bytes(file.read_bytes())
    data = json.dumps(config).encode()
    (path / "config.json").write_bytes(data)
    manifest = json.loads((path / "MANIFEST.json").read_text())
    manifest["files"]["config.json"] = {"bytes": len(data), "sha256": sha256(data).hexdigest()}
    (path / "MANIFEST.json").write_text(json.dumps(manifest))
    return path


SMALL = "--model mlp --steps 10 --embedding 4 --hidden 8"
CASES = {
    "train": ["LIST --model ngram --no-report", f"LIST {SMALL} --no-report", "NAME", "LIST --split NAME"],
    "sample": ["RUN --no-novel", "MODEL --prefix WORD --no-novel", "KIND", "SETTING", "FORM", "NAME", "RUN --NAME"],
    "top": ["RUN -n 30", "NAME"],
    "score": ["RUN WORD", "RUN --in LIST", "RUN --detail WORD", "RUN NAME", "RUN --threshold NAME", "RUN --in NAME"],
    "guess": ["RUN WORD --samples 50", "RUN --in LIST --samples 50"],
    "similar": ["TRAINED WORD"],
    "pseudowords": ["RUN WORD -n 2 --candidates 50"],
    "measure": ["RUN WORD --list LIST", "RUN NAME"],
    "match": ["RUN GROUPS --groups -n 3", "RUN GROUPS --groups -n 3 --on NAME"],
    "likeness": ["WORD --list LIST", "WORD --list NAME"],
    "export": ["KIND --to html", "RUN --to NAME", "MODEL --to html --out NAME", "RUN --to html --label NAME"],
    "evaluate": ["RUN LIST", "MODEL LIST --against RUN"],
    "show": ["RUN", "MODEL", "KIND", "SETTING"],
    "diagnose": ["TRAINED", "NAME"],
    "audit": ["RUN --count 50", "MODEL LIST"],
    "runs": ["--out RUN/..", "--out NAME", "export --out RUN/..", "export NAME"],
    "report": ["RUN -o NAME.html", "NAME"],
    "picture": ["lengths LIST -o NAME.html", "lengths NAME -o a.html", "NAME LIST -o a.html"],
    "mix": ["RUN TRAINED --out NAME", "NAME MODEL --out a"],
    "blend": ["RUN MODEL --out NAME", "NAME MODEL --out a"],
    "classify": ["fit LIST NAME -o a", "score BOTH WORD", "score NAME WORD"],
    "compare": ["LIST --kinds ngram --budget 4steps", "LIST --kinds NAME"],
    "lr": [f"LIST {SMALL}", "LIST --model NAME"],
    "tune": ["LIST --model ngram --trials 2 --no-report", "LIST --space NAME", "LIST --storage NAME://", "NAME"],
    "recipe": ["show NAME", "NAME"],
    "serve": ["NAME=RUN --port 0", "NAME"],
    "play": ["RUN --no-browser --port 0", "NAME --no-browser"],
    "data": ["build LIST -o a", "show a", "show NAME", "build NAME -o b"],
    "lists": ["NAME"],
    "glossary": ["NAME"],
    "lesson": ["NAME", "1 --lang NAME", "progress --from NAME"],
    "contexts": ["LIST --lines 30", "NAME"],
    "graph": ["NAME", "a+b a=1 NAME=2"],
    "parity": ["LIST --examples 2 --hidden 4", "NAME"],
}
QUICK = ("sample", "score", "show", "runs", "contexts")
"""The others take 20 s together."""


def test_every_command_has_hostile_cases():
    assert CASES.keys() == COMMANDS.keys()


@pytest.mark.parametrize("command", quick_first(CASES, QUICK))
def test_no_control_character_of_others_reaches_the_terminal(command, hostile, request, monkeypatch, tmp_path):
    if any("TRAINED" in case for case in CASES[command]):
        hostile = {**hostile, "TRAINED": request.getfixturevalue("trained_on_hostile")}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("morelike.web.run.run_server", lambda _, listening: listening.close())
    names = re.compile("|".join(map(re.escape, hostile)))
    for case in CASES[command]:
        arguments = [names.sub(lambda found: str(hostile[found[0]]), argument) for argument in case.split()]
        _, shown = Terminal(monkeypatch).run(command, *arguments)
        assert not controls(shown), (case, shown)


def test_a_progress_bar_shows_names_as_text(hostile, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "xterm-256color")
    status, shown = Terminal(monkeypatch).run("data", "build", hostile["LIST"], "-o", f"{NAME}.store")
    assert status == 0
    assert "\x1b[?25l" in shown
    assert not controls(shown)
    assert "morelike train li‹U+001B›]0;owned‹U+0007›st‹U+009B›53m‹U+202E›.store" in " ".join(shown.split())


@pytest.mark.parametrize("arguments", [["top", "-n", "60"], ["sample", "--no-novel", "--seed", "1", "-n", "100"]])
def test_words_go_into_a_pipe_as_they_are(run, hostile, arguments):
    out = run(arguments[0], hostile["RUN"], *arguments[1:]).out
    assert {"\x1b", "\u202e"} <= set(CONTROLS.findall(out))
    assert "‹U+" not in out


def test_messages_are_escaped_in_a_pipe_too_and_stay_on_one_line(run):
    ran = run("sample", f"a{TITLE}\nmorelike: all is well")
    assert ran.err == (
        "morelike: no model 'a‹U+001B›]0;owned‹U+0007›¶morelike: all is well': give a run, a model folder, latest or "
        "hub:OWNER/NAME\n"
    )
