"""`morelike pseudowords`: new words that resemble a given word."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from cyclopts import Parameter

from morelike.cli.shared.formats import WORD, OutputColumn
from morelike.cli.shared.output import print_json
from morelike.cli.shared.parameters import (
    PLAIN_LISTS,
    RUNS,
    BlockLists,
    ComparisonList,
    CountEach,
    Json,
    ListFlags,
    ModelName,
    RunsFolder,
    SampleSeed,
    Words,
    option,
)
from morelike.cli.shared.word_lists import MEASURES, note_few_neighbours, read_optional, words_from
from morelike.cli.shared.word_streams import STANDARD_OUTPUT, TableFiles, refuse_files_with_json
from morelike.sampling.constraints.settings import Constraints
from morelike.text.reading import read_lines
from morelike.workflows.stimuli.pseudowords import Pseudowords, pseudowords_each

ANY_WORD = Constraints()


def pseudowords(
    model: ModelName = "latest",
    /,
    *words: Words,
    count: CountEach = 10,
    candidates: Annotated[int, option("the number of words of the same length to choose from")] = 1000,
    constraints: Annotated[Constraints, Parameter(name="*")] = ANY_WORD,
    block: BlockLists = (),
    seed: SampleSeed = None,
    lists: ListFlags = PLAIN_LISTS,
    list_name: ComparisonList = None,
    files: TableFiles = STANDARD_OUTPUT,
    as_json: Json = False,
    out: RunsFolder = RUNS,
) -> None:
    """Make new words that resemble a given word: of the same length, with the nearest values in `morelike measure`.

    The new words have capitals, other letters, digits and signs in the same places as the word (--shape gives another
    one), and satisfy all constraints. The given word is the first row, with distance 0. The new words follow, the
    closest first. The distance is the root mean square of the differences, in standard deviations of the candidates. No
    new word is in the list.

    Examples:
      morelike pseudowords latest emma
      morelike pseudowords latest emma olivia -n 5 --candidates 5000 --seed 1
      morelike pseudowords latest emma --suffix a --not-contains mm
      cat words.txt | morelike pseudowords runs/MY-RUN -n 1 --list my-lexicon.txt > stimuli.tsv
    """
    seed = secrets.randbits(32) if seed is None else seed
    blocked = [text for name in block for text in read_lines(name, lists.reading)]
    given = words_from(words, model, "pseudowords", lists.reading)
    found = pseudowords_each(
        model,
        given,
        read_optional(list_name, lists.reading),
        count=count,
        candidates=candidates,
        seed=seed,
        out=out,
        **{**constraints.model_dump(), "not_contains": (*constraints.not_contains, *blocked)},
    )
    refuse_files_with_json(as_json, files.form, files.output)
    if as_json:
        print_json({"seed": seed, "nearest": found[0].base.nearest, "words": [_facts(made) for made in found]})
    else:
        columns = [OutputColumn("base"), WORD, OutputColumn("distance", ".3f"), *MEASURES]
        files.write(columns, (row for made in found for row in _rows(made)))
        note_few_neighbours(found[0].base)


def _facts(made: Pseudowords) -> dict[str, Any]:
    (base,) = made.base.rows()
    new = [
        row | {"distance": distance} for row, distance in zip(made.found.rows(), made.distances.tolist(), strict=True)
    ]
    return {"base": base, "candidates": made.candidates, "pseudowords": new}


def _rows(made: Pseudowords) -> list[dict[str, Any]]:
    (word,) = made.base.words
    measured = zip([*made.base.rows(), *made.found.rows()], [0.0, *made.distances.tolist()], strict=True)
    return [{"base": word, **row, "distance": distance} for row, distance in measured]
