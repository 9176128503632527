"""`morelike lesson`: the list, a lesson on a terminal and in a pipe, a notebook, and progress."""

import csv
import io
import json
import os
import re

import pytest

from morelike.lessons import exercise, find_lesson, lessons
from morelike.lessons.progress import FILE, progress_file
from morelike.lessons.sections import Section

from ..terminal import Terminal


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def solve(number):
    section: Section = next(each for lesson in lessons("en") for each in lesson.sections if each.number == number)
    scope = {}
    exec("import numpy as np\n" + section.solution, scope)
    assert exercise(number, language="en").check(scope[section.answer])


def test_the_lessons_are_listed_with_what_was_solved(run):
    solve("1.1")
    lines = run("lesson").out.splitlines()
    assert lines[0] == "lesson\ttitle\treproduces\tsolved"
    assert lines[1].startswith("1\tContexts: from words to examples\t67,652 examples")
    assert lines[1].endswith("\t1 of 2")
    listed = json.loads(run("lesson", "--json").out)
    assert [each["lesson"] for each in listed] == [lesson.number for lesson in lessons("en")]
    assert (listed[0]["exercises"], listed[0]["solved"]) == (2, 1)


def test_the_titles_of_the_list_begin_in_one_column_of_a_terminal(monkeypatch):
    status, shown = Terminal(monkeypatch).run("lesson")
    lines = [re.sub("\x1b" + r"\[[\d;]*m", "", line) for line in shown.splitlines()]
    assert status == 0
    starts = {line.index(lesson.title) for lesson in lessons("en") for line in lines if lesson.title in line}
    assert len(starts) == 1


def test_a_lesson_is_markdown_in_a_pipe_and_typeset_on_a_terminal(run, monkeypatch):
    assert run("lesson", "1", "--lang", "en").out == find_lesson(1, "en").markdown()
    status, shown = Terminal(monkeypatch).run("lesson", "1")
    assert status == 0
    assert "```" not in shown
    lines = [line.rstrip() for line in re.sub("\x1b" + r"\[[\d;]*m", "", shown).splitlines()]
    for block in find_lesson(1, "en").shown():
        if block.kind == "code":  # it can be copied: no margin, no folded line
            code = block.text.splitlines()
            assert any(lines[i : i + len(code)] == code for i in range(len(lines))), block.text


def test_a_lesson_is_written_as_a_notebook(run, tmp_path):
    path = tmp_path / "one.ipynb"
    assert run("lesson", "1", "--notebook", path).out == f"{path}\n"
    assert json.loads(path.read_text("utf-8"))["nbformat"] == 4


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["99"], "there is no lesson 99; there are 1"),
        (["one"], "there is no lesson 'one': give a number, `list` or `progress`"),
        (["1", "--lang", "de"], "the lessons do not exist in the language 'de'"),
        (["1", "--from", "."], "--from has no effect here: `morelike lesson progress --from ...`"),
        (["progress", "--notebook", "a.ipynb"], "--notebook has no effect here: `morelike lesson NUMBER --notebook"),
        (["progress", "--from", "absent"], "'absent' is no folder"),
    ],
)
def test_a_wrong_call_is_one_sentence(run, arguments, says):
    ran = run("lesson", *arguments)
    assert ran.status in (1, 2)
    assert says in ran.err
    assert ran.err.count("\n") == 1


def test_progress_shows_what_was_tried_and_solved(run):
    exercise("1.1", language="en").check(lambda words, context: ([], []))
    solve("1.1")
    ran = run("lesson", "progress")
    assert ran.out.splitlines()[1].split("\t")[:4] == ["you", "1", "2", "1"]
    assert ran.err == f"Your file: {progress_file()}\n"


@pytest.fixture
def thirty(tmp_path):
    """The files of thirty students, some as NAME.json and some as NAME/lessons.json, and a damaged one."""
    folder = tmp_path / "class"
    folder.mkdir()
    for i in range(30):
        solved = {"1.1": "2026-01-01T00:00:00+00:00", "1.2": "2026-01-02T00:00:00+00:00"}
        text = json.dumps({"tries": {"1.1": i + 1}, "solved": dict([*solved.items()][: i % 3])})
        path = folder / f"student{i:02}.json" if i % 2 else folder / f"student{i:02}" / FILE
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    (folder / "broken.json").write_text('{"tries": 3}', "utf-8")
    return folder


def test_a_class_is_one_table_and_a_damaged_file_is_named(run, thirty):
    ran = run("lesson", "progress", "--from", thirty)
    lines = ran.out.splitlines()
    assert len(lines) == 31
    assert lines[3].split("\t")[:4] == ["student02", "2", "3", "2"]
    assert "broken.json' is no file of solved exercises" in ran.err
    assert ran.status == 0


DAMAGED = {
    "deep": "[" * 100_000,
    "empty": "",
    "list": "[]",
    "counts": '{"tries": {"1.1": -1}, "solved": {}}',
    "truth": '{"tries": {"1.1": true}, "solved": {}}',
}


def test_damaged_files_pipes_and_links_out_of_a_class_are_named_and_the_others_are_shown(run, thirty, tmp_path):
    for name, text in DAMAGED.items():
        (thirty / f"{name}.json").write_text(text, "utf-8")
    os.mkfifo(thirty / "pipe.json")
    (thirty / "absent.json").symlink_to(tmp_path / "nowhere")
    (tmp_path / "elsewhere.json").write_text('{"tries": {}, "solved": {}}', "utf-8")
    (thirty / "outside.json").symlink_to(tmp_path / "elsewhere.json")
    ran = run("lesson", "progress", "--from", thirty)
    assert len(ran.out.splitlines()) == 31
    for name in (*DAMAGED, "pipe", "absent", "outside"):
        assert f"{name}.json' " in ran.err


def test_of_two_files_of_one_student_the_one_that_is_left_out_is_named(run, thirty):
    (thirty / "student02.json").write_text('{"tries": {}, "solved": {}}', "utf-8")
    ran = run("lesson", "progress", "--from", thirty)
    assert len(ran.out.splitlines()) == 31
    assert "student02.json' is left out" in ran.err


def test_a_name_of_a_student_is_one_line_without_control_characters(run, thirty):
    (thirty / "new\nline \x1b[31mred.json").write_text('{"tries": {}, "solved": {}}', "utf-8")
    out = run("lesson", "progress", "--from", thirty).out
    assert len(out.splitlines()) == 32
    assert "\x1b" not in out


def test_a_class_is_csv_and_json_too(run, thirty):
    rows = [*csv.DictReader(io.StringIO(run("lesson", "progress", "--from", thirty, "--csv").out))]
    assert (len(rows), rows[1]["student"], rows[1]["solved"], rows[1]["1"]) == (30, "student01", "1", "1")
    listed = json.loads(run("lesson", "progress", "--from", thirty, "--json").out)
    assert listed[4]["exercises"]["1.1"] == {"tries": 5, "solved": "2026-01-01T00:00:00+00:00"}
    assert listed[3]["exercises"]["1.1"]["solved"] is None


def test_an_empty_folder_and_a_damaged_own_file_are_errors(run, tmp_path):
    assert "holds no student's file" in run("lesson", "progress", "--from", tmp_path).err
    progress_file().parent.mkdir(parents=True)
    progress_file().write_text("[]")
    assert "is no file of solved exercises" in run("lesson").err
