"""Reading a word list (one thing a line) or a running text: from a file, a pipe, or the lists that ship here."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

from morelike.errors import ListError
from morelike.text.columns import Columns
from morelike.text.corpus import Corpus
from morelike.text.decoding import decoded_blocks
from morelike.text.sources import opened, shown
from morelike.text.words import SHORTEST_TEXT, Form, clean

__all__ = ["read_corpus", "read_lines", "read_text"]


def read_lines(source: str | Path) -> list[str]:
    """Return the cleaned words of a list: a path, `"-"` for standard input, or the name of a shipped list.

    Lines end in `\\n` or `\\r\\n`; a byte-order mark is accepted; words are stripped and put in Unicode's normal
    form C; blank lines are dropped. The columns `word<TAB>count<TAB>label` are read, and all but the first left out
    here (see `read_corpus`).

    Raises:
        ListError: no such file, not UTF-8, a NUL byte, a line that is too long, or nothing in it. The message names
            the line.

    >>> read_lines("names")[:3]
    ['emma', 'olivia', 'ava']
    """
    return list(read_corpus(source).words)


def read_text(source: str | Path) -> str:
    """Return a running text: line ends made `\\n`, characters in normal form C, nothing else changed.

    Raises:
        ListError: no such file, not UTF-8, a NUL byte, or nothing in it to learn from.

    >>> len(read_text("names"))
    229200
    """
    return read_corpus(source, "text").words[0]


def _text_corpus(source: str | Path) -> Corpus:
    with opened(source) as (name, file):
        blocks = decoded_blocks(file.read, shown(source), at_once=-1, longest=None)
        text = "".join(block.text for block in blocks)
    if len(text.strip()) < SHORTEST_TEXT:
        found = "empty" if not text.strip() else "a single character"
        raise ListError(f"{shown(source)} is {found}: give it some text, so that one character follows another")
    return Corpus(name, [unicodedata.normalize("NFC", text.replace("\r\n", "\n"))], form="text")


def read_corpus(source: str | Path, form: Form = "lines") -> Corpus:
    """Return a list with its counts, its labels, its name and the number of blank lines dropped; see `read_lines`.

    A count is a whole number, on every line or on none; a label may be missing. With `form="text"` it is one running
    text, see `read_text`. The words of a store (see `store`) stay on disk and are read as they are asked for.

    >>> corpus = read_corpus("mots")
    >>> corpus.name, len(corpus.words), corpus.counts
    ('mots', 13523, None)
    """
    if source != "-" and (stored := _stored_corpus(Path(source), form)):
        return stored
    if form == "text":
        return _text_corpus(source)
    with opened(source) as (name, file):
        lines = [line for block in decoded_blocks(file.read, shown(source)) for line in block.lines]
    return _corpus_of_lines(name, lines, shown(source))


def _corpus_of_lines(name: str, lines: Sequence[str], source: str) -> Corpus:
    columns = Columns.of(lines)
    words: list[str] = []
    counts: list[int] = []
    labels: list[str] = []
    for number, line in enumerate(lines, 1):
        if columns and line.strip():
            line, count, label = columns.split(line, f"{source}, line {number}")
            counts.append(count)
            labels.append(label)
        if word := clean(line):
            words.append(word)
    if not words:
        raise ListError(f"{source} is empty: give it a list with one word a line")
    return Corpus(
        name=name,
        words=words,
        counts=counts if columns and columns.counted else None,
        blank=len(lines) - len(words),
        labels=labels if any(labels) else None,
    )


def _stored_corpus(path: Path, form: Form) -> Corpus | None:
    from morelike.text.store.format import Store, is_store  # most lists are no stores, and start without it

    if not is_store(path):
        return None
    if form == "text":
        raise ListError(f"'{path}' is a store of lines: it cannot be read as one running text")
    return Store.open(path).corpus
