"""What the server says in English is translated by templates: each is said somewhere, and each translation fits it."""

import re
from importlib import resources
from pathlib import Path

import pytest

import morelike
from morelike.errors import SettingError
from morelike.panels.plain import UnfitError
from morelike.play.texts import LANGUAGES, sentences
from morelike.play.views import or_refusal

TRANSLATED = sorted({*LANGUAGES} - {"en"})
JOINTS = {"; ", ", or "}
CHOSEN = r"\b(?:one step|steps|scale|is|are|learns?|above|below|far|smaller|larger|lower|raise|up|down)\b"
"""Words that the source chooses by a condition."""


@pytest.fixture(scope="module")
def source():
    """The source of the library with the strings that stand next to each other joined."""
    files = sorted(Path(morelike.__file__).parent.rglob("*.py"))
    return re.sub(r'"\s*f?"', "", "\n".join(file.read_text("utf-8") for file in files))


def test_each_template_is_a_sentence_of_the_source(source):
    for template in {*sentences("fr")} - JOINTS:
        for piece in re.split(rf"\{{\w+\}}|[:;] | at the start|{CHOSEN}", template):
            assert piece.strip(" ,%1)") in source, template


@pytest.mark.parametrize("language", TRANSLATED)
def test_each_translation_is_there_and_has_the_values_of_its_sentence(language):
    assert [*sentences(language)] == [*sentences("fr")]
    for template, translation in sentences(language).items():
        assert translation
        assert sorted(re.findall(r"\{\w+\}", translation)) == sorted(re.findall(r"\{\w+\}", template)), template


def test_english_needs_no_translation_and_an_unknown_language_has_no_file(client):
    assert client.get("/page/sentences/en.json").json() == {}
    assert client.get("/page/sentences/fr.json").json() == sentences("fr")
    assert client.get("/page/sentences/xx.json").status_code == 404
    assert resources.files("morelike.play").joinpath("sentences", "en.po").is_file() is False


def test_a_panel_that_shows_nothing_answers_why_and_whether_another_word_would_help():
    def refuse(error):
        raise error

    assert or_refusal(lambda: {"step": 1}) == {"step": 1}
    assert or_refusal(lambda: refuse(SettingError("no"))) == {"refused": "no", "unfit": False}
    assert or_refusal(lambda: refuse(UnfitError("no"))) == {"refused": "no", "unfit": True}
