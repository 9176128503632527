"""The files of the page as a browser gets them: without comments and indentation, which are a fifth of them."""

from __future__ import annotations

import mimetypes
import re
from functools import cache
from importlib import resources
from typing import NamedTuple

NAME = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z]+)?")
COMMENT = re.compile(r"/\*\*.*?\*/ ?|(?:^|\s)// [^\n\"'`]*$", re.DOTALL | re.MULTILINE)
"""A comment that begins with two slashes has no quotation mark, so that no end of a string is one."""


class PageFile(NamedTuple):
    """The bytes of a file, and its media type."""

    data: bytes
    media_type: str


@cache
def page_file(name: str, folder: str = "") -> PageFile | None:
    """Return a file of the page, None if there is none; only the names of files in its folders exist."""
    file = resources.files("morelike.play") / "page" / folder / name
    if not all(map(NAME.fullmatch, (name, folder or name))) or not file.is_file():
        return None
    if name.endswith(".js"):
        return PageFile(without_comments(file.read_text("utf-8")).encode(), "text/javascript")
    if name.endswith(".css"):
        return PageFile(without_spaces(file.read_text("utf-8")).encode(), "text/css")
    return PageFile(file.read_bytes(), mimetypes.guess_type(name)[0] or "application/octet-stream")


def without_comments(script: str) -> str:
    r"""Return a script without its comments, indentation and empty lines.

    The scripts of the page have no string that holds `/**`, or that goes over several lines.

    >>> without_comments("// A sum.\n/** Add. */\nfunction add(/** @type {number} */ a) {\n  return a + 1; // one\n}\n")
    'function add(a) {\nreturn a + 1;\n}\n'
    >>> without_comments('const [a, b] = ["x // y", 1]; // a pair\n// It\'s a pair.\n')
    'const [a, b] = ["x // y", 1];\n'
    """
    lines = [line.strip() for line in COMMENT.sub("", script).splitlines()]
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))


def without_spaces(sheet: str) -> str:
    r"""Return a style sheet without its comments, and without spaces that separate nothing.

    >>> without_spaces("/* A box. */\n.box > p {\n  margin: 0 calc(1px + 2px);\n}\n")
    '.box>p{margin:0 calc(1px + 2px)}'
    """
    lines = " ".join(re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL).split())
    return re.sub(r"(?<=:)\s+|\s*([{};,>])\s*", r"\1", lines).replace(";}", "}")
