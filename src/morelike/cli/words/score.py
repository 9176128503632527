"""`morelike score`: how likely words are under a model."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from morelike import api
from morelike.cli.shared.formats import WORD, Column, format_of
from morelike.cli.shared.output import (
    Json,
    LabelName,
    ModelName,
    RunsFolder,
    person,
    print_json,
    print_rows,
    print_words,
)
from morelike.cli.shared.scores import Judge, UnknownPolicy
from morelike.cli.shared.word_blocks import Block
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

__all__ = ["EXAMPLES", "score"]

EXAMPLES = """\
Examples:

  morelike score latest emma xqzt
  morelike score latest emma --detail
  cat words.txt | morelike score runs/MY-RUN > scores.tsv
  morelike score latest --in words.csv --column name -o scores.jsonl
  morelike score latest emma xqzt --percentile --threshold fpr=0.01
  morelike score latest emma noah --labels
"""

COLUMNS = [
    WORD,
    Column("nats", "nats", ".4f"),
    Column("bits/char", "bits_per_character", ".4f"),
    Column("perplexity", "perplexity", ".3f"),
    Column("in", "in"),
]
PERCENTILE = Column("percentile", "percentile", ".1f")
ALIKE = Column("alike", "alike", answers=True)
LABELS = [Column("label", "label"), Column("p(label)", "label_probability", ".4f")]
ODD = "!"


def score(
    model: ModelName = "latest",
    /,
    *words: Annotated[str, Parameter(help="the words; none reads them from --in or standard input")],
    detail: Annotated[bool, Parameter(negative=(), help="the surprisal of each character, in bits; ! is odd")] = False,
    percentile: Annotated[
        bool, Parameter(negative=(), help="the percentage of held-out words of the same length that are less alike")
    ] = False,
    threshold: Annotated[
        str | None,
        Parameter(
            help="say yes or no of each word: `fpr=0.01` calls 1 % of real words unlike, wrongly; a number is the most "
            "bits per character that are alike"
        ),
    ] = None,
    listed: Annotated[
        str | None,
        Parameter(
            name="--list", help="the list that the model learned from, where no run names it, or other real words"
        ),
    ] = None,
    label: LabelName = None,
    labels: Annotated[
        bool, Parameter(negative=(), help="of each word its most probable label, and how probable that is")
    ] = False,
    unknown: UnknownPolicy = "error",
    source: InFile = None,
    in_format: InFormat = None,
    column: Columns = None,
    form: OutFormat = None,
    output: OutFile = None,
    as_json: Json = False,
    out: RunsFolder = "runs",
) -> int:
    """Say how alike words are to what a model learned: the lower the bits per character, the more alike.

    A word's figures count its end as one character more. nats is -ln p of the whole word. Held-out words are those of
    the dev part of the model's list. A list of any length is scored in a stream: block by block, in its order.
    """
    refuse_beside_json(as_json, form, output)
    loaded = api.load(model, out=Path(out)).conditioned_on(label)
    judge = Judge.of(loaded, unknown, percentile=percentile, threshold=threshold, detail=detail, labels=labels)
    if judge.compares:
        judge = judge.beside(model, listed, out)
    blocks = blocks_of(words, source, in_format, column, f"morelike score {model} emma")
    columns = [*COLUMNS, *([PERCENTILE] if percentile else []), *([ALIKE] if threshold else [])]
    columns += LABELS if labels else []
    if as_json or (form is None and output is None and (detail or sys.stdout.isatty())):
        _show(blocks, judge, columns, as_json=as_json)
    else:
        written = format_of(output, form, "tsv")
        if written == "lines":
            raise SettingError("scores are no plain lines: write them as CSV, TSV or JSONL (--format)")
        if detail and written != "jsonl":
            raise SettingError("--detail gives a list for each word, which takes JSONL (--format jsonl)")
        stream(blocks, judge.rows, judge.refuses, columns, written, output)
    for sentence in judge.remarks():
        person().print(Text(sentence))
    return 0


def _show(blocks: Iterable[Block], judge: Judge, columns: Sequence[Column], *, as_json: bool) -> None:
    """Print rows as one JSON value, as characters with their bits, or as tables on a terminal."""
    rows = rows_by_block(blocks, judge.rows, judge.refuses)
    if as_json:
        print_json({"words": list(chain.from_iterable(rows))})
    elif judge.detail:
        for each in rows:
            print_words(map(_spelled, each))
    else:
        for each in rows:
            print_rows([column.name for column in columns], ([column.cell(row) for column in columns] for row in each))


def _spelled(row: Mapping[str, Any]) -> str:
    characters = "  ".join(
        f"{each['character'] or '⏎'} {each['bits']:.2f}{ODD if each.get('odd') else ''}" for each in row["surprisal"]
    )
    return f"{row['word']}\t{row['bits_per_character']:.4f} bits/char\t{characters}"
