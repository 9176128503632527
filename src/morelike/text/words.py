"""Words: cleaning, checking what a caller gives as words, counts and labels, and fingerprints.

Every public function passes its words, counts and labels through `check_list` or `check_words`. Any iterable is read by
position: a list, a tuple, an array, a column of a table, a generator. The index of a column has no meaning, so counts
and labels are never looked up by it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import compress
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np

from morelike.errors import ListError, SettingError, excerpt
from morelike.text.count_weights import Counts
from morelike.text.stored_words import StoredWords

Form: TypeAlias = Literal["lines", "text"]
"""`lines`: a list with one word a line. `text`: one running text, in which line ends are characters."""

MAX_LINE_LENGTH = 100_000
"""Characters. A longer line is taken for running text."""

MIN_TEXT_LENGTH = 2
"""Characters. In a shorter running text no character follows another."""

if TYPE_CHECKING:
    Words: TypeAlias = Iterable[str]
    WordCounts: TypeAlias = Iterable[int]
    WordLabels: TypeAlias = Iterable[str | None]
else:  # tests check signatures at run time; the functions below check these values, and name a wrong one
    Words = WordCounts = WordLabels = object

NOT_IN_A_LINE = re.compile("[\n\0\ud800-\udfff]")


MAX_MARKS = 100
"""Combining marks in a row, at most. Unicode allows 30 in text that is streamed (UAX 15); the time to order them grows
with their square."""
_MARKS = re.compile(r"[^\w\s\x00-\x7f]{3,}")


def normalize(text: str) -> str:
    """Return a text in Unicode normal form C.

    Raises:
        ListError: more combining marks in a row than `MAX_MARKS`.
    """
    if unicodedata.is_normalized("NFC", text):
        return text
    if any(len(run[0]) > MAX_MARKS and sum(map(_is_mark, run[0])) > MAX_MARKS for run in _MARKS.finditer(text)):
        raise ListError(f"more than {MAX_MARKS} combining marks in a row: this is no text")
    return unicodedata.normalize("NFC", text)


def _is_mark(character: str) -> bool:
    return unicodedata.combining(character) > 0


def clean(word: str) -> str:
    """Return a word in Unicode normal form C, without white space at its ends.

    Raises:
        ListError: more combining marks in a row than `MAX_MARKS`.

    >>> clean("  Zoe\\u0308 ")
    'Zoë'
    """
    return normalize(word).strip()


ACCENTS = 200
"""The least combining class of an accent. Marks of lower classes belong to the letters of their script."""


def fold(word: str, differences: Collection[str]) -> str:
    """Return a word without differences of case, accents or both, for comparisons.

    Accents are marks above and below a letter that Unicode can take off: the dots of `ë`, and not the stroke of `ø`.

    >>> fold("Zoë-Straße", ["case", "accents"]), fold("Zoë", ["accents"]), fold("Zoë", [])
    ('zoe-strasse', 'Zoe', 'Zoë')
    """
    if "case" in differences:
        word = word.casefold()
    if "accents" in differences:
        word = "".join(c for c in unicodedata.normalize("NFD", word) if unicodedata.combining(c) < ACCENTS)
    return unicodedata.normalize("NFC", word)


def fingerprint(words: Iterable[str]) -> str:
    """Return the SHA-256 of words in their order, in hexadecimal.

    >>> fingerprint(["emma", "ava"])[:8]
    '3b7f8ab1'
    """
    digest = hashlib.sha256()
    for word in words:
        digest.update(word.encode() + b"\n")
    return digest.hexdigest()


class ListColumns(NamedTuple):
    """The words of a list without its blank lines, and the counts and the labels of these words.

    `counts` and `labels` are None if there are none; the label `""` means no label. `blank` is the number of blank
    lines. `zero_count` is the place of the first count that is 0, such as `count 3`; `""` if there is none.
    """

    words: Sequence[str]
    counts: Counts | None
    labels: list[str] | None
    blank: int
    zero_count: str = ""


def check_list(
    words: object, counts: object = None, labels: object = None, form: Form = "lines", *, keep_blank: bool = False
) -> ListColumns:
    """Return the words of a list, cleaned and without blank lines, with their counts and their labels.

    With `keep_blank` a blank line is the empty word, which a model can score. Words of a store are returned as they
    are. With `form="text"` the words are passages of running text.

    Raises:
        ListError: as `check_words`; or a word that is not one line; or counts or labels that do not fit the words.

    >>> check_list(["emma ", "", "ava"], counts=[3, 1, 2]).counts
    [3, 2]
    """
    cleaned = check_words(words, form)
    for title, column in {"counts": counts, "labels": labels}.items():
        if column is not None and isinstance(words, set | frozenset):
            raise ListError(f"the words came as a set, which has no order for {title}: give a list")
    counted = None if counts is None else _checked_counts(counts, len(cleaned), form)
    labelled = None if labels is None else check_labels(labels, len(cleaned), form)
    if form == "text" or isinstance(cleaned, StoredWords):
        return ListColumns(cleaned, counted, labelled, blank=0)
    if broken := next(filter(NOT_IN_A_LINE.search, cleaned), None):
        raise ListError(
            f"word {cleaned.index(broken) + 1} is {excerpt(broken)}, which holds a line end, a NUL or a lone "
            "surrogate: a word is one line of text"
        )
    zero_count = _zero_count(counted, cleaned, keep_blank=keep_blank)
    if keep_blank or all(cleaned):
        return ListColumns(cleaned, counted, labelled, 0, zero_count)
    kept = [word for word in cleaned if word]
    return ListColumns(
        kept,
        None if counted is None else list(compress(counted, cleaned)),
        None if labelled is None else list(compress(labelled, cleaned)),
        blank=len(cleaned) - len(kept),
        zero_count=zero_count,
    )


def _zero_count(counts: Counts | None, words: Sequence[str], *, keep_blank: bool) -> str:
    """Return the place of the first count that is 0 among the given counts; the count of a dropped line is ignored."""
    if counts is None or 0 not in counts:
        return ""
    pairs = enumerate(zip(counts, words, strict=True), 1)
    return next((f"count {i}" for i, (count, word) in pairs if not count and (word or keep_blank)), "")


def check_words(words: object, form: Form = "lines", name: str = "words") -> Sequence[str]:
    """Return words as a list by position, each cleaned. A blank word stays, so that results fit the given words.

    With `form="text"` the words are passages of running text, whose white space stays; one string is one passage.

    Raises:
        ListError: one string, a mapping, a table of several columns, no iterable, or a value that is no text. The
            message gives the position of the value.

    >>> check_words(word for word in ("emma ", "Zoe\\u0308"))
    ['emma', 'Zoë']
    """
    if isinstance(words, StoredWords):
        return words
    if isinstance(words, str) and form == "text":
        words = [words]
    values = _by_position(words, name)
    for position, word in enumerate(values, 1):
        if not isinstance(word, str):
            raise ListError(f"word {position} is {excerpt(word)}: expected text; leave it out of the {name}")
    return [unicodedata.normalize("NFC", word) for word in values] if form == "text" else [*map(clean, values)]


def check_word(word: object, name: str = "word") -> str:
    """Return one word, or one label, cleaned.

    Raises:
        SettingError: it is not a string.

    >>> check_word("Zoe\\u0308 ")
    'Zoë'
    """
    return clean(check_text(word, name))


def check_text(text: object, name: str) -> str:
    """Return one string in Unicode normal form C. White space at its ends stays.

    Raises:
        SettingError: it is not a string.
    """
    if not isinstance(text, str):
        raise SettingError(f"{name} = {excerpt(text)}: expected one string, as {name}='emma'")
    return unicodedata.normalize("NFC", text)


def _by_position(values: Any, name: str) -> list[Any]:
    """Return the values of an iterable as a list. A table or an array of one column is this column.

    Raises:
        ListError: one string, a mapping, a table of several columns, or no iterable.
    """
    by_word = name in ("counts", "labels")
    if isinstance(values, str | bytes):
        way_out = "give a list with one for each word" if by_word else f"give a list of words, as [{excerpt(values)}]"
        raise ListError(f"the {name} came as one string: {way_out}")
    if isinstance(values, Mapping):
        kind = type(values).__name__
        if by_word:
            raise ListError(
                f"the {name} came as a {kind}: give them in the order of the words, as "
                f"{name}=[given[word] for word in words]"
            )
        way_out = "words=list(given), counts=list(given.values())" if name == "words" else f"{name}=list(given)"
        raise ListError(f"the {name} came as a {kind}, whose values would be lost: give {way_out}")
    if isinstance(values, list) and all(isinstance(value, str) for value in values):
        return values
    try:
        array = np.asarray(values if hasattr(values, "__array__") else list(values), dtype=object)
    except (TypeError, ValueError):
        raise ListError(
            f"the {name} are no list: {excerpt(values)}; give a list, an array or a column of a table"
        ) from None
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ListError(f"the {name} have the shape {array.shape}: give a list, an array or one column of the table")
    found: list[Any] = array.tolist()
    return found


def _fitting(values: Any, size: int, form: Form, name: str) -> list[Any]:
    """Return one value for each word of a list.

    Raises:
        ListError: there are more or fewer values, or the words are running text.
    """
    found = _by_position(values, name)
    if form == "text" or len(found) != size:
        raise ListError(f"{len(found):,} {name} do not fit {size:,} words: give one for each word of a list")
    return found


def _checked_counts(counts: object, size: int, form: Form) -> Counts:
    """Return counts as whole numbers, one for each word of a list.

    Raises:
        ListError: a value that is not a whole number from 0, with its position; or not one for each word.
    """
    if isinstance(counts, np.memmap) and counts.shape == (size,):  # the counts of a store, checked when it was built
        return counts
    found = _fitting(counts, size, form, "counts")
    for position, count in enumerate(found, 1):
        whole = isinstance(count, Integral) or (isinstance(count, Real) and float(count).is_integer())
        if not whole or count < 0:
            raise ListError(f"count {position} is {excerpt(count)}: give a whole number from 0 for each word")
    return [int(count) for count in found]


def check_labels(labels: object, size: int, form: Form = "lines") -> list[str]:
    """Return labels, cleaned, one for each word of a list. A missing value, None or nan, becomes `""`.

    Raises:
        ListError: one string; a value that is no text or holds a tab or a line end, with its position; or not one for
            each word.
    """
    found = ["" if _is_missing(label) else label for label in _fitting(labels, size, form, "labels")]
    for position, label in enumerate(found, 1):
        if not isinstance(label, str):
            raise ListError(f"label {position} is {excerpt(label)}: give strings, or None for a word without a label")
    cleaned = [*map(clean, found)]
    if broken := next((label for label in cleaned if "\t" in label or NOT_IN_A_LINE.search(label)), None):
        raise ListError(
            f"label {cleaned.index(broken) + 1} is {excerpt(broken)}, which holds a tab, a line end, a NUL or a lone "
            "surrogate: a label is one field of a line"
        )
    return cleaned


def _is_missing(value: Any) -> bool:
    """Return whether a value marks a missing entry of a column: None, nan, or the NA of pandas."""
    return value is None or type(value).__name__ == "NAType" or (isinstance(value, float) and value != value)
