"""`morelike score`: how likely words are under a model."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Annotated, Any

from morelike import api
from morelike.cli.shared.formats import WORD, OutputColumn
from morelike.cli.shared.output import print_note, print_words
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
from morelike.cli.shared.scores import Scorer
from morelike.cli.shared.word_streams import (
    STANDARD_STREAMS,
    RowMaker,
    WordFiles,
    read_batches,
    row_batches,
    write_rows,
)
from morelike.errors import SettingError

COLUMNS = [
    WORD,
    OutputColumn("nats", ".4f"),
    OutputColumn("bits_per_character", ".4f"),
    OutputColumn("perplexity", ".3f"),
    OutputColumn("in"),
]
PERCENTILE = OutputColumn("percentile", ".1f")
ALIKE = OutputColumn("alike", boolean=True)
LABELS = [OutputColumn("label"), OutputColumn("label_probability", ".4f")]
ODD = "!"


def score(
    model: ModelName = "latest",
    /,
    *words: Streamed,
    detail: Annotated[bool, option("each character's surprisal in bits; ! marks an odd one")] = False,
    percentile: Annotated[bool, option("the percentage of held-out words of this length that fit worse")] = False,
    threshold: Annotated[
        str | None,
        option(
            "mark words as alike up to this many bits per character; fpr=0.01: what 1 % of dev words as long exceed"
        ),
    ] = None,
    list_name: Annotated[
        str | None, option("real words to compare with [default: the model's own list]", "--list")
    ] = None,
    label: LabelName = None,
    labels: Annotated[bool, option("each word's most probable label and its probability")] = False,
    unknown: UnknownPolicy = "error",
    files: WordFiles = STANDARD_STREAMS,
    lists: ListFlags = PLAIN_LISTS,
    as_json: Json = False,
    out: RunsFolder = RUNS,
) -> None:
    """Score how well words fit the list that a model learned from: fewer bits per character fit better.

    A word's figures include its end as one more character. nats is -ln p of the whole word. Held-out words are the dev
    part of the model's list. Words are scored in their order, batch by batch, so a list may have any length.

    Examples:
      morelike score latest emma xqzt
      morelike score latest emma --detail
      cat words.txt | morelike score runs/MY-RUN > scores.tsv
      morelike score latest --in words.csv --column name -o scores.jsonl
      morelike score latest emma xqzt --percentile --threshold fpr=0.01
      morelike score latest emma noah --labels
    """
    files.check("scores", as_json=as_json)
    loaded = api.load(model, out=out).conditioned_on(label)
    if labels and not loaded.labels:
        raise SettingError("--labels: the model learned from a list without labels, so it knows none")
    scorer = Scorer(loaded, unknown, percentile, detail, labels)
    scorer = (scorer.with_threshold(threshold) if threshold else scorer).calibrated(
        model, list_name, out, lists.reading
    )
    columns = [*COLUMNS, *([PERCENTILE] if percentile else []), *([ALIKE] if threshold else [])]
    maker = RowMaker(scorer.rows, scorer.rejects, columns + LABELS if labels else columns)
    batches = read_batches(words, files, lists, f"morelike score {model} emma")
    if detail and not (as_json or files.form or files.output):
        print_words(map(_spelled, chain.from_iterable(row_batches(batches, maker))))
    elif detail and not as_json and files.format != "jsonl":
        raise SettingError("--detail gives a list for each word, which needs JSONL (--format jsonl)")
    else:
        write_rows(batches, maker, files, as_json=as_json)
    print_note(*scorer.notes())


def _spelled(row: Mapping[str, Any]) -> str:
    characters = "  ".join(
        f"{each['character'] or '⏎'} {each['bits']:.2f}{ODD if each.get('odd') else ''}" for each in row["surprisal"]
    )
    return f"{row['word']}\t{row['bits_per_character']:.4f} bits/char\t{characters}"
