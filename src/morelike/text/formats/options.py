"""How a list is read: its format and its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from morelike.errors import SettingError, excerpt

ListFormat: TypeAlias = Literal["lines", "csv", "tsv", "jsonl", "xlsx"]
CountsFrom: TypeAlias = Literal["columns", "first", "none"]
"""`columns`: counts are in a column of the list. `first`: a count precedes each word, as `uniq -c` writes. `none`: a
line is a word, even if it begins with a number or has a tab."""

FORMATS: Mapping[str, ListFormat] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".xlsx": "xlsx",
}
"""The format of each ending; other files are plain lines."""

UNREADABLE = {
    **dict.fromkeys([".xls", ".xlsm", ".ods", ".numbers", ".parquet"], "save it as .xlsx or .csv"),
    ".json": "save it as JSON Lines, .jsonl, with one value on each line",
    **dict.fromkeys([".doc", ".docx", ".odt", ".pdf", ".rtf"], "save it as plain text, .txt"),
    **dict.fromkeys([".gz", ".bz2", ".xz", ".zst", ".zip"], "unpack it first, and pass it through a pipe"),
}
"""Endings of files that hold no list which morelike reads, and the way out."""


@dataclass(frozen=True)
class ReadingOptions:
    """How a list is read.

    Attributes:
        format: the format; by default that of the file's ending.
        column: the name of the column or the JSON key that holds the words; by default `word`.
        counts: where the counts of the words are.
    """

    format: ListFormat | None = None
    column: str | None = None
    counts: CountsFrom = "columns"

    def format_of(self, source: str | Path) -> ListFormat:
        """Return the format of a source: the given one, or that of its ending, or plain lines.

        Raises:
            SettingError: the ending belongs to a format that is not read.
        """
        if self.format is not None:
            return self.format
        ending = Path(source).suffix.lower()
        if ending in UNREADABLE:
            raise SettingError(
                f"'{source}': its ending names no format that is read: {UNREADABLE[ending]}, or name the format"
            )
        return FORMATS.get(ending, "lines")

    def as_config(self) -> dict[str, Any]:
        """Return the options that are not the defaults, for a configuration file."""
        defaults = ReadingOptions()
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in given.items() if value != getattr(defaults, name)}

    @classmethod
    def from_config(cls, tables: Mapping[str, Any]) -> ReadingOptions:
        """Return the options of a configuration file, which may hold other keys.

        Raises:
            SettingError: a value that is none of an option's values.
        """
        options = cls(**{field.name: tables[field.name] for field in fields(cls) if field.name in tables})
        for name, value, values in (
            ("format", options.format or "lines", get_args(ListFormat)),
            ("counts", options.counts, get_args(CountsFrom)),
        ):
            if value not in values:
                raise SettingError(f"{name} = {excerpt(value)}: choose among {', '.join(values)}")
        return options


DEFAULTS = ReadingOptions()
