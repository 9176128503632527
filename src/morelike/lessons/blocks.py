"""A lesson's Markdown as a sequence of blocks: headings, paragraphs, items, table rows and code.

A block's text is what a translator sees: one line, without the marks of its kind. The source may wrap the lines of a
paragraph at any place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, TypeAlias

from morelike.errors import ModelError

Kind: TypeAlias = Literal["heading", "paragraph", "item", "row", "line", "code"]

FENCE = "```"
HEADING = re.compile(r"(#{1,6} )(.*)")
ITEM = re.compile(r"(\s*(?:-|\d+\.) )(.*)")
TABLE_LINE = re.compile(r"\|[\s|:-]+\|")
CLOSE = {"item", "row", "line"}
"""The kinds whose blocks follow one another without an empty line."""


@dataclass(frozen=True)
class Block:
    """A block of Markdown: its kind, its text, the mark before the text, and the line of its text in the source.

    `words` are the words after the fence of code. `source` is the English text of a translated block.
    """

    kind: Kind
    text: str
    mark: str = ""
    words: tuple[str, ...] = ()
    line: int = 0
    source: str = ""

    @property
    def is_translated(self) -> bool:
        """Whether a translator translates this block."""
        return self.kind not in ("code", "line")

    def in_words(self, text: str) -> Block:
        """Return this block with a translated text; it keeps its English text as `source`."""
        return replace(self, text=text, source=self.text)

    def markdown(self) -> str:
        """Return the block as Markdown. Code keeps the name of its language alone."""
        if self.kind == "code":
            return f"{FENCE}{' '.join(self.words[:1])}\n{self.text}\n{FENCE}"
        return f"{self.mark}{self.text}"


def parse_blocks(text: str, first_line: int = 1) -> list[Block]:
    """Return the blocks of a Markdown text, whose first line has the number `first_line`.

    >>> [block.text for block in parse_blocks("# One\\ntwo\\nthree\\n- four\\n  five")]
    ['One', 'two three', 'four five']
    """
    blocks: list[Block] = []
    lines = iter(enumerate(text.splitlines(), first_line))
    goes_on = False
    for number, line in lines:
        if line.startswith(FENCE):
            blocks.append(_code(line, number, lines))
            goes_on = False
        elif not line.strip():
            goes_on = False
        elif found := _marked(line, number):
            blocks.append(found)
            goes_on = found.kind == "item"
        elif goes_on:
            blocks[-1] = replace(blocks[-1], text=f"{blocks[-1].text} {line.strip()}")
        else:
            blocks.append(Block("paragraph", line.strip(), line=number))
            goes_on = True
    return blocks


def to_markdown(blocks: Sequence[Block]) -> str:
    """Return blocks as Markdown, with an empty line between them except inside a list or a table."""
    if not blocks:
        return ""
    parts = [blocks[0].markdown()]
    for before, block in pairwise(blocks):
        parts.append("\n" if {before.kind, block.kind} <= CLOSE else "\n\n")
        parts.append(block.markdown())
    return "".join(parts) + "\n"


def _marked(line: str, number: int) -> Block | None:
    """Return the block of a line that begins with a mark, else None."""
    if found := HEADING.fullmatch(line):
        return Block("heading", found[2].strip(), found[1], line=number)
    if TABLE_LINE.fullmatch(line):
        return Block("line", line, line=number)
    if line.startswith("|"):
        return Block("row", line, line=number)
    if found := ITEM.fullmatch(line):
        return Block("item", found[2].strip(), found[1], line=number)
    return None


def _code(fence: str, number: int, lines: Iterator[tuple[int, str]]) -> Block:
    code: list[str] = []
    for _, line in lines:
        if line.startswith(FENCE):
            return Block("code", "\n".join(code), words=tuple(fence.removeprefix(FENCE).split()), line=number + 1)
        code.append(line)
    raise ModelError(f"line {number} of a lesson opens code that no line closes: close it with {FENCE}")
