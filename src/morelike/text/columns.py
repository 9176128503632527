"""The columns of a list: `word<TAB>count<TAB>label`. The count and the label are optional."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from morelike.text.decoding import line_error

COUNT, LABEL = 1, 2
MAX_DIGITS = 18
"""Digits of a count, at most: a count fits 64 bits."""
MAX_EXCERPT = 40
"""Characters of a line that an error message shows."""


@dataclass(frozen=True)
class Columns:
    """The columns that a list has: `counted` if it has counts, `labelled` if it has labels."""

    counted: bool
    labelled: bool

    @classmethod
    def of(cls, lines: Sequence[str]) -> Columns | None:
        """Return the columns of a list, or None if no line has a tab.

        A list has labels if any third column is not empty. A list with labels has counts if any second column is a
        number. A list without labels has counts.

        >>> Columns.of(["emma\\t\\tgirl", "noah"])
        Columns(counted=False, labelled=True)
        """
        rows = [line.split("\t") for line in lines if "\t" in line]
        if not rows:
            return None
        labelled = any(len(row) > LABEL and row[LABEL].strip() for row in rows)
        return cls(not labelled or any(row[COUNT].strip().isdecimal() for row in rows), labelled)

    def split(self, line: str, source: str, number: int) -> tuple[str, int, str]:
        """Return the word, the count and the label of a line. A missing count is 1, and a missing label is `""`.

        Raises:
            ListError: the line does not have the columns of the list. The message gives its source and its number.
        """
        word, count, label, *more = [*line.split("\t"), "", ""]
        count = count.strip()
        fits = count.isdecimal() and len(count) <= MAX_DIGITS if self.counted else not count
        if word.strip() and fits and not "".join(more).strip():
            return word, int(count or 1), unicodedata.normalize("NFC", label).strip()
        excerpt = repr(line if len(line) <= MAX_EXCERPT else line[:MAX_EXCERPT] + "…")
        raise line_error(source, number, f"expected {self._expected}, got {excerpt}; {self._reason}")

    @property
    def _expected(self) -> str:
        if not self.labelled:
            return "word<TAB>count with a whole number"
        if self.counted:
            return "word<TAB>count<TAB>label with a whole number as the count, on every line or on none"
        return "word<TAB><TAB>label, since no other line has a count"

    @property
    def _reason(self) -> str:
        third = "and the third a label" if self.labelled else "and labels stand in the third"
        return f"tabs elsewhere in the list make the second column a count, {third}"
