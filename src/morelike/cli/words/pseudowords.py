"""`morelike pseudowords`: new words in the manner of a given one."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from cyclopts import Parameter

from morelike.cli.shared.output import Json, ModelName, RunsFolder, print_json, print_rows
from morelike.cli.shared.word_lists import Among, cells, say_if_few, words_from
from morelike.evaluation.lexical import COLUMNS
from morelike.text.reading import read_lines
from morelike.workflows.stimuli import Pseudowords, pseudowords_each

__all__ = ["EXAMPLES", "pseudowords"]

EXAMPLES = """\
Examples:

  morelike pseudowords latest emma
  morelike pseudowords latest emma olivia -n 5 --candidates 5000 --seed 1
  cat words.txt | morelike pseudowords runs/MY-RUN -n 1 --list my-lexicon.txt > stimuli.tsv
"""


def pseudowords(
    model: ModelName = "latest",
    /,
    *words: Annotated[str, Parameter(help="the words to match; none reads a list from standard input")],
    count: Annotated[int, Parameter(name=["--count", "-n"], help="how many new words for each")] = 10,
    candidates: Annotated[int, Parameter(help="among how many words of the same length they are chosen")] = 1000,
    seed: Annotated[int | None, Parameter(help="the same seed gives the same words; by default a fresh one")] = None,
    among: Among = None,
    as_json: Json = False,
    out: RunsFolder = "runs",
) -> int:
    """Make new words in the manner of a given one: as long, and as near as can be in the measures of `measure`.

    The given word is the first row, with distance 0; the new ones follow, the closest first. Distance is the root mean
    square of the differences in standard deviations of the candidates. No new word is in the list.
    """
    seed = secrets.randbits(32) if seed is None else seed
    given = words_from(words, model, "pseudowords")
    listed = None if among is None else read_lines(among)
    found = pseudowords_each(model, given, listed, count=count, candidates=candidates, seed=seed, out=out)
    if as_json:
        print_json({"seed": seed, "nearest": found[0].base.nearest, "words": [_facts(made) for made in found]})
        return 0
    print_rows(["base", "word", "distance", *COLUMNS], [row for made in found for row in _rows(made)])
    say_if_few(found[0].base)
    return 0


def _facts(made: Pseudowords) -> dict[str, Any]:
    (base,) = made.base.rows()
    new = [row | {"distance": away} for row, away in zip(made.found.rows(), made.distances.tolist(), strict=True)]
    return {"base": base, "candidates": made.candidates, "pseudowords": new}


def _rows(made: Pseudowords) -> list[list[str]]:
    (word,) = made.base.words
    measured = [*made.base.rows(), *made.found.rows()]
    return [
        [word, row["word"], f"{away:.3f}", *cells(row)]
        for row, away in zip(measured, [0.0, *made.distances.tolist()], strict=True)
    ]
