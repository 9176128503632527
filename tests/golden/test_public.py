"""The public Python names and the options of the command line are still accepted; see `make_public.py`."""

import json
import re

import pytest

import morelike

from .make_public import HERE, KINDS, arguments_of, members, parameters, parsed_by, takes

NAMES = json.loads((HERE / "public_names.json").read_text("utf-8"))
FLAGS = json.loads((HERE / "flags.json").read_text("utf-8"))

pytestmark = pytest.mark.filterwarnings("ignore:.* is now .*:DeprecationWarning")  # what an old name causes

RENAMED = {
    "LanguageModel.evaluate.weights": "count_weighting",
    "compare.weights": "count_weighting",
    "LanguageModel.given": "conditioned_on",
    "LanguageModel.imitation": "ngram_proxy",
    "LanguageModel.in_use": "prepared",
    "LanguageModel.sample.on_account": "on_report",
}
"""Deliberate renames: the old name, such as "compare.weights" or "LanguageModel.given", and the new one's last part.

`MorelikeError.at_once`, by which training told the command line how to exit, is the one name that is gone.
The old one must still work: a member is found by both names, a parameter is accepted by both.
"""


def test_every_public_name_exists():
    assert set(NAMES) <= set(morelike.__all__)


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_keeps_its_members_and_its_parameters(name):
    found, expected = getattr(morelike, name), NAMES[name]
    if isinstance(expected, list):
        assert_accepts(found, expected, name)
        return
    if not issubclass(found, Exception):
        assert_accepts(found, expected[""], name)
    now = members(found)
    for member, listed in expected.items():
        if member:
            assert RENAMED.get(f"{name}.{member}", member) in now
            assert member in now, f"{name}.{member} is gone"
        if member and listed is not None:
            assert_accepts(getattr(found, member), listed, f"{name}.{member}")


def assert_accepts(function, expected, place):
    """Assert that a call with the old parameters still works: the names, their order, and none newly needed."""
    now = parameters(function)
    wanted = [re.sub(r"\w+", lambda found: RENAMED.get(f"{place}.{found[0]}", found[0]), each) for each in expected]
    positional = [each.strip("=") for each in wanted if not each.startswith("*")]
    assert [each.strip("=") for each in now[: len(positional)]] == positional, place
    assert {each.strip("*=") for each in wanted} <= {each.strip("*=") for each in now}, place
    needed = {each.strip("*") for each in now if not each.endswith("=")}
    assert needed <= {each.strip("*") for each in wanted if not each.endswith("=")}, place
    for old in (each.strip("*=") for each in expected):
        if f"{place}.{old}" in RENAMED:
            assert takes_keyword(function, old), f"{place} no longer accepts {old}"


def takes_keyword(function, name):
    """Return whether a function knows a parameter of this name, by a call with values that it refuses later."""
    needed = [each.strip("*") for each in parameters(function) if not each.endswith("=")]
    try:
        function(**dict.fromkeys([*needed, name], object()))
    except Exception as error:
        return not (isinstance(error, TypeError) and "unexpected keyword" in str(error))
    return True


@pytest.mark.parametrize("begun", [begun for begun in FLAGS if begun])
def test_every_option_of_the_command_line_is_accepted(begun):
    app, tokens = parsed_by([*begun.split(), *FLAGS[begun]])
    known = arguments_of(app, tokens)
    handed_on = tokens[len(tokens) - len(FLAGS[begun]) :]  # `main` may have put a new name for an old one
    for option, (old, taken) in zip(handed_on, FLAGS[begun].items(), strict=True):
        now = takes(known.match(option)[0])  # as cyclopts finds it when it parses
        assert set(taken) <= set(now) if isinstance(taken, list) else now == taken, f"{begun} {old}"


@pytest.mark.parametrize("option", FLAGS[""])
def test_every_option_without_a_command_is_accepted(option):
    app, _ = parsed_by(["sample"])
    assert option in app


COMMAND = ("model", "as", "config", "resume", "list", "dry_run", "hosts", "process_id", "wait", "log_every", "json")
"""Options of `morelike train` that are no settings."""


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_of_a_kind_is_accepted_by_its_name_in_python(kind):
    flags = [flag for flag in FLAGS[f"train --model {kind}"] if not flag.startswith("--no-")]
    names = [flag.removeprefix("--").replace("-", "_") for flag in flags]
    settings = [name for name in names if name not in COMMAND and f"*{name}=" not in NAMES["train"]]
    assert settings
    morelike.Estimator(kind, **dict.fromkeys(settings))
