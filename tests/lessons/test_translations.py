"""Translations are complete in every language that is listed, and an update keeps the work of the translators."""

import re

import polib
import pytest

from morelike.errors import SettingError
from morelike.lessons import LANGUAGES, exercise, find_lesson, set_language
from morelike.lessons.blocks import parse_blocks, to_markdown
from morelike.lessons.languages import SOURCE, check_language
from morelike.lessons.lesson import LINK, lesson_files, source_texts
from morelike.lessons.messages import MESSAGES
from morelike.lessons.translations import read_po
from morelike.lessons.update import update, updated

TRANSLATED = [language for language in LANGUAGES if language != SOURCE]
SOURCES = {"messages": list(MESSAGES)} | {
    file.name.removesuffix(".md"): [text for text, _ in source_texts(file)] for file in lesson_files()
}


def faults(po, texts):
    """Return what is wrong with a translation: texts that are missing or fuzzy; fields, links or code that is lost."""
    found = {entry.msgid: entry for entry in po}
    for text in texts:
        entry = found.get(text)
        if entry is None or not entry.msgstr:
            yield "missing", text
        elif entry.fuzzy:
            yield "fuzzy", text
        elif re.findall(r"\{\w+", text) != re.findall(r"\{\w+", entry.msgstr) and text in MESSAGES:
            yield "fields", text
        elif anchors(text) != anchors(entry.msgstr):
            yield "links", text
        elif not codes(text) - {LANGUAGES[SOURCE]} <= codes(entry.msgstr):
            yield "code", text


def codes(text):
    """Return the code within a sentence. A language has its own list in place of the English one."""
    return {*re.findall(r"`([^`]+)`", text)}


def anchors(text):
    return sorted(anchor for _, anchor in LINK.findall(text))


@pytest.mark.parametrize(("language", "name"), [(language, name) for language in TRANSLATED for name in SOURCES])
def test_a_complete_language_has_every_text_and_none_is_fuzzy(language, name):
    assert [*faults(read_po(language, name), SOURCES[name])] == []


FRENCH_FAULT = re.compile(r" [:;?!»]|« |[a-zà-ÿ)][:;?!](?= |$)|\d\.\d{2}")
"""An ordinary space before a mark of two parts, none at all, or a decimal point."""


@pytest.mark.parametrize("name", SOURCES)
def test_french_prose_has_spaces_that_do_not_break_before_its_marks_and_decimal_commas(name):
    prose = [re.sub(r"`[^`]*`", "", entry.msgstr) for entry in read_po("fr", name)]
    assert [text for text in prose if FRENCH_FAULT.search(text)] == []


def test_an_entry_that_is_missing_or_fuzzy_or_has_other_code_is_found():
    po = polib.POFile()
    po.append(polib.POEntry(msgid="One.", msgstr="Un."))
    po.append(polib.POEntry(msgid="Two.", msgstr="Deux.", flags=["fuzzy"]))
    po.append(polib.POEntry(msgid="Three.", msgstr=""))
    po.append(polib.POEntry(msgid="Add `b1` to `names`.", msgstr="Ajoutez `bl` à `mots`."))
    po.append(polib.POEntry(msgid="Read `names`.", msgstr="Lisez `mots`."))
    texts = ["One.", "Two.", "Three.", "Four.", "Add `b1` to `names`.", "Read `names`."]
    assert [*faults(po, texts)] == [
        ("fuzzy", "Two."),
        ("missing", "Three."),
        ("missing", "Four."),
        ("code", "Add `b1` to `names`."),
    ]


def test_an_update_keeps_what_has_not_changed_and_marks_what_has(tmp_path):
    update("fr", tmp_path)
    path = tmp_path / "locale" / "fr" / "01-contexts.po"
    made = polib.pofile(str(path))
    title, paragraph = made[0], max(made, key=lambda entry: len(entry.msgid))
    assert title.msgid == "Contexts: from words to examples"
    title.msgstr, paragraph.msgstr = "Contextes", "Un long alinéa."
    changed = paragraph.msgid
    paragraph.msgid += " One more sentence."
    made.save()
    update("fr", tmp_path)
    again = {entry.msgid: entry for entry in polib.pofile(str(path))}
    assert (again[title.msgid].msgstr, again[title.msgid].fuzzy) == ("Contextes", False)
    assert (again[changed].msgstr, again[changed].fuzzy) == ("Un long alinéa.", True)
    assert again[changed].previous_msgid == f"{changed} One more sentence."
    before = path.read_bytes()
    update("fr", tmp_path)
    assert path.read_bytes() == before


def test_a_translation_of_a_text_that_is_gone_is_left_out():
    old = polib.POFile()
    old.append(polib.POEntry(msgid="Gone.", msgstr="Parti."))
    assert [entry.msgid for entry in updated(old, [("A quite different sentence.", 1)])] == [
        "A quite different sentence."
    ]


@pytest.fixture
def french(monkeypatch):
    """A language whose translation has one entry of lesson 1 and one of the machinery."""
    monkeypatch.setitem(LANGUAGES, "fr", "mots")
    texts = {"messages": {"Right.": "Juste."}, "01-contexts": {"Exercise 1.1: Write build_dataset": "Exercice 1.1"}}

    def read(_, name):
        po = polib.POFile()
        for msgid, msgstr in texts.get(name, {}).items():
            po.append(polib.POEntry(msgid=msgid, msgstr=msgstr))
        return po

    caches = clear_caches()
    monkeypatch.setattr("morelike.lessons.translations.read_po", read)
    yield
    caches()


def clear_caches():
    from morelike.lessons.exercise import exercises
    from morelike.lessons.lesson import _lessons
    from morelike.lessons.translations import read_translation

    def clear():
        for cached in (exercises, _lessons, read_translation):
            cached.cache_clear()

    clear()
    return clear


def test_a_lesson_speaks_its_language_reads_its_list_and_has_the_same_code(french):
    lesson, english = find_lesson(1, "fr"), find_lesson(1, "en")
    assert "## Exercice 1.1" in lesson.markdown()
    assert 'set_language("fr")\nLIST = "mots"' in lesson.markdown()
    assert [block.text for block in lesson.code()[1:]] == [block.text for block in english.code()[1:]]
    solve = {}
    exec(english.sections[0].solution, solve)
    assert repr(exercise("1.1", language="fr").judge(solve["build_dataset"], 0)) == "Juste."


def test_the_language_is_that_of_the_system_until_one_is_chosen(french, monkeypatch):
    import contextvars

    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", "fr_CA.UTF-8")
    assert contextvars.Context().run(check_language, None) == "fr"
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert contextvars.Context().run(check_language, None) == "en"

    def choose():
        set_language("fr")
        return check_language(None)

    assert contextvars.Context().run(choose) == "fr"


def test_an_unknown_language_is_refused():
    with pytest.raises(SettingError, match=r"^the lessons do not exist in the language 'de'; they exist in en"):
        set_language("de")


def test_every_lesson_is_the_same_markdown_after_reading_and_writing():
    for file in lesson_files():
        text = file.read_text("utf-8")
        blocks = parse_blocks(text.partition("\n+++\n")[2])
        again = parse_blocks(to_markdown(blocks))
        assert [(block.kind, block.mark, block.text) for block in again] == [
            (block.kind, block.mark, block.text) for block in blocks
        ]
