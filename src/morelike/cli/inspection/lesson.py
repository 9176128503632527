"""`morelike lesson`: read the lessons, write one as a notebook, and show which exercises are solved."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

from morelike.cli.shared.output import print_json, print_note, print_rows, print_words, stdout_console
from morelike.cli.shared.parameters import Json, option
from morelike.errors import SettingError, excerpt
from morelike.lessons import Lesson, find_lesson, lessons
from morelike.lessons.blocks import to_markdown
from morelike.lessons.progress import class_rows, progress_file, read_class, read_progress


def lesson(
    which: Annotated[str, option("the number of a lesson, or `list` or `progress`")] = "list",
    /,
    *,
    lang: Annotated[str | None, option("en, fr or it [default: the language of this system, else en]")] = None,
    notebook: Annotated[Path | None, option("write the lesson as a Jupyter notebook to this new file (.ipynb)")] = None,
    folder: Annotated[
        Path | None,
        option("progress: the folder of a class, with NAME.json or NAME/lessons.json for each student", "--from"),
    ] = None,
    csv: Annotated[bool, option("progress: print comma-separated lines")] = False,
    as_json: Json = False,
) -> None:
    """Read the lessons, which lead from a list of words to a language model. Each ends with exercises.

    Without a number, the lessons are listed, with the figures that they reproduce and the exercises that you solved.
    In Python, `morelike.lessons.exercise("1.1").check(answer)` checks an answer and keeps your progress in the file
    `lessons.json` of your data folder. A teacher collects these files: `--from` shows them as one table.

    Examples:
      morelike lesson
      morelike lesson 1
      morelike lesson 1 --notebook lesson-1.ipynb
      morelike lesson progress
      morelike lesson progress --from class --csv
    """
    _refuse(which, notebook=notebook, folder=folder, csv=csv)
    if which == "list":
        _list(lessons(lang), as_json=as_json)
    elif which == "progress":
        _progress(lessons(lang), folder, csv=csv, as_json=as_json)
    else:
        _show(_numbered(which, lang), notebook, as_json=as_json)


def _refuse(which: str, **given: Any) -> None:
    """Refuse the flags that do not fit the action."""
    fitting = {"list": (), "progress": ("folder", "csv")}.get(which, ("notebook",))
    for name, value in given.items():
        if value and name not in fitting:
            flag = {"folder": "from"}.get(name, name)
            needed = "NUMBER" if name == "notebook" else "progress"
            raise SettingError(f"--{flag} has no effect here: `morelike lesson {needed} --{flag} ...`")


def _numbered(which: str, lang: str | None) -> Lesson:
    if not which.isdecimal():
        raise SettingError(f"there is no lesson {excerpt(which)}: give a number, `list` or `progress`")
    return find_lesson(int(which), lang)


def _list(found: tuple[Lesson, ...], *, as_json: bool) -> None:
    solved = read_progress().solved
    rows: list[dict[str, Any]] = [
        {
            "lesson": each.number,
            "title": each.title,
            "reproduces": "; ".join(each.figures),
            "exercises": len(each.sections),
            "solved": sum(section.number in solved for section in each.sections),
        }
        for each in found
    ]
    if as_json:
        print_json(rows)
    else:
        print_rows(
            ["lesson", "title", "reproduces", "solved"],
            [
                [str(row["lesson"]), row["title"], row["reproduces"], f"{row['solved']} of {row['exercises']}"]
                for row in rows
            ],
            left=3,
        )


def _show(found: Lesson, notebook: Path | None, *, as_json: bool) -> None:
    if notebook is not None:
        from morelike.lessons.notebook import write_notebook

        write_notebook(found, notebook)
        if as_json:
            print_json({"lesson": found.number, "notebook": str(notebook)})
        else:
            print_words([str(notebook)])
    elif as_json:
        print_json({"lesson": found.number, "title": found.title, "markdown": found.markdown()})
    elif sys.stdout.isatty():
        _typeset(found)
    else:
        sys.stdout.write(found.markdown())


def _typeset(found: Lesson) -> None:
    """Print a lesson on a terminal. Code has no margin and is not folded, so that it can be copied."""
    from rich.markdown import Markdown
    from rich.syntax import Syntax

    console = stdout_console()
    for is_code, blocks in groupby(found.shown(), key=lambda block: block.kind == "code"):
        if not is_code:
            console.print(Markdown(to_markdown([*blocks])))
            continue
        for block in blocks:
            code = Syntax("", "python" if block.words[:1] == ("python",) else "text", background_color="default")
            console.print("", code.highlight(block.text), sep="\n", soft_wrap=True)
    console.print()


def _progress(found: tuple[Lesson, ...], folder: Path | None, *, csv: bool, as_json: bool) -> None:
    exercises = {each.number: [section.number for section in each.sections] for each in found}
    students, notes = ([read_progress(name="you")], []) if folder is None else read_class(folder)
    print_note(*notes, *([f"Your file: {progress_file()}"] if folder is None else []))
    rows = class_rows(students, exercises)
    if as_json:
        for row, student in zip(rows, students, strict=True):
            row["exercises"] = {
                number: {"tries": student.tries.get(number, 0), "solved": student.solved.get(number)}
                for numbers in exercises.values()
                for number in numbers
            }
        print_json(rows)
    elif csv:
        _print_csv(rows)
    else:
        total = sum(map(len, exercises.values()))
        columns = ["student", f"solved of {total}", "tries", *(f"{n} (of {len(of)})" for n, of in exercises.items())]
        print_rows(columns, [[str(value) for value in row.values()] for row in rows])


def _print_csv(rows: list[dict[str, Any]]) -> None:
    from morelike.cli.shared.formats import OutputColumn, encoder, header

    to_line = encoder("csv", [OutputColumn(name) for name in rows[0]])
    sys.stdout.write(header("csv", list(rows[0])))
    sys.stdout.writelines(to_line(row) for row in rows)
