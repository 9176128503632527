"""A format is one file: its name is a value of `--to`, its settings are flags, and its refusals are sentences."""

import importlib
import sys

import pytest

import morelike
from morelike.errors import ExportError, SettingError
from morelike.exports import formats as package
from morelike.exports.format import find_format, formats

from ..language_model.small_models import small_model

SHOUT = '''
"""The characters of a model in capitals."""

from pydantic import Field

from morelike.errors import ExportError
from morelike.exports.format import Format
from morelike.sampling.settings import FrozenSettings


class ShoutSettings(FrozenSettings):
    """How to shout."""

    times: int = Field(1, ge=1, description="how often")


class Shout(Format):
    """A file with the characters of a model."""

    summary = "the characters in capitals"
    path = "shout.txt"
    settings = ShoutSettings

    def write(self, model, path, settings):
        if model.form == "text":
            raise ExportError("a shout holds no model of running text: train one on lines")
        path.write_text("".join(model.vocabulary.characters).upper() * settings.times)
        return [f"{len(model.vocabulary.characters)} characters"]
'''


@pytest.fixture
def added(tmp_path, monkeypatch):
    """Put the file of a new format into the package `formats`."""
    (tmp_path / "formats").mkdir()
    (tmp_path / "formats" / "shout.py").write_text(SHOUT)
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path / "formats")])
    monkeypatch.delitem(sys.modules, "morelike.cli.exporting.export", raising=False)
    yield
    for name in ("morelike.exports.formats.shout", "morelike.cli.exporting.export"):
        sys.modules.pop(name, None)
    vars(package).pop("shout", None)


@pytest.mark.parametrize("name", formats())
def test_every_format_says_what_it_is(name):
    found = find_format(name)
    assert found.summary
    assert found.path
    assert all(field.description for field in found.settings.model_fields.values())


def test_a_format_that_does_not_exist_is_refused_with_the_list(tmp_path):
    with pytest.raises(SettingError, match="no format is called 'pdf'; there are "):
        morelike.export(small_model("bigram"), "pdf", tmp_path / "x.pdf")


@pytest.mark.usefixtures("added")
def test_a_new_format_is_one_file(tmp_path):
    notes = []
    path = morelike.export(small_model("bigram"), "shout", tmp_path / "x", on_note=notes.append, times=2)
    assert path.read_text() == "AEHNAEHN"
    assert notes == ["4 characters"]
    with pytest.raises(SettingError, match="no setting is called 'loud'"):
        morelike.export(small_model("bigram"), "shout", tmp_path / "x", loud=True)


@pytest.mark.usefixtures("added")
def test_what_cannot_be_written_is_one_sentence(tmp_path, monkeypatch):
    with pytest.raises(ExportError, match=r"x' cannot be written: No such file"):
        morelike.export(small_model("bigram"), "shout", tmp_path / "none" / "x")
    monkeypatch.setattr(find_format("shout").__class__, "packages", ["no_such_package"])
    with pytest.raises(ExportError, match=r"`shout` needs no_such_package: install it with `pip install 'morelike\["):
        morelike.export(small_model("bigram"), "shout", tmp_path / "x")


@pytest.mark.usefixtures("added")
def test_the_command_has_the_settings_of_all_formats_as_flags(run, tmp_path):
    assert "morelike.cli.exporting.export" not in sys.modules
    importlib.import_module("morelike.cli.exporting.export")
    model = small_model("bigram").save(tmp_path / "model")
    shown = " ".join(run("export", "--help").out.replace("│", " ").split())
    assert "--times" in shown
    assert "shout: the characters in capitals" in shown
    assert "html: put a hash of each word" in shown  # a setting of two formats has the help of both
    assert "hub: put a hash of each word" in shown
    ran = run("export", model, "--to", "shout", "--out", "x", "--times", "3")
    assert (ran.status, ran.out, ran.err) == (0, "x\n", "4 characters\n")
    ran = run("export", model, "--to", "shout", "--json")
    assert ran.json == {"path": "shout.txt", "format": "shout", "notes": ["4 characters"]}
    assert run("export", model, "--to", "shout", "--times", "0").status == 2
    refused = run("export", model, "--to", "html", "--times", "2")
    assert (refused.status, refused.err) == (
        2,
        "morelike: `html` has no setting --times; it is a setting of shout\n",
    )


@pytest.mark.parametrize("to", formats())
def test_only_what_the_same_format_has_written_is_replaced(tmp_path, to):
    for needed in find_format(to).packages:
        pytest.importorskip(needed, reason="an extra")
    model = small_model("gru")
    place = tmp_path / find_format(to).path
    notes = []
    for _ in range(2):
        morelike.export(model, to, place, on_note=notes.append)
    assert notes.count(f"Replaced: {place}") == (1 if place.is_file() else 0)
    other = tmp_path / f"other{place.suffix}"
    if place.is_dir():
        model.save(other)
    else:
        other.write_text("anna\nhanna\n")
    before = {each: each.read_bytes() for each in [other, *other.glob("*")] if each.is_file()}
    with pytest.raises(ExportError, match=f"`--to {to}` has not written it: choose another name"):
        morelike.export(model, to, other)
    assert before == {each: each.read_bytes() for each in before}


def test_without_a_format_the_command_names_them(run):
    ran = run("export")
    assert (ran.status, len(ran.err.splitlines())) == (2, 1)
    assert all(f"--to {name}" in ran.err for name in formats())
