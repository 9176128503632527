"""The texts of the page: a PO file for each language, whose ids are the names of the texts.

In addition, `sentences` holds the translations of what the server says: notes, refusals, and the readings of a
diagnosis. Their ids are the English sentences, with `{name}` where a value stands.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import polib

from morelike.errors import SettingError, excerpt
from morelike.glossary import system_language

LANGUAGES = {"en": "English", "fr": "français", "it": "italiano"}


@cache
def texts(language: str) -> dict[str, str]:
    """Return the texts of a language by name.

    >>> texts("en")["pause"]
    'Pause'
    """
    return {entry.msgid: entry.msgstr for entry in read_texts(language)}


def read_texts(language: str) -> polib.POFile:
    """Return the PO file of a language."""
    file = resources.files("morelike.play").joinpath("page", "texts", f"{language}.po")
    return polib.pofile(file.read_text("utf-8"), wrapwidth=0)


@cache
def sentences(language: str) -> dict[str, str]:
    """Return the translations of the sentences of the server, by the English sentence; none for English.

    >>> sentences("fr")["dead units"]
    'unités mortes'
    """
    file = resources.files("morelike.play").joinpath("sentences", f"{language}.po")
    return {e.msgid: e.msgstr for e in polib.pofile(file.read_text("utf-8"))} if file.is_file() else {}


def find_language(language: str | None) -> str:
    """Return a language of the page; None stands for the language of this system.

    Raises:
        SettingError: the page does not exist in this language.
    """
    if language is None:
        return system_language(LANGUAGES)
    if language not in LANGUAGES:
        raise SettingError(
            f"the page does not exist in the language {excerpt(language)}: it is in {', '.join(LANGUAGES)}"
        )
    return language
