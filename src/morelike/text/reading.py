"""Reading a word list (one thing a line) or a running text: from a file, a pipe, or the lists that ship here."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

from morelike.errors import ListError
from morelike.text.columns import Columns
from morelike.text.corpus import Corpus
from morelike.text.sources import open_file, shipped_lists, shown
from morelike.text.words import LONGEST_LINE, SHORTEST_TEXT, Form, clean

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
    name, text = _read(source)
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
    name, text = _read(source)
    lines = [line[:-1] if line.endswith("\r") else line for line in text.split("\n")]
    columns = Columns.of(lines)
    words: list[str] = []
    counts: list[int] = []
    labels: list[str] = []
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE:
            raise ListError(
                f"{shown(source)}, line {number}: {len(line):,} characters; a line is one thing here, "
                f"of at most {LONGEST_LINE:,} characters"
            )
        if columns and line.strip():
            word, count, label = columns.split(line, f"{shown(source)}, line {number}")
            counts.append(count)
            labels.append(label)
        else:
            word = line
        words.append(clean(word))
    kept = [word for word in words if word]
    if not kept:
        raise ListError(f"{shown(source)} is empty: give it a list with one word a line")
    blank = len(words) - len(kept) - (1 if text.endswith("\n") else 0)
    return Corpus(
        name=name,
        words=kept,
        counts=counts if columns and columns.counted else None,
        blank=blank,
        labels=labels if any(labels) else None,
    )


def _stored_corpus(path: Path, form: Form) -> Corpus | None:
    from morelike.text.store.format import Store, is_store  # most lists are no stores, and start without it

    if not is_store(path):
        return None
    if form == "text":
        raise ListError(f"'{path}' is a store of lines: it cannot be read as one running text")
    return Store.open(path).corpus


def _read(source: str | Path) -> tuple[str, str]:
    """Return the list's name and its text, decoded."""
    shipped = shipped_lists().get(str(source))
    if source == "-":
        name, data = "stdin", sys.stdin.buffer.read()
    elif shipped is not None and not Path(source).is_file():
        from importlib import resources

        name, data = shipped.name, (resources.files("morelike.text") / "lists" / shipped.file).read_bytes()
    else:
        name, data = Path(source).stem, _read_file(Path(source))
    if (nul := data.find(b"\0")) >= 0:
        line = data.count(b"\n", 0, nul) + 1
        raise ListError(f"{shown(source)}, line {line}: a NUL byte, so this is not a text file; save it as UTF-8 text")
    try:
        return name, data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # `start` counts from behind a byte-order mark, which holds no line end.
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        raise ListError(
            f"{shown(source)}, line {line}: byte 0x{byte:02x} is not valid UTF-8; save the list as UTF-8"
        ) from None


def _read_file(path: Path) -> bytes:
    try:
        with open_file(path) as file:
            return file.read()
    except OSError as error:
        raise ListError(f"'{path}' cannot be read: {error.strerror}") from None
