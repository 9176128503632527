"""Every lesson runs as it is written, in every language, and reproduces its figures."""

import re
import time

import pytest

from morelike.glossary import entries
from morelike.lessons import LANGUAGES, lessons
from morelike.lessons.languages import SOURCE

IN_EACH_LANGUAGE = [
    pytest.param(lesson.number, language, marks=[pytest.mark.slow] if language != SOURCE else [])
    for language in LANGUAGES
    for lesson in lessons(language)
]
"""Lessons, by their numbers and languages. The code is the same in all languages, so that the quick tests run one."""
LONG = [
    (lesson.number, language)
    for language in LANGUAGES
    for lesson in lessons(language)
    if any("slow" in block.words for block in lesson.code())
]
NUMBERS = [lesson.number for lesson in lessons("en")]
LONGEST = 40
"""CPU seconds of the quick code of one lesson; all lessons together are to take about as long."""


def lesson_of(number, language):
    return next(lesson for lesson in lessons(language) if lesson.number == number)


def execute(lesson, data, *, slow):
    """Execute the code of a lesson in one namespace. Without its list, the check of a published figure is left out."""
    scope = {"data": data}
    for block in lesson.code():
        if "slow" in block.words and not slow:
            continue
        code = compile("\n" * (block.line - 1) + block.text, f"{lesson.name}.md", "exec")
        try:
            exec(code, scope)
        except pytest.skip.Exception:
            assert "published" in block.words


@pytest.mark.parametrize(("number", "language"), IN_EACH_LANGUAGE)
def test_the_code_of_a_lesson_runs_in_its_order(number, language, data, capsys):
    started = time.process_time()
    execute(lesson_of(number, language), data, slow=False)
    assert time.process_time() - started < LONGEST


@pytest.mark.slow
@pytest.mark.parametrize(("number", "language"), LONG)
def test_the_long_code_of_a_lesson_runs_too(number, language, data, capsys):
    execute(lesson_of(number, language), data, slow=True)


def test_lessons_are_numbered_in_order_and_say_what_they_reproduce():
    assert [*range(1, 17)] == NUMBERS
    for lesson in lessons("en"):
        assert lesson.title
        assert lesson.figures
        assert lesson.seconds > 0


@pytest.mark.parametrize("number", NUMBERS)
def test_a_lesson_ends_with_one_to_three_exercises_of_its_number(number):
    sections = lesson_of(number, "en").sections
    assert [section.number for section in sections] == [f"{number}.{i}" for i in range(1, len(sections) + 1)]
    assert 1 <= len(sections) <= 3


@pytest.mark.parametrize("number", NUMBERS)
def test_a_reader_sees_no_test_no_hint_and_no_solution(number):
    lesson = lesson_of(number, "en")
    shown = lesson.markdown()
    for block in lesson.blocks:
        if {"test", "published"} & {*block.words}:
            assert block.text not in shown
    for section in lesson.sections:
        assert section.stub.text in shown
        assert section.solution not in shown
        for text in (*section.hints, *(wrong.hint for wrong in section.wrong)):
            assert text not in shown


@pytest.mark.parametrize("number", NUMBERS)
def test_a_lesson_has_a_check_of_a_figure_and_speaks_plainly(number):
    lesson = lesson_of(number, "en")
    assert any("test" in block.words for block in lesson.blocks)
    prose = [block.text for block in lesson.blocks if block.kind != "code"]
    assert not [text for text in prose if re.search(r"!(?!\w|=)", re.sub("`[^`]*`", "", text))]


def test_the_repr_of_a_lesson_is_short():
    for lesson in lessons("en"):
        assert repr(lesson).startswith("Lesson(number=")
        assert len(repr(lesson)) < 300


def test_a_link_to_the_glossary_shows_the_entry_at_the_end_of_the_text():
    for lesson in lessons("en"):
        shown = lesson.markdown()
        assert lesson.anchors(), lesson.name
        assert "glossary.md" not in shown
        for anchor in lesson.anchors():
            assert f"\n- **{entries()[anchor].term}**: " in shown
