"""`morelike measure`: lexical measures of words, one row for each word."""

from __future__ import annotations

from morelike.cli.shared.formats import WORD
from morelike.cli.shared.output import print_json
from morelike.cli.shared.parameters import (
    PLAIN_LISTS,
    RUNS,
    ComparisonList,
    Json,
    ListFlags,
    ModelName,
    RunsFolder,
    Words,
)
from morelike.cli.shared.word_lists import MEASURES, note_few_neighbours, read_optional, words_from
from morelike.cli.shared.word_streams import STANDARD_OUTPUT, TableFiles, refuse_files_with_json
from morelike.workflows.stimuli import words as stimuli


def measure(
    model: ModelName = "latest",
    /,
    *words: Words,
    lists: ListFlags = PLAIN_LISTS,
    list_name: ComparisonList = None,
    files: TableFiles = STANDARD_OUTPUT,
    as_json: Json = False,
    out: RunsFolder = RUNS,
) -> None:
    """Measure words against a list, to choose stimuli and to report them.

    length is the number of characters. old20 is the mean edit distance to the 20 nearest words of the list. neighbours
    counts the words of the list at one substitution (Coltheart's N). bigrams and trigrams are the mean log10 of 1 + the
    frequency in the list, word ends included. bits is the model's surprisal per character. A word is no neighbour of
    itself. Repeated words of the list count once.

    Examples:
      morelike measure latest emma xqzt
      cat stimuli.txt | morelike measure runs/MY-RUN > stimuli.tsv
      morelike measure latest emma --list my-lexicon.txt --json
    """
    found = stimuli.measure(
        model, words_from(words, model, "measure", lists.reading), read_optional(list_name, lists.reading), out=out
    )
    refuse_files_with_json(as_json, files.form, files.output)
    if as_json:
        print_json({"nearest": found.nearest, "words": list(found.rows())})
    else:
        files.write([WORD, *MEASURES], found.rows())
        note_few_neighbours(found)
