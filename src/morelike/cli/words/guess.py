"""`morelike guess`: how many words a model would guess before a given word."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Annotated, Any

from cyclopts import Parameter

from morelike import api
from morelike.cli.shared.formats import WORD, OutputColumn
from morelike.cli.shared.output import print_json
from morelike.cli.shared.parameters import RUNS, Json, LabelName, ModelName, RunsFolder
from morelike.cli.shared.word_streams import (
    STANDARD_STREAMS,
    RowMaker,
    WordFiles,
    print_tables,
    read_batches,
    refuse_files_with_json,
    row_batches,
    stream,
)
from morelike.language_model.guess_numbers import Guesser
from morelike.text.words import clean

__all__ = ["guess"]

COLUMNS = [
    WORD,
    OutputColumn("guesses", "guesses", ".4g"),
    OutputColumn("low", "low", ".4g"),
    OutputColumn("high", "high", ".4g"),
    OutputColumn("bits", "bits", ".2f"),
    OutputColumn("low bits", "low_bits", ".2f"),
    OutputColumn("high bits", "high_bits", ".2f"),
]


def guess(
    model: ModelName = "latest",
    /,
    *words: Annotated[str, Parameter(help="the words [default: read from --in or standard input]")],
    samples: Annotated[int, Parameter(help="the number of words that the model samples for the estimate")] = 10_000,
    seed: Annotated[int, Parameter(help="the same seed gives the same numbers")] = 0,
    label: LabelName = None,
    files: WordFiles = STANDARD_STREAMS,
    as_json: Json = False,
    out: RunsFolder = RUNS,
) -> None:
    """Estimate how many words a model guesses before it reaches a word, if it guesses the most probable first.

    The estimate is by Monte Carlo, with its 95 % interval (Dell'Amico and Filippone 2015). bits is log2(1 + guesses).

    Examples:
      morelike guess latest emma xqzt
      morelike guess latest emma --samples 100000
      morelike guess runs/MY-RUN --in words.csv --column name -o guesses.jsonl
    """
    refuse_files_with_json(as_json, files.form, files.output)
    loaded = api.load(model, out=out).conditioned_on(label)
    batches = read_batches(words, files, f"morelike guess {model} emma")
    form = files.table_format("guess numbers")
    guesser = Guesser.of(loaded, samples, seed)

    def rows(words: Sequence[str]) -> list[dict[str, Any]]:
        return [each.as_dict() for each in guesser.guess(words)]

    def rejects(word: str) -> bool:
        known = loaded.vocabulary.known(word)
        return not known or known != clean(word)

    maker = RowMaker(rows, rejects, COLUMNS)
    if as_json:
        found = list(chain.from_iterable(row_batches(batches, maker)))
        print_json({"samples": samples, "seed": seed, "words": found})
    elif files.on_terminal:
        print_tables(batches, maker)
    else:
        stream(batches, maker, form, files.output)
