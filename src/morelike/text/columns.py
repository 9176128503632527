"""The columns of a plain list: `word<TAB>count<TAB>label`. The count and the label are optional."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from morelike.errors import excerpt
from morelike.text.decoding import line_error

COUNT, LABEL = 1, 2
MAX_DIGITS = 18
"""Digits of a count, at most: a count fits 64 bits."""


def read_count(text: str) -> int | None:
    """Return the count that a text holds, a whole number; None if it is no count.

    >>> read_count(" 12 "), read_count("-3"), read_count("1.5")
    (12, None, None)
    """
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) <= MAX_DIGITS else None


@dataclass(frozen=True)
class Columns:
    """The columns of a list, which its first line that is not blank shows.

    Attributes:
        first: the number of this line.
        counted: whether its second column is a count; every line of the list has a count then.
        labelled: whether its third column is a label.
    """

    first: int
    counted: bool
    labelled: bool

    @classmethod
    def of(cls, number: int, line: str) -> Columns:
        """Return the columns of a list, given its first line and the number of this line.

        A line without a tab has no count. An empty second column before a label is no count either.

        >>> Columns.of(1, "emma\\t12\\tgirl").counted, Columns.of(1, "emma\\t\\tgirl").counted
        (True, False)
        """
        cells = line.split("\t")
        labelled = bool("".join(cells[LABEL:]).strip())
        return cls(number, len(cells) > COUNT and (not labelled or bool(cells[COUNT].strip())), labelled)

    def split(self, line: str, source: str, number: int) -> tuple[str, int, str]:
        """Return the word, the count and the label of a line. A missing count is 1, and a missing label is `""`.

        Raises:
            ListError: the line does not have the columns of the list. The message gives its source and its number.
        """
        word, count, label, *more = [*line.split("\t"), "", ""]
        label = label.strip()
        read = read_count(count) if self.counted else 1
        fits = self.counted or "\t" not in line or (bool(label) and not count.strip())
        if read is not None and fits and word.strip() and not "".join(more).strip():
            return word, read, unicodedata.normalize("NFC", label)
        reason = self._reason(labelled=bool(label))
        raise line_error(
            source, number, f"expected {self._expected(labelled=bool(label))}, got {excerpt(line)}{reason}"
        )

    def _expected(self, *, labelled: bool) -> str:
        if self.counted and (labelled or self.labelled):
            return "word<TAB>count<TAB>label with a whole number as the count, on every line or on none"
        if self.counted:
            return "word<TAB>count with a whole number"
        if labelled or self.labelled:
            return f"word<TAB><TAB>label, since line {self.first} has no count"
        return f"a word without a tab, as on line {self.first}"

    def _reason(self, *, labelled: bool) -> str:
        if not self.counted and not labelled and not self.labelled:
            return "; tabs make the second column a count, on every line or on none"
        third = "and the third column a label" if labelled else "and a label belongs in the third column"
        return f"; tabs make the second column a count, {third}"
