"""Reading a list of words or a running text from a file, from standard input, or from the lists of the catalogue."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from morelike.errors import ListError
from morelike.text.block_reader import BlockReader
from morelike.text.corpus import Corpus
from morelike.text.decoding import decode_blocks
from morelike.text.formats.options import DEFAULTS, ReadingOptions
from morelike.text.sources import check_path, display_name, open_source
from morelike.text.words import MIN_TEXT_LENGTH, Form, normalize


def read_lines(source: str | Path, options: ReadingOptions = DEFAULTS) -> list[str]:
    """Return the words of a list, cleaned.

    The list is UTF-8, or UTF-16 with a byte-order mark. Lines end in `\\n`, `\\r\\n` or `\\r`. White space around words
    is removed, words are put in Unicode's normal form C, and blank lines are dropped. A line may have the columns
    `word<TAB>count<TAB>label`; this function returns the words only (see `read_corpus`). Files that end in .csv, .tsv,
    .jsonl or .xlsx are tables: their words are in the column `word`.

    Args:
        source: a path, `"-"` for standard input, or the name of a list of `morelike lists`.
        options: the format and the column of the words, if they are others.

    Raises:
        ListError: there is no such file, a byte is not valid UTF-8 or is NUL, a line is too long, or the list has no
            words. The message gives the line's number.
        SettingError: a table has no column of words.

    >>> read_lines("names")[:3]
    ['emma', 'olivia', 'ava']
    """
    return list(read_corpus(source, options=options).words)


def read_text(source: str | Path) -> str:
    """Return a running text in Unicode's normal form C, with `\\n` as line ends and otherwise unchanged.

    Args:
        source: a path, `"-"` for standard input, or the name of a list of `morelike lists`.

    Raises:
        ListError: there is no such file, a byte is not valid UTF-8 or is NUL, or the text has fewer than two
            characters.

    >>> len(read_text("names"))
    229200
    """
    return read_corpus(source, "text").words[0]


def read_corpus(source: str | Path, form: Form = "lines", options: ReadingOptions = DEFAULTS) -> Corpus:
    """Return a list with its counts, its labels, its name and the number of blank lines; see `read_lines`.

    A count is a whole number. Either every line has a count or none has. A line may have no label. With
    `form="text"` the source is one running text; see `read_text`. The words of a store (see `store`) stay on disk and
    are read on access.

    >>> corpus = read_corpus("mots")
    >>> corpus.name, len(corpus.words), corpus.counts
    ('mots', 13523, None)
    """
    check_path(source)
    if source != "-" and (stored := _stored_corpus(Path(source), form)):
        return stored
    if form == "text":
        return _text_corpus(source)
    return _list_corpus(source, options)


def _stored_corpus(path: Path, form: Form) -> Corpus | None:
    from morelike.text.store.format import Store, is_store  # imported here: plain lists are read faster without it

    if not is_store(path):
        return None
    if form == "text":
        raise ListError(f"'{path}' is a store of lines: it cannot be read as one running text")
    return Store.open(path).corpus


def _text_corpus(source: str | Path) -> Corpus:
    with open_source(source) as (name, file):
        blocks = decode_blocks(file.read, display_name(source), block_bytes=-1, max_length=None)
        text = "".join(block.text for block in blocks)
    if len(text.strip()) < MIN_TEXT_LENGTH:
        found = "a single character" if text.strip() else "empty"
        raise ListError(f"{display_name(source)} is {found}: give it some text, so that one character follows another")
    return Corpus(name, [normalize(text)], form="text")


def _list_corpus(source: str | Path, options: ReadingOptions) -> Corpus:
    with open_source(source) as (name, file):
        reader = BlockReader(file.read, source, options=options)
        blocks = list(reader)
    words = list(chain.from_iterable(block.words for block in blocks))
    if not words:
        raise ListError(f"{reader.source} is empty: give it a list with one word a line")
    counts = list(chain.from_iterable(block.counts or [] for block in blocks))
    labels: list[str] = []
    if any(block.labels for block in blocks):
        labels = list(chain.from_iterable(block.labels or [""] * len(block.words) for block in blocks))
    return Corpus(
        name=name,
        words=words,
        counts=counts if reader.counted else None,
        blank=sum(block.blank for block in blocks),
        labels=labels or None,
        reading=options,
        trimmed=sum(block.trimmed for block in blocks),
        zero_count=reader.zero_count,
    )
