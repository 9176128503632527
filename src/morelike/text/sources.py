"""Sources of lists: files, standard input, and the lists of the catalogue."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from os import PathLike
from pathlib import Path
from typing import cast

from morelike.errors import ListError, did_you_mean, excerpt
from morelike.text.lists.catalogue import external_lists, shipped_lists


@contextmanager
def open_source(source: str | Path) -> Iterator[tuple[str, BufferedReader]]:
    """Yield the name of a list and its open file.

    Args:
        source: a path, `"-"` for standard input, or the name of a list of the catalogue: one that ships, or one that
            was downloaded. A file takes precedence over a list of the same name.

    Raises:
        ListError: it is no path, or the list does not exist, was not downloaded, or cannot be opened.
    """
    check_path(source)
    name = str(source)
    if name == "-":
        yield "stdin", cast(BufferedReader, sys.stdin.buffer)
    elif name in shipped_lists() and not Path(name).is_file():
        from importlib import resources

        with (resources.files("morelike.text") / "lists" / shipped_lists()[name].file).open("rb") as file:
            yield name, cast(BufferedReader, file)
    elif name in external_lists() and not Path(name).is_file():
        with external_lists()[name].open_kept() as file:
            yield name, file
    else:
        with _open_file(Path(source)) as file:
            yield Path(source).stem, file


def check_path(source: object) -> None:
    """Check that a source is a path or a name.

    Raises:
        ListError: it is another value, such as a list of words.
    """
    if not isinstance(source, str | PathLike):
        raise ListError(
            f"the list came as {excerpt(source)}: expected a path, '-' for standard input, or the name of a list; "
            "write words to a file first"
        )


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
            f"{did_you_mean(str(path), [*names, *external_lists(), *_siblings(path)])}"
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
