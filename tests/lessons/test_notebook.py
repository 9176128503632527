"""A lesson as a notebook: valid, with each code in a cell, and it runs as it is."""

import sys

import nbformat
import pytest

from morelike.errors import MorelikeError, SettingError
from morelike.lessons import find_lesson, lessons
from morelike.lessons.notebook import to_notebook, write_notebook


@pytest.mark.parametrize("number", [lesson.number for lesson in lessons("en")])
def test_a_notebook_has_the_readers_code_in_cells(number):
    lesson = find_lesson(number, "en")
    notebook = nbformat.reads(to_notebook(lesson), as_version=4)
    nbformat.validate(notebook)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert code == [block.text for block in lesson.shown() if block.words[:1] == ("python",)]
    assert notebook.cells[0].source == f"# {number}. {lesson.title}"
    assert to_notebook(lesson) == to_notebook(lesson)


@pytest.mark.slow
@pytest.mark.parametrize("number", [lesson.number for lesson in lessons("en")])
def test_a_notebook_runs_as_it_is(number, tmp_path):
    nbclient = pytest.importorskip("nbclient")
    path = tmp_path / "lesson.ipynb"
    write_notebook(find_lesson(number, "en"), path)
    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    last = notebook.cells[-1].outputs[0].data["text/plain"]
    assert last.startswith("Not tried yet")


def test_a_notebook_needs_its_ending_and_a_place(tmp_path):
    with pytest.raises(SettingError, match=r"use the ending \.ipynb"):
        write_notebook(find_lesson(1, "en"), tmp_path / "lesson.json")
    with pytest.raises(MorelikeError, match="cannot be written"):
        write_notebook(find_lesson(1, "en"), tmp_path / "absent" / "lesson.ipynb")


def test_a_notebook_with_answers_is_not_overwritten(tmp_path):
    path = tmp_path / "lesson.ipynb"
    path.write_text("my answers")
    with pytest.raises(SettingError, match="exists, and may hold your answers: give another name, or remove it first"):
        write_notebook(find_lesson(1, "en"), path)
    assert path.read_text() == "my answers"


def test_without_nbformat_the_way_out_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "nbformat", None)
    with pytest.raises(SettingError, match=r"pip install 'morelike\[notebook\]'"):
        to_notebook(find_lesson(1, "en"))
