"""The catalogue of the lists that have a name: where they come from, and where they are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from io import BufferedReader
from pathlib import Path
from typing import Any

from morelike.errors import ListError


@dataclass(frozen=True)
class NamedList:
    """A list of the catalogue, and its provenance.

    `language` is a code of ISO 639. `holds` is "people" for names of people, or "other".
    """

    name: str
    file: str
    title: str
    source: str
    licence: str
    date: str
    language: str
    holds: str
    lines: int


@dataclass(frozen=True)
class ShippedList(NamedList):
    """A list that ships with morelike."""


@dataclass(frozen=True)
class ExternalList(NamedList):
    """A list that does not ship. It has its name once its file is in the user's data folder.

    `bytes` and `sha256` are the size and the SHA-256 of the file. `address` is where it is downloaded from. A list
    without a public address has `advice` instead, which says how to get it.
    """

    bytes: int
    sha256: str
    address: str = ""
    advice: str = ""

    @property
    def path(self) -> Path:
        """The file's place in the user's data folder."""
        import platformdirs  # imported here: commands that use no such list start faster

        return platformdirs.user_data_path("morelike") / "lists" / self.file

    @property
    def way_to_get(self) -> str:
        """How to get the list, as the second half of a sentence."""
        return self.advice or f"`morelike lists fetch {self.name}` downloads it"

    def is_kept(self) -> bool:
        """Return whether the file is in the user's data folder and has its SHA-256."""
        try:
            self.open_kept().close()
        except ListError:
            return False
        return True

    def open_kept(self) -> BufferedReader:
        """Return the file in the user's data folder, opened for reading bytes.

        Raises:
            ListError: the file is not there, cannot be read, or is another file than the catalogue says.
        """
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            raise ListError(
                f"the list {self.name} does not ship and is not in '{self.path.parent}': {self.way_to_get}"
            ) from None
        except OSError as error:
            raise ListError(f"'{self.path}' cannot be read: {error.strerror}") from None
        if hashlib.sha256(file.read(self.bytes + 1)).hexdigest() != self.sha256:
            file.close()
            raise ListError(
                f"'{self.path}' is not the list {self.name}: its SHA-256 is not {self.sha256[:12]}…; {self.way_to_get}"
            )
        file.seek(0)
        return file


@cache
def shipped_lists() -> dict[str, ShippedList]:
    """Return the lists that ship with morelike, by name.

    >>> sorted(shipped_lists())
    ['mots', 'names']
    """
    return {name: ShippedList(name=name, **facts) for name, facts in _catalogue().items() if "sha256" not in facts}


@cache
def external_lists() -> dict[str, ExternalList]:
    """Return the lists that do not ship, by name.

    >>> external_lists()["names_32033"].lines
    32033
    """
    return {name: ExternalList(name=name, **facts) for name, facts in _catalogue().items() if "sha256" in facts}


@cache
def _catalogue() -> dict[str, dict[str, Any]]:
    import tomllib  # imported here: commands that use no list of the catalogue start faster
    from importlib import resources

    return tomllib.loads((resources.files("morelike.text") / "lists" / "catalogue.toml").read_text("utf-8"))
