"""The texts of the page: a PO file for each language, whose ids are the names of the texts."""

from __future__ import annotations

from functools import cache
from importlib import resources

import polib

LANGUAGES = ("en", "fr", "it")


def read_texts(language: str) -> polib.POFile:
    """Return the PO file of a language."""
    file = resources.files("morelike.exports.page").joinpath("files", "texts", f"{language}.po")
    return polib.pofile(file.read_text("utf-8"), wrapwidth=0)


@cache
def texts() -> dict[str, dict[str, str]]:
    """Return the texts by language and name.

    >>> [texts()[language]["make"] for language in LANGUAGES]
    ['Make words', 'Inventer des mots', 'Inventa parole']
    """
    return {language: {entry.msgid: entry.msgstr for entry in read_texts(language)} for language in LANGUAGES}
