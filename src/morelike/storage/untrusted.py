"""Reading files that may come from elsewhere: regular files of their own folder alone, and JSON of bounded size."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

LARGEST_JSON = 16 << 20
"""Bytes of a JSON text. A vocabulary of all characters has 14 MB."""
MOST_VALUES = 1_500_000
"""Values in a JSON text: at most 64 bytes of memory each."""
DEEPEST = 64
"""Arrays and objects within each other."""
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def open_regular(path: Path) -> tuple[BinaryIO, int]:
    """Return a regular file, opened for reading, and its size in bytes; a link within its folder is followed.

    Nothing is read, and a pipe or a device is not waited for.

    Raises:
        FileNotFoundError, OSError: as `open` does.
        ValueError: another kind of file, a link out of the folder, or a name that no file can have.
    """
    place = Path(os.path.realpath(path, strict=True))  # `resolve` has no error of its own for a circle of links
    if place.parent != path.parent.resolve():
        raise ValueError("it is a link to a place outside its folder: put the file itself there")
    _require_regular(place.lstat())  # to open a device may have an effect
    flags = sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"))
    file = os.fdopen(os.open(place, os.O_RDONLY | flags), "rb")
    try:
        facts = os.fstat(file.fileno())
        _require_regular(facts)  # it may have been replaced
    except BaseException:
        file.close()
        raise
    return file, facts.st_size


def read_json(data: bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValueError: not JSON, too large, too deep, a name twice in an object, or half a surrogate pair.

    >>> read_json(b'{"a": [1, 2]}')
    {'a': [1, 2]}
    """
    opened = data.count(b"[") + data.count(b"{")
    if len(data) > LARGEST_JSON or opened + data.count(b",") > MOST_VALUES:
        raise ValueError("it is too large")
    try:
        value = json.loads(data, object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("it is not JSON") from None
    except ValueError as error:
        raise ValueError(str(error) if isinstance(error, _DuplicateError) else "it is not JSON") from None
    if opened > DEEPEST and _is_deeper(value, DEEPEST):
        raise ValueError("it is nested too deeply")
    if SURROGATE.search(data):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("it holds half a surrogate pair, which is no character") from None
    return value


class _DuplicateError(ValueError):
    """A name that occurs twice in an object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _DuplicateError(f"it holds {twice[:40]!a} twice")
    return value


def _is_deeper(value: Any, depth: int) -> bool:
    level: list[Any] = [value]
    for _ in range(depth):
        level = [child for each in level for child in _children(each)]
        if not level:
            return False
    return any(isinstance(each, list | dict) for each in level)


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _require_regular(facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise ValueError("it is not a regular file")
