"""`morelike contexts`: the training examples of a list in readable form."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from morelike.cli.shared.output import print_json, print_note, print_words
from morelike.cli.shared.parameters import PLAIN_LISTS, Json, ListFlags, ListName, option
from morelike.errors import SettingError
from morelike.text.examples.contexts import count_list, show_contexts
from morelike.text.reading import read_lines


def contexts(
    words: ListName = "names",
    /,
    *,
    context: Annotated[int, option("characters of context")] = 3,
    lines: Annotated[int, option("the number of words to show")] = 5,
    lists: ListFlags = PLAIN_LISTS,
    as_json: Json = False,
) -> None:
    """Show the training examples of a list: each context, and the character that follows it.

    `.` stands for the start of a word before its first character, and for its end.

    Examples:
      morelike contexts names --context 3 --lines 2
    """
    if context < 1:
        raise SettingError(f"--context {context}: give one character of context or more")
    if lines < 0:
        raise SettingError(f"--lines {lines}: show the examples of 0 words or more")
    all_words = read_lines(words, lists.reading)
    counts, shown = count_list(all_words), all_words[:lines]
    if as_json:
        examples = [{"context": before, "next": after} for before, after in show_contexts(shown, context)]
        print_json({**dataclasses.asdict(counts), "shown": examples})
        return
    for word in shown:
        print_words([word, *(f"{before} ---> {after}" for before, after in show_contexts([word], context))])
    print_note(
        f"{counts.words:,} words ({counts.distinct_words:,} distinct), {counts.characters:,} characters of "
        f"{counts.symbols} kinds, {counts.examples:,} examples"
    )
