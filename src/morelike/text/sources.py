"""Sources of lists: files, standard input, and the lists that ship with morelike."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import BufferedReader
from pathlib import Path
from typing import cast

from morelike.errors import ListError, did_you_mean


@dataclass(frozen=True)
class ShippedList:
    """A list that ships with morelike, and its provenance."""

    name: str
    file: str
    title: str
    source: str
    licence: str
    date: str
    lines: int


@cache
def shipped_lists() -> dict[str, ShippedList]:
    """Return the lists that ship with morelike, by name.

    >>> sorted(shipped_lists())
    ['mots', 'names']
    """
    import tomllib  # imported here: commands that use no shipped list start faster
    from importlib import resources

    catalogue = tomllib.loads((resources.files("morelike.text") / "lists" / "catalogue.toml").read_text("utf-8"))
    return {name: ShippedList(name=name, **facts) for name, facts in catalogue.items()}


@contextmanager
def open_source(source: str | Path) -> Iterator[tuple[str, BufferedReader]]:
    """Yield the name of a list and its open file.

    Args:
        source: a path, `"-"` for standard input, or the name of a shipped list. A file takes precedence over a shipped
            list of the same name.

    Raises:
        ListError: the list does not exist or cannot be opened.
    """
    shipped = shipped_lists().get(str(source))
    if source == "-":
        yield "stdin", cast(BufferedReader, sys.stdin.buffer)
    elif shipped is not None and not Path(source).is_file():
        from importlib import resources

        with (resources.files("morelike.text") / "lists" / shipped.file).open("rb") as file:
            yield shipped.name, cast(BufferedReader, file)
    else:
        with _open_file(Path(source)) as file:
            yield Path(source).stem, file


def _open_file(path: Path) -> BufferedReader:
    """Return a file, opened for reading bytes.

    Raises:
        ListError: the file does not exist or cannot be opened. The message suggests a name that is close.
    """
    try:
        return path.open("rb")
    except FileNotFoundError:
        names = list(shipped_lists())
        raise ListError(
            f"no list '{path}': there is no such file, and the shipped lists are {', '.join(names)}"
            f"{did_you_mean(str(path), [*names, *_siblings(path)])}"
        ) from None
    except IsADirectoryError:
        raise ListError(f"'{path}' is a folder: name the file with the list in it") from None
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise ListError(f"'{path}' cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _siblings(path: Path) -> list[str]:
    try:
        return [str(path.with_name(sibling.name)) for sibling in path.parent.iterdir()]
    except OSError:
        return []


def display_name(source: str | Path) -> str:
    """Return the name of a source in error messages."""
    return "standard input" if source == "-" else f"'{source}'"
