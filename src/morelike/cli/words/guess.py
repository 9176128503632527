"""`morelike guess`: how many words a model would guess before a given one."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from morelike import api
from morelike.cli.shared.formats import WORD, Column, format_of
from morelike.cli.shared.output import Json, LabelName, ModelName, RunsFolder, print_json, print_rows
from morelike.cli.shared.word_streams import (
    Columns,
    InFile,
    InFormat,
    OutFile,
    OutFormat,
    blocks_of,
    refuse_beside_json,
    rows_by_block,
    stream,
)
from morelike.errors import SettingError
from morelike.language_model.guess_numbers import Guesser
from morelike.text.words import clean

__all__ = ["EXAMPLES", "guess"]

EXAMPLES = """\
Examples:

  morelike guess latest emma xqzt
  morelike guess latest emma --samples 100000
  morelike guess runs/MY-RUN --in words.csv --column name -o guesses.jsonl
"""

COLUMNS = [
    WORD,
    Column("guesses", "guesses", ".4g"),
    Column("low", "low", ".4g"),
    Column("high", "high", ".4g"),
    Column("bits", "bits", ".2f"),
    Column("low bits", "low_bits", ".2f"),
    Column("high bits", "high_bits", ".2f"),
]


def guess(
    model: ModelName = "latest",
    /,
    *words: Annotated[str, Parameter(help="the words; none reads them from --in or standard input")],
    samples: Annotated[int, Parameter(help="words that the model makes for the estimate")] = 10_000,
    seed: Annotated[int, Parameter(help="the same seed gives the same numbers")] = 0,
    label: LabelName = None,
    source: InFile = None,
    in_format: InFormat = None,
    column: Columns = None,
    form: OutFormat = None,
    output: OutFile = None,
    as_json: Json = False,
    out: RunsFolder = "runs",
) -> int:
    """Say how many words a model would guess before a word, if it guessed the most probable first.

    An estimate by Monte Carlo with its 95 % interval (Dell'Amico and Filippone 2015). bits is log2(1 + guesses).
    """
    refuse_beside_json(as_json, form, output)
    loaded = api.load(model, out=Path(out)).conditioned_on(label)
    blocks = blocks_of(words, source, in_format, column, f"morelike guess {model} emma")
    written = format_of(output, form, "tsv")
    if written == "lines":
        raise SettingError("guess numbers are no plain lines: write them as CSV, TSV or JSONL (--format)")
    guesser = Guesser.of(loaded, samples, seed)

    def rows(words: Sequence[str]) -> list[dict[str, Any]]:
        return [each.as_dict() for each in guesser.guess(words)]

    def refuses(word: str) -> bool:
        known = loaded.vocabulary.drop_unknown(clean(word))
        return not known or known != clean(word)

    if as_json:
        found = list(chain.from_iterable(rows_by_block(blocks, rows, refuses)))
        print_json({"samples": samples, "seed": seed, "words": found})
    elif form is None and output is None and sys.stdout.isatty():
        for some in rows_by_block(blocks, rows, refuses):
            print_rows([each.name for each in COLUMNS], ([each.cell(row) for each in COLUMNS] for row in some))
    else:
        stream(blocks, rows, refuses, COLUMNS, written, output)
    return 0
