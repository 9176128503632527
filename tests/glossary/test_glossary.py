"""The glossary has the same entries in three languages, and every link to it leads to an entry."""

import re
from pathlib import Path

import pytest

import morelike
from morelike.errors import SettingError
from morelike.glossary import LANGUAGES, entries, look_up, page, system_language
from morelike.reports.run_page import EXPLAINED, EXPLAINED_OF_NETWORKS

ROOT = Path(__file__).parents[2]
SOURCE = Path(morelike.__file__).parent
LINK = re.compile(r"glossary(?:\.fr|\.it)?\.md#([\w-]+)")
REPORT_LINK = re.compile(r'href="#word-([\w-]+)"')
ISSUED = [
    "nat",
    "bit",
    "perplexity",
    "dev",
    "test",
    "leak",
    "bootstrap",
    "em",
    "epoch",
    "packed-row",
    "context",
    "logits",
]
ISSUED += ["softmax", "embedding", "smoothing", "kneser-ney", "temperature", "top-p", "log-linear-mixture"]


def test_all_languages_have_the_same_entries_in_the_same_order():
    for language in LANGUAGES:
        assert list(entries(language)) == list(entries())
        assert page(language).count("<a id=") == len(entries(language)) > 45
    assert set(ISSUED) <= set(entries())


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_entry_is_one_to_four_sentences_and_no_term_stands_twice(language):
    found = entries(language).values()
    assert len({entry.term for entry in found}) == len(found)
    for entry in found:
        sentences = re.findall(r"[.?!](?= |$)", entry.text)
        assert 1 <= len(sentences) <= 4, entry
        assert 40 < len(entry.text) < 400, entry


def test_translations_are_translated():
    for language in LANGUAGES[1:]:
        same = [anchor for anchor, entry in entries(language).items() if entry.text == entries()[anchor].text]
        assert same == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_in_docs_is_a_copy(language):
    name = "glossary.md" if language == "en" else f"glossary.{language}.md"
    assert (ROOT / "docs" / name).read_text("utf-8") == page(language), f"copy src/morelike/glossary/{language}.md"


def test_every_link_of_lessons_pages_and_reports_leads_to_an_entry():
    linked = {*EXPLAINED, *EXPLAINED_OF_NETWORKS}
    assert linked <= set(entries())
    for path in [*SOURCE.rglob("*.md"), *SOURCE.rglob("*.po"), *SOURCE.rglob("*.jinja"), *(ROOT / "docs").glob("*.md")]:
        text = path.read_text("utf-8")
        found = {*LINK.findall(text), *REPORT_LINK.findall(text)}
        assert found <= set(entries()), f"{path}: {sorted(found - set(entries()))}"
        linked |= found
    assert {"nat", "gate", "perplexity"} <= linked


def test_the_words_that_a_report_links_are_explained_on_it():
    text = "".join(path.read_text("utf-8") for path in (SOURCE / "reports" / "templates").rglob("*.jinja"))
    assert set(REPORT_LINK.findall(text)) <= set(EXPLAINED)


@pytest.mark.parametrize(
    ("word", "language", "anchor"),
    [
        ("NATS", "en", "nat"),
        ("learning rate", "it", "learning-rate"),
        ("pertes", "fr", "loss"),
        ("porte", "fr", "gate"),
        ("perdita", "it", "loss"),
    ],
)
def test_an_entry_is_found_by_its_term_its_anchor_and_its_plural(word, language, anchor):
    assert look_up(word, language).anchor == anchor


def test_a_word_or_language_that_is_missing_is_one_sentence():
    with pytest.raises(SettingError, match=r"no entry 'perplexit'.*did you mean 'perplexity'"):
        look_up("perplexit")
    with pytest.raises(SettingError, match="language 'de': it is in en, fr, it"):
        entries("de")


def test_the_language_is_that_of_the_system_if_it_exists(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "it_IT.UTF-8")
    assert system_language(LANGUAGES) == "it"
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    assert system_language(LANGUAGES) == "en"
