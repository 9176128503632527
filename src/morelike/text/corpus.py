"""Reading a word list (one thing a line) or a running text: from a file, a pipe, or the lists that ship here."""

from __future__ import annotations

import hashlib
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeAlias

from morelike.errors import ListError, did_you_mean
from morelike.text.columns import Columns
from morelike.text.weighing import Counts

if TYPE_CHECKING:
    from morelike.text.store import Store

__all__ = [
    "Corpus",
    "Form",
    "ShippedList",
    "clean",
    "corpus_of",
    "fingerprint",
    "is_store",
    "read_corpus",
    "read_lines",
    "read_text",
    "shipped_lists",
]

Form: TypeAlias = Literal["lines", "text"]
"""What a file is: a list, each line one thing with an end; or one running text, in which line ends are characters."""

LONGEST_LINE = 100_000
"""Characters in a line; a longer one is running text that was taken for a list."""


STORE_FACTS = "store.json"
"""The file by which a store is known."""

SHORTEST_TEXT = 2


@dataclass(frozen=True)
class Corpus:
    """A cleaned list of words with what is known about where it came from; of a running text, the one text.

    `counts` and `labels` stand beside `words` when the file had the columns `word<TAB>count<TAB>label`, else they are
    None; a line without a label has `""`. `blank` is the number of blank lines that were dropped. `store` is where the
    words are read from as they are asked for, None if they are in memory.
    """

    name: str
    words: Sequence[str]
    counts: Counts | None = None
    blank: int = 0
    form: Form = "lines"
    labels: list[str] | None = None
    store: Store | None = None

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the words in their order, in hexadecimal."""
        return self.store.facts.sha256 if self.store else fingerprint(self.words)

    @property
    def counts_fingerprint(self) -> str | None:
        """SHA-256 of the counts in their order, None if there are none."""
        if self.store:
            return self.store.facts.counts_sha256
        return None if self.counts is None else fingerprint(map(str, self.counts))

    @property
    def labels_fingerprint(self) -> str | None:
        """SHA-256 of the labels in their order, None if there are none."""
        return None if self.labels is None else fingerprint(self.labels)

    @property
    def facts(self) -> dict[str, Any]:
        """What a run folder keeps to know the list again."""
        counted = {} if self.counts is None else {"counts_sha256": self.counts_fingerprint}
        labelled = {} if self.labels is None else {"labels_sha256": self.labels_fingerprint}
        return {"sha256": self.fingerprint, "lines": len(self.words), **counted, **labelled}


@dataclass(frozen=True)
class ShippedList:
    """A list that ships inside the package, with its provenance."""

    name: str
    file: str
    title: str
    source: str
    licence: str
    date: str
    lines: int


@cache
def shipped_lists() -> dict[str, ShippedList]:
    """Return the lists that ship with morelike, by name.

    >>> sorted(shipped_lists())
    ['mots', 'names']
    """
    import tomllib  # models know no lists: a command that has one at hand does without these imports
    from importlib import resources

    catalogue = tomllib.loads((resources.files("morelike.text") / "lists" / "catalogue.toml").read_text("utf-8"))
    return {name: ShippedList(name=name, **facts) for name, facts in catalogue.items()}


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
        raise ListError(f"{_shown(source)} is {found}: give it some text, so that one character follows another")
    return Corpus(name, [unicodedata.normalize("NFC", text.replace("\r\n", "\n"))], form="text")


def read_corpus(source: str | Path, form: Form = "lines") -> Corpus:
    """Return a list with its counts, its labels, its name and the number of blank lines dropped; see `read_lines`.

    A count is a whole number, on every line or on none; a label may be missing. With `form="text"` it is one running
    text, see `read_text`. The words of a store (see `store`) stay on disk and are read as they are asked for.

    >>> corpus = read_corpus("mots")
    >>> corpus.name, len(corpus.words), corpus.counts
    ('mots', 13523, None)
    """
    if source != "-" and is_store(Path(source)):
        return _stored_corpus(Path(source), form)
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
                f"{_shown(source)}, line {number}: {len(line):,} characters; a line is one thing here, "
                f"of at most {LONGEST_LINE:,} characters"
            )
        if columns and line.strip():
            word, count, label = columns.split(line, f"{_shown(source)}, line {number}")
            counts.append(count)
            labels.append(label)
        else:
            word = line
        words.append(clean(word))
    kept = [word for word in words if word]
    if not kept:
        raise ListError(f"{_shown(source)} is empty: give it a list with one word a line")
    blank = len(words) - len(kept) - (1 if text.endswith("\n") else 0)
    return Corpus(
        name=name,
        words=kept,
        counts=counts if columns and columns.counted else None,
        blank=blank,
        labels=labels if any(labels) else None,
    )


def is_store(path: Path) -> bool:
    """Return whether a folder is a store, good or damaged."""
    try:
        return (path / STORE_FACTS).is_file()
    except OSError:  # such as a name that is too long for a file
        return False


def _stored_corpus(path: Path, form: Form) -> Corpus:
    from morelike.text.store import Store  # it reads by the rules that stand here

    if form == "text":
        raise ListError(f"'{path}' is a store of lines: it cannot be read as one running text")
    return Store.open(path).corpus


def corpus_of(
    name: str,
    words: Sequence[str] | str,
    form: Form,
    counts: Sequence[int] | None = None,
    labels: Sequence[str | None] | None = None,
) -> Corpus:
    """Return words that a program has at hand, cleaned as those of a file, with their counts and labels, if any.

    Raises:
        ListError: no words, a word that is no line, or counts or labels that do not fit.

    >>> corpus_of("names", ["emma ", "", "ava"], "lines", [3, 1, 2]).counts
    [3, 2]
    """
    if counts is not None and (form == "text" or len(counts) != len(words)):
        raise ListError(f"{len(counts):,} counts do not fit {len(words):,} words: give one for each word of a list")
    if labels is not None and (form == "text" or len(labels) != len(words)):
        raise ListError(f"{len(labels):,} labels do not fit {len(words):,} words: give one for each word of a list")
    if form == "text":
        text = unicodedata.normalize("NFC", words if isinstance(words, str) else "\n".join(words))
        if len(text.strip()) < SHORTEST_TEXT:
            raise ListError("the text is empty: give it some, so that one character follows another")
        return Corpus(name, [text], form="text")
    if isinstance(words, str):
        raise ListError("the words came as one string: give a list of words, or form='text' for running text")
    cleaned = [word for word in map(clean, words) if word]
    if not cleaned:
        raise ListError("the list is empty: give at least one word")
    if broken := next((word for word in cleaned if "\n" in word or "\0" in word), None):
        raise ListError(f"{broken!r} holds a line end or a NUL: a word is one line of text")
    kept = [i for i, word in enumerate(words) if clean(word)]
    counted = None if counts is None else _checked_counts([counts[i] for i in kept])
    labelled = None if labels is None else _checked_labels([labels[i] for i in kept])
    return Corpus(name, cleaned, counted, labels=labelled)


def _checked_counts(counts: Sequence[Any]) -> list[int]:
    if (wrong := next((count for count in counts if count != int(count) or count < 0), None)) is not None:
        raise ListError(f"{wrong!r} is no count: give whole numbers")
    return [int(count) for count in counts]


def _checked_labels(labels: Sequence[Any]) -> list[str] | None:
    """Return labels as a file has them, None if no line has one."""
    if wrong := [label for label in labels if label is not None and not isinstance(label, str)]:
        raise ListError(f"{wrong[0]!r} is no label: give words, or None for a line without")
    found = [clean(label or "") for label in labels]
    if broken := next((label for label in found if set(label) & set("\t\n\0")), None):
        raise ListError(f"{broken!r} holds a tab, a line end or a NUL: a label is one field of a line")
    return found if any(found) else None


def clean(word: str) -> str:
    """Return a word as every list holds it: normal form C, no white space at its ends.

    >>> clean("  Zoe\\u0308 ")
    'Zoë'
    """
    return unicodedata.normalize("NFC", word).strip()


def fingerprint(words: Iterable[str]) -> str:
    """Return the SHA-256 of words in their order, in hexadecimal: the same for the same list.

    >>> fingerprint(["emma", "ava"])[:8]
    '3b7f8ab1'
    """
    digest = hashlib.sha256()
    for word in words:
        digest.update(word.encode() + b"\n")
    return digest.hexdigest()


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
        raise ListError(f"{_shown(source)}, line {line}: a NUL byte, so this is not a text file; save it as UTF-8 text")
    try:
        return name, data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # `start` counts from behind a byte-order mark, which holds no line end.
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        raise ListError(
            f"{_shown(source)}, line {line}: byte 0x{byte:02x} is not valid UTF-8; save the list as UTF-8"
        ) from None


def _read_file(path: Path) -> bytes:
    try:
        with _open_file(path) as file:
            return file.read()
    except OSError as error:
        raise ListError(f"'{path}' cannot be read: {error.strerror}") from None


def _open_file(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        names: Sequence[str] = list(shipped_lists())
        raise ListError(
            f"no list '{path}': there is no such file, and the shipped lists are {', '.join(names)}"
            f"{did_you_mean(str(path), [*names, *_neighbours(path)])}"
        ) from None
    except IsADirectoryError:
        raise ListError(f"'{path}' is a folder: name the file with the list in it") from None
    except OSError as error:
        raise ListError(f"'{path}' cannot be read: {error.strerror}") from None


def _neighbours(path: Path) -> list[str]:
    try:
        return [str(path.with_name(sibling.name)) for sibling in path.parent.iterdir()]
    except OSError:
        return []


def _shown(source: str | Path) -> str:
    return "standard input" if source == "-" else f"'{source}'"
