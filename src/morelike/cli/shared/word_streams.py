"""A stream of words through a model: read in batches, turned into rows, written and flushed; memory stays constant."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from morelike.cli.shared.formats import WORD, Format, OutputColumn, encoder, format_of, header, open_output
from morelike.cli.shared.output import print_json, print_note, print_rows
from morelike.cli.shared.parameters import PLAIN_LISTS, ListFlags, option
from morelike.cli.shared.word_reader import WordBatch, WordReader
from morelike.errors import MorelikeError, SettingError
from morelike.language_model.model import LanguageModel

WordsFormat = Annotated[
    Format | None, option("the output format [default: by the file's ending; else lines]", "--format")
]
OutputFile = Annotated[Path | None, option("write to this file [default: standard output]", "--output", "-o")]

TAB = "\t"
CACHED_CHARACTERS = 1 << 23
"""The cache of written lines holds about this many characters; a word in the cache is not scored again."""


@Parameter(name="*")
@dataclass(frozen=True)
class WordFiles:
    """The flags of a command that reads words and writes a row for each."""

    source: Annotated[str | None, option("read words from this file [default: standard input]", "--in")] = None
    form: Annotated[
        Format | None, option("the output format [default: by the file's ending; else TSV]", "--format")
    ] = None
    output: OutputFile = None

    @property
    def format(self) -> Format:
        """The format of the output."""
        return format_of(self.output, self.form, "tsv")

    @property
    def to_table(self) -> bool:
        """Whether the rows are shown as a table on a terminal."""
        return self.form is None and self.output is None and sys.stdout.isatty()

    def check(self, content: str, *, as_json: bool) -> None:
        """Refuse --json together with a format or a file, and plain lines, which cannot hold the `content`.

        Raises:
            SettingError: one of them.
        """
        refuse_files_with_json(as_json, self.form, self.output)
        if self.format == "lines":
            raise SettingError(f"plain lines cannot hold {content}: write CSV, TSV or JSONL (--format)")


@Parameter(name="*")
@dataclass(frozen=True)
class TableFiles:
    """The flags of a command that writes a table."""

    form: Annotated[
        Format | None, option("the output format [default: by the file's ending; else TSV]", "--format")
    ] = None
    output: OutputFile = None

    def write(self, columns: Sequence[OutputColumn], rows: Iterable[Mapping[str, Any]], *, table: bool = True) -> None:
        """Write rows, or print them as a table if standard output is a terminal and neither flag is given."""
        if table and self.form is None and self.output is None and sys.stdout.isatty():
            print_rows([column.name for column in columns], ([column.cell(row) for column in columns] for row in rows))
        else:
            write_table(columns, rows, format_of(self.output, self.form, "tsv"), self.output)


STANDARD_OUTPUT = TableFiles()
"""Rows to standard output."""

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


def read_batches(words: Sequence[str], files: WordFiles, lists: ListFlags, example: str) -> Iterable[WordBatch]:
    """Return the words of the command line as one batch, or the reader of a file or of standard input.

    `example` is a command that names a word: the error proposes it if a terminal is the only source.

    Raises:
        SettingError: both words and a file, neither of them, or a file whose ending names no format.
    """
    if words:
        if files.source or lists != PLAIN_LISTS:
            raise SettingError(
                "words are given as arguments and as a file: leave out the arguments, or --in, --in-format, --column "
                "and --counts"
            )
        return [WordBatch(list(words), [])]
    if files.source is None and sys.stdin.isatty():
        raise SettingError(f"no words: name them (`{example}`), read a file with --in, or send a list through a pipe")
    source = files.source or "-"
    lists.reading.format_of(source)  # an unreadable format is refused before the model works
    return WordReader(source, lists.reading)


def refuse_files_with_json(as_json: bool, form: Format | None, output: Path | None) -> None:
    """Refuse --json together with another format or a file.

    Raises:
        SettingError: both are given.
    """
    if as_json and (form or output):
        raise SettingError("--json prints one value on standard output: write JSONL to a file or a pipe (--format)")


def row_batches(batches: Iterable[WordBatch], maker: RowMaker) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Yield the rows of each batch with the other columns of its words, for output that is printed, not streamed.

    Raises:
        MorelikeError: the error of `maker.rows`, with the number of the line if the words are read from lines.
    """
    for batch in batches:
        words = [word for word in batch.words if word]
        try:
            rows = iter(maker.rows(words) if words else [])
        except MorelikeError as error:
            raise _locate(batches, batch, maker, error)[1] from None
        empty = {column.name: None for column in maker.columns} | {"word": ""}
        figures = [next(rows) if word else empty for word in batch.words]
        if batch.rest is None:
            yield figures
        else:
            names = _names_of_rest([column.name for column in maker.columns], batch.rest)
            yield [
                {**row, **{names[name]: value for name, value in rest.items()}}
                for row, rest in zip(figures, batch.rest, strict=True)
            ]


def write_rows(batches: Iterable[WordBatch], maker: RowMaker, files: WordFiles, *, as_json: bool, **facts: Any) -> None:
    """Print the rows as one JSON value with other facts, or as tables on a terminal, or write them in a stream."""
    if as_json:
        print_json({**facts, "words": list(chain.from_iterable(row_batches(batches, maker)))})
    elif files.to_table:
        columns = maker.columns
        for rows in row_batches(batches, maker):
            cells = ([column.cell(row) for column in columns] for row in rows if row["word"])
            print_rows([column.name for column in columns], cells)
    else:
        _stream(batches, maker, files)


def _stream(batches: Iterable[WordBatch], maker: RowMaker, files: WordFiles) -> None:
    """Write a row for each word, in the order of the words, batch by batch, to a file or to standard output.

    A row keeps the other columns of its word. On standard output the rows before a rejected word are written; a file is
    written completely or not at all.

    Raises:
        MorelikeError: the error of `maker.rows`, with the number of the line.
        BrokenPipeError: the process that reads the output has ended.
    """
    reader = batches if isinstance(batches, WordReader) else None
    remaining = iter(batches)
    first = next(remaining)  # an unreadable source leaves the output file as it was
    writer = _RowWriter(maker, files.format, first.rest)
    head = writer.header
    with open_output(files.output, reader.source if reader else None) as out:
        for batch in chain([first], remaining):
            try:
                out.writelines(chain([head], writer.lines(batch)))
            except MorelikeError as error:
                accepted, located = _locate(batches, batch, maker, error)
                out.writelines(chain([head] if accepted else [], writer.lines(batch.slice(0, accepted))))
                raise located from None
            out.flush()
            head = ""
    if reader and reader.blank:
        print_note(f"Left out: {reader.blank:,} lines without a word.")


class _RowWriter:
    """The lines of rows in a format: the figures of a word, then the other columns of its row in the input.

    Other columns that have the name of a figure are renamed, with a note.
    """

    def __init__(self, maker: RowMaker, form: Format, rest: Sequence[Mapping[str, Any]] | None) -> None:
        self._form = form
        self._cache = _LineCache(maker.rows, encoder(form, maker.columns))
        figures = [column.name for column in maker.columns]
        self._names = {} if rest is None else _names_of_rest(figures, rest)
        self._blank = _blank_line(form, figures)
        for given, name in self._names.items():
            if given != name:
                print_note(f"Note: the column '{given}' of the input is written as '{name}'.")
        self.header = header(form, [*figures, *self._names.values()])

    def lines(self, batch: WordBatch) -> Iterator[str]:
        """Return the line of each row of a batch."""
        if batch.rest is None:
            return self._cache.lines(batch.words)
        figures = self._cache.lines([word for word in batch.words if word])
        lines = (next(figures) if word else self._blank for word in batch.words)
        return map(self._extended, lines, batch.rest, batch.lines)

    def _extended(self, line: str, rest: Mapping[str, Any], number: int) -> str:
        """Return a line of figures with the other columns after them."""
        if not self._names and not rest:
            return line
        if self._form == "jsonl":
            named = {self._names.get(name, name): value for name, value in rest.items()}
            return f"{line[:-2]}, {json.dumps(named, ensure_ascii=False)[1:]}\n" if named else line
        if unnamed := next((name for name in rest if name not in self._names), None):
            raise SettingError(f"line {number} has the key '{unnamed}', which the first lines lack: write JSONL")
        columns = [OutputColumn(name) for name in self._names]
        cells = {name: _as_text(rest.get(name)) for name in self._names}
        return f"{line[:-1]}{',' if self._form == 'csv' else TAB}{encoder(self._form, columns)(cells)}"


def _names_of_rest(figures: Sequence[str], rest: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the name in the output of each other column of the input; no column is lost to a figure's name."""
    given = list(dict.fromkeys(chain.from_iterable(rest)))
    taken, names = {*figures, *given}, {}
    for name in given:
        new = name
        while new in figures or (new != name and new in taken):
            new = f"input_{new}"
        names[name] = new
        taken.add(new)
    return names


def _blank_line(form: Format, figures: Sequence[str]) -> str:
    """Return the line of a row without a word: its figures are empty."""
    if form == "jsonl":
        return json.dumps({name: "" if name == "word" else None for name in figures}) + "\n"
    return encoder(form, list(map(OutputColumn, figures)))(dict.fromkeys(figures, ""))


def _as_text(value: Any) -> str:
    """Return a value of the input as a cell of a table."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def write_words(model: LanguageModel, words: Sequence[str], form: Format | None, output: Path | None) -> None:
    """Write words that a model made. Every format but plain lines adds the part of the list that holds the word."""
    rows = [{"word": word, "in": part} for word, part in zip(words, model.known.splits_of(words), strict=True)]
    write_table([WORD, OutputColumn("in")], rows, format_of(output, form, "lines"), output)


def write_table(
    columns: Sequence[OutputColumn], rows: Iterable[Mapping[str, Any]], form: Format, output: Path | None
) -> None:
    """Write rows with a header to a file or to standard output, each row as soon as it is there."""
    encode = encoder(form, columns)
    with open_output(output, None) as out:
        out.write(header(form, [column.name for column in columns]))
        for row in rows:
            out.write(encode(row))


def _locate(
    batches: Iterable[WordBatch], batch: WordBatch, maker: RowMaker, error: MorelikeError
) -> tuple[int, MorelikeError]:
    """Return the number of words before the rejected word, and the error with its line if the words have lines."""
    i = next((i for i, word in enumerate(batch.words) if word and maker.rejects(word)), None)
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
