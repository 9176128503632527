"""`morelike measure`: lexical measures of words, a row each."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from morelike.cli.shared.output import Json, ModelName, RunsFolder, print_json, print_rows
from morelike.cli.shared.word_lists import Among, cells, say_if_few, words_from
from morelike.evaluation.lexical import COLUMNS
from morelike.text.reading import read_lines
from morelike.workflows import stimuli

__all__ = ["EXAMPLES", "measure"]

EXAMPLES = """\
Examples:

  morelike measure latest emma xqzt
  cat stimuli.txt | morelike measure runs/MY-RUN > stimuli.tsv
  morelike measure latest emma --list my-lexicon.txt --json
"""


def measure(
    model: ModelName = "latest",
    /,
    *words: Annotated[str, Parameter(help="the words; none reads a list from standard input")],
    among: Among = None,
    as_json: Json = False,
    out: RunsFolder = "runs",
) -> int:
    """Measure words against a list: a table to choose and to report stimuli by.

    length, characters; old20, mean edit distance to the 20 nearest words of the list; neighbours, words of the list at
    one substitution (Coltheart's N); bigrams and trigrams, mean log10 of 1 + how often the list has them, word ends
    included; bits, the model's surprisal per character. A word is no neighbour of itself, and a list is a set.
    """
    given = words_from(words, model, "measure")
    found = stimuli.measure(model, given, None if among is None else read_lines(among), out=out)
    if as_json:
        print_json({"nearest": found.nearest, "words": list(found.rows())})
        return 0
    print_rows(["word", *COLUMNS], [[row["word"], *cells(row)] for row in found.rows()])
    say_if_few(found)
    return 0
