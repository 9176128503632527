"""A stream of words through a model: read in batches, turned into rows, written and flushed; memory stays constant."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from morelike.cli.shared.formats import WORD, Format, OutputColumn, encoder, format_of, header, open_output
from morelike.cli.shared.output import print_json, print_note, print_rows
from morelike.cli.shared.parameters import option
from morelike.cli.shared.word_reader import WordBatch, WordReader
from morelike.errors import MorelikeError, SettingError
from morelike.language_model.model import LanguageModel

WordsFormat = Annotated[
    Format | None, option("the output format [default: by the file's ending; else lines]", "--format")
]
OutputFile = Annotated[Path | None, option("write to this file [default: standard output]", "--output", "-o")]

CACHED_CHARACTERS = 1 << 23
"""The cache of written lines holds about this many characters; a word in the cache is not scored again."""


@Parameter(name="*")
@dataclass(frozen=True)
class WordFiles:
    """The flags of a command that reads words and writes a row for each."""

    source: Annotated[str | None, option("read words from this file [default: standard input]", "--in")] = None
    in_format: Annotated[
        Format | None, option("the input format [default: by the file's ending; from a pipe: lines]")
    ] = None
    column: Annotated[str | None, option("the column or JSON key that holds the words [default: word]")] = None
    form: Annotated[
        Format | None, option("the output format [default: by the file's ending; else TSV]", "--format")
    ] = None
    output: OutputFile = None

    @property
    def format(self) -> Format:
        """The format of the output."""
        return format_of(self.output, self.form, "tsv")

    def check(self, content: str, *, as_json: bool) -> None:
        """Refuse --json together with a format or a file, and plain lines, which cannot hold the `content`.

        Raises:
            SettingError: one of them.
        """
        refuse_files_with_json(as_json, self.form, self.output)
        if self.format == "lines":
            raise SettingError(f"plain lines cannot hold {content}: write CSV, TSV or JSONL (--format)")


STANDARD_STREAMS = WordFiles()
"""Words from standard input, rows to standard output."""


@dataclass(frozen=True)
class RowMaker:
    """How a command makes rows of words.

    `rows` takes distinct words and returns a row for each. `rejects` says whether a word makes `rows` raise an error.
    """

    rows: Callable[[Sequence[str]], Sequence[Mapping[str, Any]]]
    rejects: Callable[[str], bool]
    columns: Sequence[OutputColumn]


def read_batches(words: Sequence[str], files: WordFiles, example: str) -> Iterable[WordBatch]:
    """Return the words of the command line as one batch, or the reader of a file or of standard input.

    `example` is a command that names a word: the error proposes it if a terminal is the only source.

    Raises:
        SettingError: both words and a file, neither of them, or a file whose ending names no format.
    """
    if words:
        if files.source or files.in_format or files.column:
            raise SettingError(
                "words are given as arguments and as a file: leave out the arguments, or --in, --in-format and --column"
            )
        return [WordBatch(list(words), [])]
    if files.source is None and sys.stdin.isatty():
        raise SettingError(f"no words: name them (`{example}`), read a file with --in, or send a list through a pipe")
    return WordReader(files.source or "-", format_of(files.source, files.in_format, "lines"), files.column)


def refuse_files_with_json(as_json: bool, form: Format | None, output: Path | None) -> None:
    """Refuse --json together with another format or a file.

    Raises:
        SettingError: both are given.
    """
    if as_json and (form or output):
        raise SettingError("--json prints one value on standard output: write JSONL to a file or a pipe (--format)")


def row_batches(batches: Iterable[WordBatch], maker: RowMaker) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Yield the rows of each batch, for output that is printed rather than streamed.

    Raises:
        MorelikeError: the error of `maker.rows`, with the number of the line if the words are read from lines.
    """
    for batch in batches:
        try:
            rows = maker.rows(batch.words)
        except MorelikeError as error:
            raise _locate(batches, batch, maker, error)[1] from None
        yield rows


def write_rows(batches: Iterable[WordBatch], maker: RowMaker, files: WordFiles, *, as_json: bool, **facts: Any) -> None:
    """Print the rows as one JSON value with other facts, or as tables on a terminal, or write them in a stream."""
    if as_json:
        print_json({**facts, "words": list(chain.from_iterable(row_batches(batches, maker)))})
    elif files.form is None and files.output is None and sys.stdout.isatty():
        columns = maker.columns
        for rows in row_batches(batches, maker):
            print_rows([column.name for column in columns], ([column.cell(row) for column in columns] for row in rows))
    else:
        _stream(batches, maker, files)


def _stream(batches: Iterable[WordBatch], maker: RowMaker, files: WordFiles) -> None:
    """Write a row for each word, in the order of the words, batch by batch, to a file or to standard output.

    The rows before a rejected word are written.

    Raises:
        MorelikeError: the error of `maker.rows`, with the number of the line.
        BrokenPipeError: the process that reads the output has ended.
    """
    reader = batches if isinstance(batches, WordReader) else None
    cache = _LineCache(maker.rows, encoder(files.format, maker.columns))
    remaining = iter(batches)
    first = next(remaining)  # an unreadable source leaves the output file as it was
    head = header(files.format, maker.columns)
    with open_output(files.output, reader.source if reader else None) as out:
        for batch in chain([first], remaining):
            try:
                out.writelines(chain([head], cache.lines(batch.words)))
            except MorelikeError as error:
                accepted, located = _locate(batches, batch, maker, error)
                out.writelines(chain([head] if accepted else [], cache.lines(batch.words[:accepted])))
                raise located from None
            out.flush()
            head = ""
    if reader and reader.blank:
        print_note(f"Left out: {reader.blank:,} {'lines' if reader.form == 'lines' else 'rows'} without a word.")


def write_words(model: LanguageModel, words: Sequence[str], form: Format | None, output: Path | None) -> None:
    """Write words that a model made. Every format but plain lines adds the part of the list that holds the word."""
    rows = [{"word": word, "in": part} for word, part in zip(words, model.known.splits_of(words), strict=True)]
    form = format_of(output, form, "lines")
    columns = [WORD, OutputColumn("in", "in")]
    with open_output(output, None) as out:
        out.write(header(form, columns))
        out.writelines(map(encoder(form, columns), rows))


def _locate(
    batches: Iterable[WordBatch], batch: WordBatch, maker: RowMaker, error: MorelikeError
) -> tuple[int, MorelikeError]:
    """Return the number of words before the rejected word, and the error with its line if the words have lines."""
    i = next((i for i, word in enumerate(batch.words) if maker.rejects(word)), None)
    if i is None or not isinstance(batches, WordReader):
        return 0, error
    return i, type(error)(f"{batches.shown}, line {batch.lines[i]}: {error}")


class _LineCache:
    """The output lines of words; recent lines are kept."""

    def __init__(
        self,
        rows: Callable[[Sequence[str]], Sequence[Mapping[str, Any]]],
        encode: Callable[[Mapping[str, Any]], str],
    ) -> None:
        self._rows, self._encode = rows, encode
        self._cached: dict[str, str] = {}
        self._size = 0

    def lines(self, words: Sequence[str]) -> Iterator[str]:
        """Return the line of each word; the distinct new words go through the model together."""
        if self._size > CACHED_CHARACTERS:
            self._cached, self._size = {}, 0
        new = [word for word in dict.fromkeys(words) if word not in self._cached]
        if new:
            lines = [self._encode(row) for row in self._rows(new)]
            self._cached.update(zip(new, lines, strict=True))
            self._size += sum(map(len, new)) + sum(map(len, lines))
        return map(self._cached.__getitem__, words)
