"""A stream of words through a model: read in blocks, scored, written, flushed; memory stays constant."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from cyclopts import Parameter

from morelike.cli.shared.formats import WORD, Column, Format, encoder, format_of, header, opened
from morelike.cli.shared.output import person
from morelike.cli.shared.word_blocks import Block, Reader
from morelike.errors import MorelikeError, SettingError
from morelike.language_model.model import LanguageModel

__all__ = [
    "Columns",
    "InFile",
    "InFormat",
    "OutFile",
    "OutFormat",
    "WordsFormat",
    "blocks_of",
    "refuse_beside_json",
    "rows_by_block",
    "stream",
    "write_words",
]

InFile: TypeAlias = Annotated[
    str | None, Parameter(name="--in", help="read the words from this file [default: standard input]")
]
InFormat: TypeAlias = Annotated[
    Format | None, Parameter(help="what is read [default: by the file's ending; from a pipe plain lines]")
]
Columns: TypeAlias = Annotated[
    str | None, Parameter(name="--column", help="the column, or JSON's key, that holds the words [default: word]")
]
OutFormat: TypeAlias = Annotated[
    Format | None, Parameter(name="--format", help="what is written [default: by the ending of --output; else TSV]")
]
WordsFormat: TypeAlias = Annotated[
    Format | None,
    Parameter(name="--format", help="how words are written [default: by the ending of --output; else plain lines]"),
]
OutFile: TypeAlias = Annotated[
    Path | None, Parameter(name=["--output", "-o"], help="write to this file [default: standard output]")
]

REMEMBERED = 1 << 23
"""Characters of written lines that are kept, so that a word that comes again is not scored again."""

Rows: TypeAlias = Callable[[Sequence[str]], Sequence[Mapping[str, Any]]]
IsBad: TypeAlias = Callable[[str], bool]


def blocks_of(
    words: Sequence[str], source: str | None, form: Format | None, column: str | None, named: str
) -> Iterable[Block]:
    """Return the words that were named as one block, or the reader of a file or of standard input.

    `named` is the command with a word named, which is proposed where nothing is given at a terminal.

    Raises:
        SettingError: words both named and to be read, none at all, or a file whose ending names no format.
    """
    if words:
        if source or form or column:
            raise SettingError("the words are named, so nothing is read: leave out --in, --in-format and --column")
        return [Block(list(words), [])]
    if source is None and sys.stdin.isatty():
        raise SettingError(f"no words: name them (`{named}`), read a file with --in, or send a list through a pipe")
    return Reader(source or "-", format_of(source, form, "lines"), column)


def refuse_beside_json(as_json: bool, form: Format | None, output: Path | None) -> None:
    """Refuse --json together with another format or a file.

    Raises:
        SettingError: they are.
    """
    if as_json and (form or output):
        raise SettingError("--json is one value on standard output: into files and pipes write JSONL (--format)")


def rows_by_block(blocks: Iterable[Block], rows: Rows, is_bad: IsBad) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Yield the rows of each block, for what is printed and not streamed.

    Raises:
        MorelikeError: that of `rows`, with the number of the line where the words are read.
    """
    for block in blocks:
        try:
            found = rows(block.words)
        except MorelikeError as error:
            raise _at_line(blocks, block, is_bad, error)[1] from None
        yield found


def stream(
    blocks: Iterable[Block],
    rows: Rows,
    is_bad: IsBad,
    columns: Sequence[Column],
    form: Format,
    output: Path | None,
) -> None:
    """Write a row for each word, in the order of the words, block by block.

    Args:
        blocks: the words; a `Reader`, or one block of those that were named.
        rows: from distinct words to their rows.
        is_bad: whether a word is one that `rows` refuses; what stands before it is written all the same.
        columns: of tables.
        form: what is written.
        output: a file; None is standard output.

    Raises:
        MorelikeError: that of `rows`, with the number of the line.
        BrokenPipeError: whoever read the output has gone.
    """
    source = blocks if isinstance(blocks, Reader) else None
    lines = _Lines(rows, encoder(form, columns))
    waiting = iter(blocks)
    first = next(waiting)  # what cannot be read leaves the output's file as it was
    names = header(form, columns)
    with opened(output, source.source if source else None) as out:
        for block in chain([first], waiting):
            try:
                out.writelines(chain([names], lines.of(block.words)))
            except MorelikeError as error:
                at, told = _at_line(blocks, block, is_bad, error)
                out.writelines(chain([names] if at else [], lines.of(block.words[:at])))
                raise told from None
            out.flush()
            names = ""
    if source and source.blank:
        what = "lines" if source.form == "lines" else "rows"
        person().print(f"Left out: {source.blank:,} {what} without a word.")


def write_words(model: LanguageModel, words: Sequence[str], form: Format | None, output: Path | None) -> None:
    """Write words that a model made; beside each, but for plain lines, in which part of its list it stands."""
    rows = [{"word": word, "in": where} for word, where in zip(words, model.known.splits_of(words), strict=True)]
    written = format_of(output, form, "lines")
    columns = [WORD, Column("in", "in")]
    with opened(output, None) as out:
        out.write(header(written, columns))
        out.writelines(map(encoder(written, columns), rows))


def _at_line(blocks: Iterable[Block], block: Block, is_bad: IsBad, error: MorelikeError) -> tuple[int, MorelikeError]:
    """Return how many words of a block stand before the bad one, and the error with its line, where there is one."""
    at = next((i for i, word in enumerate(block.words) if is_bad(word)), None)
    if at is None or not isinstance(blocks, Reader):
        return 0, error
    return at, type(error)(f"{blocks.shown}, line {block.lines[at]}: {error}")


class _Lines:
    """The lines of words; those of late are remembered."""

    def __init__(self, rows: Rows, encode: Callable[[Mapping[str, Any]], str]) -> None:
        self._rows, self._encode = rows, encode
        self._known: dict[str, str] = {}
        self._size = 0

    def of(self, words: Sequence[str]) -> Iterator[str]:
        """Return the line of each word; those that are new, each once, go through the model together."""
        if self._size > REMEMBERED:
            self._known, self._size = {}, 0
        new = [word for word in dict.fromkeys(words) if word not in self._known]
        if new:
            lines = [self._encode(row) for row in self._rows(new)]
            self._known.update(zip(new, lines, strict=True))
            self._size += sum(map(len, new)) + sum(map(len, lines))
        return map(self._known.__getitem__, words)
