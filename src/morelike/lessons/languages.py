"""The languages of the lessons, and which one is in use."""

from __future__ import annotations

from contextvars import ContextVar

from morelike.errors import SettingError, did_you_mean, excerpt
from morelike.glossary import system_language

SOURCE = "en"
"""The language in which the lessons are written; the others are translations."""

LANGUAGES = {"en": "names", "fr": "mots", "it": "names"}
"""The complete languages, and the list of words that the lessons read in each of them."""

_chosen: ContextVar[str | None] = ContextVar("language", default=None)


def set_language(language: str) -> None:
    """Let exercises speak this language from now on.

    Raises:
        SettingError: the lessons do not exist in this language.
    """
    _chosen.set(check_language(language))


def check_language(language: str | None) -> str:
    """Return a language of the lessons; None stands for the chosen one, or else for the language of this system.

    Raises:
        SettingError: the lessons do not exist in this language.

    >>> check_language("en")
    'en'
    """
    if language is None:
        return _chosen.get() or _of_system()
    if language not in LANGUAGES:
        raise SettingError(
            f"the lessons do not exist in the language {excerpt(language)}{did_you_mean(str(language), LANGUAGES)}; "
            f"they exist in {', '.join(LANGUAGES)}"
        )
    return language


def _of_system() -> str:
    """Return the language of the environment if the lessons exist in it, else English."""
    return system_language(LANGUAGES, SOURCE)
