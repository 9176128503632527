"""A lesson as a Jupyter notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from morelike.errors import MorelikeError, SettingError
from morelike.lessons.blocks import Block, to_markdown
from morelike.lessons.lesson import Lesson
from morelike.storage.atomic_files import write_file


def to_notebook(lesson: Lesson) -> str:
    """Return a lesson as the text of an .ipynb file: a cell for each code, and one for the text between two.

    Raises:
        SettingError: nbformat is not installed.
    """
    try:
        import nbformat
        from nbformat import v4
    except ImportError:
        raise SettingError("a notebook needs nbformat: pip install 'morelike[notebook]'") from None
    cells: list[Any] = []
    text: list[Block] = []

    def end_text() -> None:
        if text:
            cells.append(v4.new_markdown_cell(to_markdown(text).rstrip("\n"), id=f"cell-{len(cells)}"))
            text.clear()

    for block in lesson.shown():
        if block.kind == "code" and block.words[:1] == ("python",):
            end_text()
            cells.append(v4.new_code_cell(block.text, id=f"cell-{len(cells)}"))
        else:
            text.append(block)
    end_text()
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = v4.new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook)) + "\n"


def write_notebook(lesson: Lesson, path: Path) -> None:
    """Write a lesson as an .ipynb file, whole or not at all.

    Raises:
        SettingError: as `to_notebook`; the name of the file does not end in .ipynb; or the file exists, and may hold
            somebody's answers.
        MorelikeError: the file cannot be written.
    """
    if path.suffix != ".ipynb":
        raise SettingError(f"'{path}' is no name of a notebook: use the ending .ipynb")
    if path.exists():
        raise SettingError(f"'{path}' exists, and may hold your answers: give another name, or remove it first")
    data = to_notebook(lesson).encode()
    try:
        write_file(path, data)
    except OSError as error:
        raise MorelikeError(f"'{path}' cannot be written: {error.strerror}") from None
