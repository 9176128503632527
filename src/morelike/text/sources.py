"""Where a list comes from: a file, standard input, or the lists that ship with morelike."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import BufferedReader
from pathlib import Path
from typing import cast

from morelike.errors import ListError, did_you_mean

__all__ = ["ShippedList", "open_file", "opened", "shipped_lists", "shown"]


@dataclass(frozen=True)
class ShippedList:
    """A list that ships inside the package, with its provenance."""

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
    import tomllib  # models know no lists: a command that has one at hand does without these imports
    from importlib import resources

    catalogue = tomllib.loads((resources.files("morelike.text") / "lists" / "catalogue.toml").read_text("utf-8"))
    return {name: ShippedList(name=name, **facts) for name, facts in catalogue.items()}


@contextmanager
def opened(source: str | Path) -> Iterator[tuple[str, BufferedReader]]:
    """Give a list's name and its bytes: those of a path, of `"-"` for standard input, or of a shipped list.

    Raises:
        ListError: there is no such list, or it cannot be opened.
    """
    shipped = shipped_lists().get(str(source))
    if source == "-":
        yield "stdin", cast(BufferedReader, sys.stdin.buffer)
    elif shipped is not None and not Path(source).is_file():
        from importlib import resources

        with (resources.files("morelike.text") / "lists" / shipped.file).open("rb") as file:
            yield shipped.name, cast(BufferedReader, file)
    else:
        with open_file(Path(source)) as file:
            yield Path(source).stem, file


def open_file(path: Path) -> BufferedReader:
    """Return a list's file, opened to read bytes.

    Raises:
        ListError: there is no such file, or it cannot be opened; the message names close matches.
    """
    try:
        return path.open("rb")
    except FileNotFoundError:
        names: Sequence[str] = list(shipped_lists())
        raise ListError(
            f"no list '{path}': there is no such file, and the shipped lists are {', '.join(names)}"
            f"{did_you_mean(str(path), [*names, *_siblings(path)])}"
        ) from None
    except IsADirectoryError:
        raise ListError(f"'{path}' is a folder: name the file with the list in it") from None
    except OSError as error:
        raise ListError(f"'{path}' cannot be read: {error.strerror}") from None


def _siblings(path: Path) -> list[str]:
    try:
        return [str(path.with_name(sibling.name)) for sibling in path.parent.iterdir()]
    except OSError:
        return []


def shown(source: str | Path) -> str:
    """Return how messages name the source of a list."""
    return "standard input" if source == "-" else f"'{source}'"
