"""`morelike match`: matched sets of words, one from each list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from morelike.cli.shared.output import LIST_NAME, Json, ModelName, RunsFolder, person, print_json, print_rows
from morelike.cli.shared.word_lists import Among, cells, say_if_few
from morelike.errors import ListError, SettingError
from morelike.evaluation.lexical import COLUMNS
from morelike.text.reading import read_lines, read_text
from morelike.workflows import stimuli
from morelike.workflows.stimuli import MatchedWords

__all__ = ["EXAMPLES", "match"]

EXAMPLES = """\
Examples:

  morelike match latest animals.txt tools.txt -n 40 > pairs.tsv
  morelike match latest words.tsv --groups -n 40 --on length,old20,bits
  morelike match runs/MY-RUN a.txt b.txt c.txt -n 20 --summary
"""

SUMMARY = ["column", "list", "mean before", "SD before", "d before", "mean after", "SD after", "d after"]


def match(
    model: ModelName,
    /,
    *lists: Annotated[str, LIST_NAME],
    count: Annotated[int, Parameter(name=["--count", "-n"], help="how many sets")],
    groups: Annotated[
        bool, Parameter(negative=(), help="there is one list, each line a word, a tab and the name of its group")
    ] = False,
    on: Annotated[str, Parameter(help="columns to match on, with commas between them")] = ",".join(COLUMNS),
    summary: Annotated[bool, Parameter(negative=(), help="print how well the lists match, not the words")] = False,
    among: Among = None,
    as_json: Json = False,
    out: RunsFolder = "runs",
) -> int:
    """Choose matched sets of words, one from each of your lists, the closest first.

    Words are matched on the measures of `measure`, in standard deviations of all the words given. Of two lists the
    choice is the best there is; each further one is matched to the sets so far. Means, SDs and Cohen's d against the
    first list, before and after, are told beside it.
    """
    listed = None if among is None else read_lines(among)
    on_columns = [column.strip() for column in on.split(",") if column.strip()]
    found = stimuli.match(model, _read(lists, groups=groups), listed, count=count, on=on_columns, out=out)
    if as_json:
        print_json(_facts(found))
        return 0
    if summary:
        print_rows(SUMMARY, list(_summary(found)))
    else:
        print_rows(["set", "list", "word", "distance", *COLUMNS], list(_rows(found)))
        _tell(found)
    say_if_few(found.sets[0])
    return 0


def _read(sources: tuple[str, ...], *, groups: bool) -> dict[str, list[str]]:
    """Return the lists by name."""
    if groups:
        if len(sources) != 1:
            raise SettingError(f"--groups takes one list with a column of groups, not {len(sources)}")
        return _grouped(sources[0])
    if len(sources) < 2:
        raise SettingError("matching takes two lists or more, or one with --groups")
    if twice := next((source for source in sources if sources.count(source) > 1), None):
        raise SettingError(f"the list '{twice}' is given twice: matching takes different lists")
    lists = {Path(source).stem: read_lines(source) for source in sources}
    if len(lists) < len(sources):  # files of one name in several folders
        lists = {source: read_lines(source) for source in sources}
    return lists


def _grouped(source: str) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {}
    for number, line in enumerate(read_text(source).split("\n"), 1):
        word, tab, group = line.partition("\t")
        if not line.strip():
            continue
        if not (tab and word.strip() and group.strip()) or "\t" in group:
            raise ListError(f"'{source}', line {number}: expected word<TAB>group, got {line[:40]!r}")
        lists.setdefault(group.strip(), []).append(word)
    return lists


def _facts(found: MatchedWords) -> dict[str, Any]:
    words = [list(each.rows()) for each in found.sets]
    return {
        "lists": found.lists,
        "on": found.on,
        "nearest": found.sets[0].nearest,
        "sets": [
            {"distance": away, "words": {name: own[s] for name, own in zip(found.lists, words, strict=True)}}
            for s, away in enumerate(found.distances.tolist())
        ],
        "before": _balances(found, found.before),
        "after": _balances(found, found.after),
    }


def _balances(found: MatchedWords, balances: Any) -> dict[str, Any]:
    return {
        name: {column: vars(each) for column, each in zip(COLUMNS, own, strict=True)}
        for name, own in zip(found.lists, balances, strict=True)
    }


def _rows(found: MatchedWords) -> Iterator[list[str]]:
    words = [list(each.rows()) for each in found.sets]
    for s, away in enumerate(found.distances.tolist()):
        for name, own in zip(found.lists, words, strict=True):
            yield [str(s + 1), name, own[s]["word"], f"{away:.3f}", *cells(own[s])]


def _summary(found: MatchedWords) -> Iterator[list[str]]:
    for c, column in enumerate(COLUMNS):
        for i, (name, before, after) in enumerate(zip(found.lists, found.before, found.after, strict=True)):
            cell = [name]
            for each in (before[c], after[c]):
                cell += [f"{each.mean:.3f}", f"{each.sd:.3f}", f"{each.d:+.3f}" if i else ""]
            yield [column, *cell]


def _tell(found: MatchedWords) -> None:
    """Show a person how well the lists match, while the sets go to stdout."""
    table = Table(box=None, pad_edge=False)
    for i, column in enumerate(SUMMARY):
        table.add_column(column, justify="left" if i < 2 else "right")
    for row in _summary(found):
        table.add_row(*map(Text, row))
    console: Console = person()
    console.print(table)
