"""The columns of a list beside its words: `word<TAB>count<TAB>label`, of which a list may leave out either."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from morelike.errors import ListError

__all__ = ["Columns"]

COUNT, LABEL = 1, 2
MOST_DIGITS = 19
"""Digits that a count has fewer of, so that it fits 64 bits."""


@dataclass(frozen=True)
class Columns:
    """Which columns a list has: `counted` the second, `labelled` the third."""

    counted: bool
    labelled: bool

    @classmethod
    def of(cls, lines: Sequence[str]) -> Columns | None:
        """Return the columns of a list, None for one without a tab.

        The second column may be left empty on every line, where there is a third.

        >>> Columns.of(["emma\\t\\tgirl", "noah"])
        Columns(counted=False, labelled=True)
        """
        rows = [line.split("\t") for line in lines if "\t" in line]
        if not rows:
            return None
        labelled = any(len(row) > LABEL and row[LABEL].strip() for row in rows)
        return cls(not labelled or any(row[COUNT].strip().isdecimal() for row in rows), labelled)

    def split(self, line: str, place: str) -> tuple[str, int, str]:
        """Return word, count and label of a line; 1 and `""` stand for what it does not have.

        Raises:
            ListError: other columns than the list's; it begins with `place`.
        """
        word, count, label, *more = [*line.split("\t"), "", ""]
        count = count.strip()
        fits = count.isdecimal() and len(count) < MOST_DIGITS if self.counted else not count
        if word.strip() and fits and not "".join(more).strip():
            return word, int(count or 1), unicodedata.normalize("NFC", label).strip()
        excerpt = repr(line if len(line) <= 40 else line[:40] + "…")
        raise ListError(f"{place}: expected {self._wanted}, got {excerpt}; {self._why}")

    @property
    def _wanted(self) -> str:
        if not self.labelled:
            return "word<TAB>count with a whole number"
        if self.counted:
            return "word<TAB>count<TAB>label with a whole number as the count, on every line or on none"
        return "word<TAB><TAB>label, since no other line has a count"

    @property
    def _why(self) -> str:
        more = "and the third a label" if self.labelled else "and labels stand in the third"
        return f"tabs elsewhere in the list make the second column a count, {more}"
