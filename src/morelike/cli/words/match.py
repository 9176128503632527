"""`morelike match`: matched sets of words, one word from each list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

from morelike.cli.shared.formats import WORD, OutputColumn
from morelike.cli.shared.output import plain_table, print_json, print_note, print_rows
from morelike.cli.shared.parameters import (
    PLAIN_LISTS,
    RUNS,
    ComparisonList,
    Json,
    ListFlags,
    ListName,
    ModelName,
    RunsFolder,
    option,
)
from morelike.cli.shared.word_lists import MEASURES, note_few_neighbours, read_optional
from morelike.cli.shared.word_streams import STANDARD_OUTPUT, TableFiles, refuse_files_with_json
from morelike.errors import ListError, SettingError, excerpt
from morelike.evaluation.lexical import COLUMNS
from morelike.text.formats.options import ReadingOptions
from morelike.text.formats.table import begins_with_header
from morelike.text.reading import read_corpus, read_lines, read_text
from morelike.workflows.stimuli import words as stimuli
from morelike.workflows.stimuli.words import MatchedWords

SUMMARY = ["column", "list", *(f"{each} {when}" for when in ("before", "after") for each in ("mean", "SD", "d"))]
SUMMARY += ["paired p after"]


def match(
    model: ModelName,
    /,
    *lists: ListName,
    count: Annotated[int, option("the number of sets", "--count", "-n")],
    groups: Annotated[bool, option("read one list: each line is a word, a tab and a group")] = False,
    on: Annotated[str, option("the columns to match on, separated by commas")] = ",".join(COLUMNS),
    summary: Annotated[bool, option("print how well the lists match, not the words")] = False,
    files: ListFlags = PLAIN_LISTS,
    list_name: ComparisonList = None,
    output: TableFiles = STANDARD_OUTPUT,
    as_json: Json = False,
    out: RunsFolder = RUNS,
) -> None:
    """Choose matched sets of words, one word from each of your lists, the closest sets first.

    Words are matched on the measures of `morelike measure`, in standard deviations of all the given words. For two
    lists the choice is optimal; each further list is matched to the sets so far. A table on stderr shows the means, the
    SDs and Cohen's d against the first list, before and after matching, and the p-value of a paired t-test afterwards.
    The paired test finds small differences that nearly all sets share.

    Examples:
      morelike match latest animals.txt tools.txt -n 40 > pairs.tsv
      morelike match latest words.tsv --groups -n 40 --on length,old20,bits
      morelike match runs/MY-RUN a.txt b.txt c.txt -n 20 --summary
    """
    on_columns = [column.strip() for column in on.split(",") if column.strip()]
    words = _read_groups(lists, files.reading) if groups else _read_lists(lists, files.reading)
    found = stimuli.match(model, words, read_optional(list_name, files.reading), count=count, on=on_columns, out=out)
    refuse_files_with_json(as_json, output.form, output.output)
    if as_json:
        print_json(_facts(found))
        return
    if summary:
        print_rows(SUMMARY, _summary(found))
    else:
        columns = [OutputColumn("set"), OutputColumn("list"), WORD, OutputColumn("distance", ".3f"), *MEASURES]
        output.write(columns, _rows(found))
        print_note(plain_table(SUMMARY, _summary(found), left=2))
    note_few_neighbours(found.sets[0])


def _read_lists(sources: Sequence[str], reading: ReadingOptions) -> dict[str, list[str]]:
    """Return the words of each list by its name."""
    if len(sources) < 2:
        raise SettingError("matching takes two lists or more, or one with --groups")
    if twice := next((source for source in sources if sources.count(source) > 1), None):
        raise SettingError(f"the list '{twice}' is given twice: matching takes different lists")
    names = [Path(source).stem for source in sources]
    names = names if len(set(names)) == len(names) else list(sources)  # files of one name in several folders
    return {name: read_lines(source, reading) for name, source in zip(names, sources, strict=True)}


def _read_groups(sources: Sequence[str], reading: ReadingOptions) -> dict[str, list[str]]:
    """Return the words of each group of a list by the name of the group."""
    if len(sources) != 1:
        raise SettingError(f"--groups takes one list with a column of groups, not {len(sources)}")
    if reading.format_of(sources[0]) not in ("lines", "tsv"):
        return _groups_of_table(sources[0], reading)
    groups: dict[str, list[str]] = {}
    text = read_text(sources[0])
    if sources[0] != "-" and begins_with_header(text.partition("\n")[0], reading.column):
        return _groups_of_table(sources[0], reading)
    for number, line in enumerate(text.split("\n"), 1):
        word, tab, group = line.partition("\t")
        if not line.strip():
            continue
        if not (tab and word.strip() and group.strip()) or "\t" in group:
            raise ListError(f"'{sources[0]}', line {number}: expected word<TAB>group, got {excerpt(line[:40])}")
        groups.setdefault(group.strip(), []).append(word)
    return groups


def _groups_of_table(source: str, reading: ReadingOptions) -> dict[str, list[str]]:
    """Return the words of each group of a table with the columns `word` and `group`."""
    corpus = read_corpus(source, options=reading)
    groups: dict[str, list[str]] = {}
    for word, group in zip(corpus.words, corpus.labels or [""] * len(corpus.words), strict=True):
        if not group:
            raise ListError(f"'{source}': the word {excerpt(word)} has no group: name it in the column 'group'")
        groups.setdefault(group, []).append(word)
    return groups


def _sets(found: MatchedWords) -> Iterator[tuple[float, dict[str, dict[str, Any]]]]:
    """Yield the distance of each set, and the measures of its word from each list."""
    columns = [measures.rows() for measures in found.sets]
    for distance, *words in zip(found.distances.tolist(), *columns, strict=True):
        yield distance, dict(zip(found.lists, words, strict=True))


def _facts(found: MatchedWords) -> dict[str, Any]:
    return {
        "lists": found.lists,
        "on": found.on,
        "nearest": found.sets[0].nearest,
        "sets": [{"distance": distance, "words": words} for distance, words in _sets(found)],
        "before": _balances(found, found.before),
        "after": _balances(found, found.after),
    }


def _balances(found: MatchedWords, balances: Any) -> dict[str, Any]:
    return {
        name: {column: vars(each) for column, each in zip(COLUMNS, balance, strict=True)}
        for name, balance in zip(found.lists, balances, strict=True)
    }


def _rows(found: MatchedWords) -> Iterator[dict[str, Any]]:
    for number, (distance, words) in enumerate(_sets(found), 1):
        for name, row in words.items():
            yield {"set": number, "list": name, **row, "distance": distance}


def _summary(found: MatchedWords) -> Iterator[list[str]]:
    for c, column in enumerate(COLUMNS):
        for i, (name, before, after) in enumerate(zip(found.lists, found.before, found.after, strict=True)):
            cells = [name]
            for each in (before[c], after[c]):
                cells += [f"{each.mean:.3f}", f"{each.sd:.3f}", f"{each.d:+.3f}" if i else ""]
            yield [column, *cells, f"{after[c].p:.3g}" if i else ""]
