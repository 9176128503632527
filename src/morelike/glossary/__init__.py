"""The glossary: the words of reports, lessons and help in plain sentences, in three languages.

The texts are the Markdown files beside this module. The pages `docs/glossary*.md` are copies of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Container
from dataclasses import dataclass
from functools import cache
from importlib import resources

from morelike.errors import SettingError, did_you_mean, excerpt

LANGUAGES = ("en", "fr", "it")
"""The languages of the glossary; the first one is the source of the others."""
COLON = {"fr": "\u00a0: "}
"""What stands between a term and its explanation, where it is not ": ": French puts a space before a colon."""
ENTRY = re.compile(r'<a id="([a-z0-9-]+)"></a>\n### ([^\n]+)\n\n(.+?)\n(?=\n<a |\Z)', re.DOTALL)


@dataclass(frozen=True)
class Entry:
    """A word of the glossary: its anchor, which is the same in all languages, the term, and its explanation.

    `colon` is what stands between the term and the explanation in this language.
    """

    anchor: str
    term: str
    text: str
    colon: str = ": "


def page(language: str = "en") -> str:
    """Return the glossary as a page of Markdown.

    Raises:
        SettingError: the glossary does not exist in this language.
    """
    if language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise SettingError(f"the glossary does not exist in the language {excerpt(language)}: it is in {known}")
    return (resources.files("morelike.glossary") / f"{language}.md").read_text("utf-8")


@cache
def entries(language: str = "en") -> dict[str, Entry]:
    """Return the entries by anchor, in the order of the page.

    Raises:
        SettingError: the glossary does not exist in this language.

    >>> entries()["nat"].term, entries("fr")["loss"].term
    ('nat', 'perte')
    """
    colon = COLON.get(language, ": ")
    found = (
        Entry(anchor, term, text.replace("\n", " "), colon) for anchor, term, text in ENTRY.findall(page(language))
    )
    return {entry.anchor: entry for entry in found}


def look_up(word: str, language: str = "en") -> Entry:
    """Return the entry of a word: by its term in this language, or by its anchor or term in English.

    Raises:
        SettingError: there is no such entry, or no such language.

    >>> look_up("Learning rate").anchor, look_up("pertes", "fr").anchor
    ('learning-rate', 'loss')
    """
    own = entries(language)
    names = {name: entry.anchor for entry in (*entries().values(), *own.values()) for name in _names(entry)}
    wanted = word.strip().lower()
    for tried in (wanted, wanted.replace("_", "-"), wanted.removesuffix("s")):
        if tried in names:
            return own[names[tried]]
    raise SettingError(
        f"the glossary has no entry {excerpt(word)}: `morelike glossary` lists all{did_you_mean(wanted, names)}"
    )


def system_language(languages: Container[str], otherwise: str = "en") -> str:
    """Return the language of the environment if it is one of these languages, else another one."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            language = value[:2].lower()
            return language if language in languages else otherwise
    return otherwise


def _names(entry: Entry) -> list[str]:
    """Return the anchor and the term, also the parts of a term such as "lot (batch)"."""
    term = entry.term.lower()
    return [entry.anchor, term, *re.split(r" \(|\)", term)[:2]] if "(" in term else [entry.anchor, term]
