"""`morelike glossary`: what a word of the reports, the lessons and the help means."""

from __future__ import annotations

from typing import Annotated

from morelike.cli.shared.output import print_json, print_rows, print_words
from morelike.cli.shared.parameters import Json, option
from morelike.glossary import LANGUAGES, Entry, entries, look_up, system_language


def glossary(
    *words: Annotated[str, option("the words to explain [default: list all]")],
    lang: Annotated[str | None, option("en, fr or it [default: the language of this system, else en]")] = None,
    as_json: Json = False,
) -> None:
    """Explain words of the reports, the lessons and the help: nat, perplexity, dev, leak, ...

    Examples:
      morelike glossary nat perplexity
      morelike glossary loss --lang fr
      morelike glossary
    """
    language = lang or system_language(LANGUAGES)
    found = [look_up(word, language) for word in words] or list(entries(language).values())
    if as_json:
        print_json([{"anchor": each.anchor, "term": each.term, "text": each.text} for each in found])
    elif words:
        print_words([_line(each) for each in found])
    else:
        print_rows(["anchor", "term"], [[each.anchor, each.term] for each in found])


def _line(entry: Entry) -> str:
    return f"{entry.term}{entry.colon}{entry.text}"
