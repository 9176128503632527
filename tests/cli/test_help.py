"""Help: every command explains itself, and the same words work in Python and on the command line."""

import inspect
import re
import statistics
import subprocess
import sys
import time

import pytest

from morelike.architecture import TrainedArchitecture, find, kinds
from morelike.cli.main import COMMANDS
from morelike.cli.words.sample import sample
from morelike.language_model.model import LanguageModel
from morelike.runs.settings import TrainingConfig

EVERY_KIND = pytest.mark.parametrize("kind", kinds())


def flags_in(text):
    return {flag[2:].replace("-", "_") for flag in re.findall(r"--[a-z][a-z-]*", text)}


def options_of(help_text):
    """Return the flags that a help page lists, its examples left out."""
    return flags_in(help_text.partition("Examples:")[0])


def flowing(help_text):
    """Return a help page as one line, without the frames around its panels."""
    return " ".join(re.sub("[│╭╮╰╯─]", " ", help_text).split())


def test_help_names_every_command_with_its_purpose_and_examples(run):
    ran = run("--help")
    assert (ran.status, ran.err) == (0, "")
    for name, (_, purpose) in COMMANDS.items():
        assert re.search(rf"^\W*{name}\s", ran.out, re.MULTILINE), name
        assert purpose.split()[0] in ran.out
    assert "Examples:" in ran.out
    assert "morelike train names" in ran.out


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"]])
def test_help_in_a_pipe_is_as_wide_as_a_page(run, arguments):
    assert max(map(len, run(*arguments).out.splitlines())) <= 100


def test_no_command_shows_the_help(run):
    ran = run()
    assert ran.status == 0
    assert "Usage: morelike COMMAND" in ran.out


def test_the_version_is_printed(run):
    from importlib.metadata import version

    assert version("morelike") in run("--version").out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples_that_call_it(run, name):
    ran = run(name, "--help")
    assert (ran.status, ran.err) == (0, "")
    assert f"Usage: morelike {name}" in ran.out
    assert re.search(rf"^\s+(.* \| )?morelike {name}\b", ran.out.partition("Examples:")[2], re.MULTILINE)
    assert "--json" in ran.out
    assert "\x1b" not in ran.out


@EVERY_KIND
def test_help_of_a_kind_shows_its_settings_alone(run, kind):
    ran = run("train", "--model", kind, "--help")
    shown = options_of(ran.out)
    assert shown >= find(kind).model_fields.keys()
    others = {name for other in kinds() for name in find(other).model_fields} - find(kind).model_fields.keys()
    assert not shown & (others - TrainingConfig.model_fields.keys())
    assert (shown >= TrainingConfig.model_fields.keys()) == issubclass(find(kind), TrainedArchitecture)
    assert f"Settings of {kind}" in ran.out


@EVERY_KIND
def test_help_of_a_kind_gives_each_setting_its_sentence_and_default(run, kind):
    text = flowing(run("train", "--model", kind, "--help").out)
    for field in find(kind).model_fields.values():
        assert field.description in text
        assert f"[default: {field.default}]" in text


@EVERY_KIND
def test_the_defaults_that_help_shows_are_the_defaults_of_a_run(run, kind):
    if not issubclass(find(kind), TrainedArchitecture):
        return
    from morelike.runs.settings import configure

    suited = configure(find(kind)(), {})
    text = flowing(run("train", "--model", kind, "--help").out)
    for name, value in suited.model_dump().items():
        if value is not None:
            entry = text.partition(f"--{name.replace('_', '-')} ")[2]
            assert re.search(r"\[default: ([^]]*)\]", entry)[1] == str(value), name


@EVERY_KIND
def test_every_flag_of_another_kind_is_refused_by_name(run, listed, kind):
    for other in kinds():
        for name in find(other).model_fields.keys() - find(kind).model_fields.keys() - {"threads"}:  # of training too
            flag = f"--{name.replace('_', '-')}"
            ran = run("train", listed, "--model", kind, flag, "1")
            assert ran.status == 2
            assert f"morelike: {kind} has no setting {flag}; it is a setting of " in ran.err
            assert other in ran.err


def test_every_parameter_of_sample_in_python_has_its_flag(run):
    parameters = set(inspect.signature(LanguageModel.sample).parameters) - {"self", "far_from", "on_report"}
    assert parameters <= options_of(run("sample", "--help").out)


def test_sample_has_the_same_defaults_in_python_and_on_the_command_line():
    python = inspect.signature(LanguageModel.sample).parameters
    command = dict(inspect.signature(sample).parameters)
    settings = [command.pop(name).default for name in ("filters", "constraints", "novelty")]
    defaults = {name: each.default for name, each in command.items()}
    defaults |= {name: value for model in settings for name, value in model.model_dump().items()}
    for name, parameter in python.items():
        # A command is fresh each time, a program repeats itself; words of `far_from` come from the model's own list.
        if name not in ("self", "seed", "far_from", "on_report"):
            assert defaults[name] == parameter.default, name


@pytest.mark.parametrize(("verb", "method"), [("score", "log_probability"), ("evaluate", "evaluate")])
def test_unknown_characters_have_the_same_policies_in_both(run, verb, method):
    assert "unknown" in inspect.signature(getattr(LanguageModel, method)).parameters
    text = run(verb, "--help").out
    assert "--unknown" in text
    assert all(policy in text for policy in ("error", "skip", "reserve"))


def test_every_parameter_of_train_in_python_has_its_flag(run):
    import morelike

    said = {
        "words",
        "counts",
        "labels",
        "kind",
        "form",
        "name",
        "on_event",
        "progress",
        "settings",
    }  # LIST (its second and third columns), --model, --as; the rest belongs to Python alone
    parameters = set(inspect.signature(morelike.train).parameters) - said
    assert parameters <= options_of(run("train", "--help").out)


def cold_seconds(*arguments):
    """Return the median wall time of five cold starts."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "morelike", *map(str, arguments)], check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


@pytest.mark.slow
def test_help_comes_within_half_a_second():
    assert cold_seconds("--help") < 0.5


@pytest.mark.slow
def test_twenty_words_come_within_four_fifths_of_a_second(trained):
    assert cold_seconds("sample", trained, "-n", "20") < 0.8
