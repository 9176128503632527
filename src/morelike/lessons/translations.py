"""Translations: PO files, one for each lesson and language, and one for the sentences of the machinery."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import polib

from morelike.lessons.languages import SOURCE


@dataclass(frozen=True)
class Translation:
    """The translated texts by their English ones. A text without a translation stays English."""

    texts: dict[str, str] = field(default_factory=dict)

    def get(self, text: str) -> str:
        """Return the translation of an English text."""
        return self.texts.get(text, text)


@cache
def read_translation(language: str, name: str = "messages") -> Translation:
    """Return the translation of a lesson, or of the machinery's sentences. Fuzzy entries are left out."""
    if language == SOURCE:
        return Translation()
    return Translation({entry.msgid: entry.msgstr for entry in read_po(language, name) if entry.translated()})


def read_po(language: str, name: str) -> polib.POFile:
    """Return the PO file of a lesson, or of the sentences of the machinery; an empty one if there is no file."""
    file = resources.files("morelike.lessons").joinpath(*po_path(language, name))
    return polib.pofile(file.read_text("utf-8") if file.is_file() else "", wrapwidth=0)


def po_path(language: str, name: str) -> tuple[str, ...]:
    """Return where a PO file is, inside the folder of the lessons.

    >>> po_path("it", "08-descent"), po_path("it", "messages")
    (('locale', 'it', '08-descent.po'), ('locale', 'it.po'))
    """
    return ("locale", f"{language}.po") if name == "messages" else ("locale", language, f"{name}.po")
