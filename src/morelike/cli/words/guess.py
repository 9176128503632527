"""`morelike guess`: how many words a model would guess before a given word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from morelike import api
from morelike.cli.shared.formats import WORD, OutputColumn
from morelike.cli.shared.parameters import (
    PLAIN_LISTS,
    RUNS,
    Json,
    LabelName,
    ListFlags,
    ModelName,
    RunsFolder,
    Streamed,
    UnknownPolicy,
    option,
)
from morelike.cli.shared.word_streams import STANDARD_STREAMS, RowMaker, WordFiles, read_batches, write_rows
from morelike.language_model.guess_numbers import Guesser
from morelike.text.words import clean

COLUMNS = [
    WORD,
    OutputColumn("guesses", ".4g"),
    OutputColumn("low", ".4g"),
    OutputColumn("high", ".4g"),
    OutputColumn("bits", ".2f"),
    OutputColumn("low_bits", ".2f"),
    OutputColumn("high_bits", ".2f"),
]


def guess(
    model: ModelName = "latest",
    /,
    *words: Streamed,
    samples: Annotated[int, option("the number of words that the model samples for the estimate")] = 10_000,
    seed: Annotated[int, option("the same seed gives the same numbers")] = 0,
    label: LabelName = None,
    unknown: UnknownPolicy = "error",
    files: WordFiles = STANDARD_STREAMS,
    lists: ListFlags = PLAIN_LISTS,
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
    files.check("guess numbers", as_json=as_json)
    loaded = api.load(model, out=out).conditioned_on(label)
    batches = read_batches(words, files, lists, f"morelike guess {model} emma")
    guesser = Guesser.of(loaded, samples, seed)

    def rows(words: Sequence[str]) -> list[dict[str, Any]]:
        return [each.as_dict() for each in guesser.guess(words, unknown)]

    def rejects(word: str) -> bool:
        cleaned = clean(word)
        return not cleaned or (unknown == "error" and loaded.vocabulary.drop_unknown(cleaned) != cleaned)

    write_rows(batches, RowMaker(rows, rejects, COLUMNS), files, as_json=as_json, samples=samples, seed=seed)
