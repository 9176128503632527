"""Which exercises were solved: a file in the user's data folder, and the files of a class."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from morelike.errors import MorelikeError
from morelike.lessons.verdict import Verdict
from morelike.storage.untrusted import open_regular, read_json
from morelike.text.printable import printable

FILE = "lessons.json"


@dataclass(frozen=True)
class Student:
    """What one person solved: the number of tries of each exercise, and when each was solved (ISO 8601, UTC)."""

    name: str
    tries: Mapping[str, int]
    solved: Mapping[str, str]


def progress_file() -> Path:
    """Return the path of the user's own file."""
    import platformdirs  # imported here: reading a lesson needs no such path

    return Path(platformdirs.user_data_path("morelike")) / FILE


def read_progress(path: Path | None = None, name: str = "") -> Student:
    """Return what a file tells, by default the user's own file. A file that is not there is a student who begins.

    Raises:
        MorelikeError: the file cannot be read, or is no file of this kind.
    """
    path = path or progress_file()
    try:
        return _parse(path, path.read_bytes(), name)
    except FileNotFoundError:
        return Student(name, {}, {})
    except OSError as error:
        raise MorelikeError(f"'{path}' cannot be read: {error.strerror}") from None


def _read_other(path: Path, name: str) -> Student:
    """Return what the file of another person tells; a pipe, a device or a link out of its folder is not opened."""
    try:
        file, size = open_regular(path)
        with file:
            return _parse(path, file.read(size), name)
    except OSError as error:
        raise MorelikeError(f"'{path}' cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise MorelikeError(f"'{path}' cannot be read: {error}") from None


def _parse(path: Path, data: bytes, name: str) -> Student:
    try:
        found = read_json(data)
        tries, solved = found["tries"], found["solved"]
        if not all(type(each) is int and each >= 0 for each in tries.values()):
            raise TypeError
        if not all(isinstance(each, str) for each in solved.values()):
            raise TypeError
    except (ValueError, TypeError, KeyError, AttributeError):
        raise MorelikeError(
            f"'{path}' is no file of solved exercises: expected {FILE} as `exercise(...).check` writes it; remove it"
        ) from None
    return Student(name, tries, solved)


def record(number: str, verdict: Verdict, path: Path | None = None) -> None:
    """Add a try to the user's file, whole or not at all. A file that cannot be written is a `RuntimeWarning`."""
    from filelock import FileLock  # imported here, as above

    from morelike.storage.atomic_files import write_file

    if verdict.status == "not tried":
        return
    path = path or progress_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock"), timeout=5):
            before = read_progress(path)
            tries = {**before.tries, number: before.tries.get(number, 0) + (number not in before.solved)}
            solved = dict(before.solved)
            if verdict:
                solved.setdefault(number, datetime.now(UTC).isoformat(timespec="seconds"))
            write_file(path, json.dumps({"tries": tries, "solved": solved}, indent=1).encode())
    except (OSError, MorelikeError) as error:
        reason = error if isinstance(error, MorelikeError) else f"'{path}' cannot be written: {error.strerror}"
        warnings.warn(f"your progress is not recorded: {reason}", RuntimeWarning, stacklevel=3)


def read_class(folder: Path) -> tuple[list[Student], list[str]]:
    """Return the students of a folder by name, and a sentence for each file that is no progress.

    A student's file is NAME.json in the folder, or lessons.json in a folder of it that has the student's name.

    Raises:
        MorelikeError: the folder cannot be read, or holds no file of a student.
    """
    if not folder.is_dir():
        raise MorelikeError(f"'{folder}' is no folder: give the folder that holds the students' files")
    found = {path.stem: path for path in sorted(folder.glob("*.json"))}
    students, notes = [], []
    for path in sorted(folder.glob(f"*/{FILE}")):
        if (before := found.get(path.parent.name)) is not None:
            notes.append(f"'{before}' is left out: '{path}' has the same student's name")
        found[path.parent.name] = path
    for name, path in sorted(found.items()):
        try:
            students.append(_read_other(path, printable(name)))
        except MorelikeError as error:
            notes.append(str(error))
    if not students:
        raise MorelikeError(
            f"'{folder}' holds no student's file: expected NAME.json, or folders with {FILE}"
            + "".join(f"; {note}" for note in notes[:1])
        )
    return students, notes


def class_rows(students: Sequence[Student], exercises: Mapping[int, Sequence[str]]) -> list[dict[str, Any]]:
    """Return a row for each student: the name, and the number of solved exercises, in all and in each lesson."""
    return [
        {
            "student": student.name,
            "solved": sum(number in student.solved for numbers in exercises.values() for number in numbers),
            "tries": sum(student.tries.values()),
            **{
                str(lesson): sum(number in student.solved for number in numbers)
                for lesson, numbers in exercises.items()
            },
        }
        for student in students
    ]
