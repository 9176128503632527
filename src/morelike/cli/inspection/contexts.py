"""`morelike contexts`: the training examples of a list, as a person reads them."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from cyclopts import Parameter

from morelike.cli.shared.output import LIST_NAME, Json, person, print_json, print_words
from morelike.errors import SettingError
from morelike.text.examples.contexts import count_list, show_contexts
from morelike.text.reading import read_lines

__all__ = ["EXAMPLES", "contexts"]

EXAMPLES = """\
Examples:

  morelike contexts names --context 3 --lines 2
"""


def contexts(
    words: Annotated[str, LIST_NAME] = "names",
    /,
    *,
    context: Annotated[int, Parameter(help="characters of context")] = 3,
    lines: Annotated[int, Parameter(help="words to show the examples of")] = 5,
    as_json: Json = False,
) -> int:
    """Show the training examples of a list: each context, and the character that follows it.

    `.` stands for what is before a word's beginning, and for its end.
    """
    if context < 1:
        raise SettingError(f"--context {context}: at least one character of context")
    if lines < 0:
        raise SettingError(f"--lines {lines}: show the examples of 0 words or more")
    listed = read_lines(words)
    counts = count_list(listed)
    shown = listed[:lines]
    if as_json:
        examples = [{"context": before, "next": after} for before, after in show_contexts(shown, context)]
        print_json({**dataclasses.asdict(counts), "shown": examples})
        return 0
    for word in shown:
        print_words([word, *(f"{before} ---> {after}" for before, after in show_contexts([word], context))])
    person().print(
        f"{counts.words:,} words ({counts.distinct_words:,} distinct), {counts.characters:,} characters of "
        f"{counts.symbols} kinds, {counts.examples:,} examples"
    )
    return 0
