"""`morelike similar`: the nearest words of a list."""

from __future__ import annotations

from dataclasses import asdict
from itertools import chain
from typing import Annotated

from morelike.cli.shared.formats import WORD, OutputColumn
from morelike.cli.shared.output import print_json, print_note
from morelike.cli.shared.parameters import (
    PLAIN_LISTS,
    RUNS,
    ComparisonList,
    CountEach,
    Json,
    ListFlags,
    ModelName,
    RunsFolder,
    Words,
    option,
)
from morelike.cli.shared.word_lists import read_optional, words_from
from morelike.cli.shared.word_streams import STANDARD_OUTPUT, TableFiles, refuse_files_with_json
from morelike.language_model.word_embeddings import Embed
from morelike.text.words import clean
from morelike.workflows.stimuli.words import By, inseparable_note, similar_each

COSINE = OutputColumn("cosine", ".4f")


def similar(
    model: ModelName = "latest",
    /,
    *words: Words,
    count: CountEach = 20,
    by: Annotated[
        By | None,
        option("the cosine of the model's word embeddings [default, if the kind has them], or the edit distance"),
    ] = None,
    embed: Annotated[Embed, option("for recurrent networks: the mean of a word's states, or the last")] = "mean",
    lists: ListFlags = PLAIN_LISTS,
    list_name: ComparisonList = None,
    files: TableFiles = STANDARD_OUTPUT,
    as_json: Json = False,
    out: RunsFolder = RUNS,
) -> None:
    """Find the words of a list that are most similar to a word, which may itself be in the list or not.

    Recurrent networks compare words by their states, window models by the embeddings of their characters. Kinds of
    model without an embedding compare by edits.

    Examples:
      morelike similar latest emma
      morelike similar latest emma xqzt --by edits -n 5
      morelike similar runs/MY-RUN brandy --list my-brands.txt --embed last
    """
    given = words_from(words, model, "similar", lists.reading)
    found = similar_each(
        model, given, read_optional(list_name, lists.reading), by=by, embed=embed, count=count, out=out
    )
    pairs = list(zip(map(clean, given), found, strict=True))
    by = "edits" if any(each.cosine is None for each in chain.from_iterable(found)) else "embedding"
    print_note(*filter(None, [inseparable_note(given, found)]))
    refuse_files_with_json(as_json, files.form, files.output)
    if as_json:
        print_json({"by": by, "words": [{"word": word, "similar": list(map(asdict, each))} for word, each in pairs]})
        return
    columns = [WORD, OutputColumn("similar"), *([COSINE] if by == "embedding" else []), OutputColumn("edits")]
    rows = (
        {"word": word, "similar": each.word, "cosine": each.cosine, "edits": each.edits}
        for word, neighbours in pairs
        for each in neighbours
    )
    files.write(columns, rows)
