"""From bytes to lines of text: the one place that decodes lists, for whole lists, stores and streams of words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from morelike.errors import ListError
from morelike.text.words import LONGEST_LINE

__all__ = ["BYTES_AT_ONCE", "TextBlock", "decoded_blocks", "line_error"]

BYTES_AT_ONCE = 1 << 20
BYTES_OF_CHARACTER = 4
"""Bytes of a character in UTF-8 at most."""


@dataclass(frozen=True)
class TextBlock:
    """Whole lines of a list as one text; `number` is that of its first line, from 1."""

    number: int
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines without their ends, `\\n` or `\\r\\n`."""
        lines = self.text.split("\n")
        if not lines[-1]:
            lines.pop()
        return [line.removesuffix("\r") for line in lines] if "\r" in self.text else lines


def decoded_blocks(
    read: Callable[[int], bytes], source: str, *, at_once: int = BYTES_AT_ONCE, longest: int | None = LONGEST_LINE
) -> Iterator[TextBlock]:
    """Yield a list's text block by block, each block ending with a line, without a byte-order mark.

    Args:
        read: returns at most so many bytes, none at the end, as the method of a file does.
        source: the source as an error names it.
        at_once: bytes to read at once; -1 for all.
        longest: characters of a line at most; None for any number.

    Raises:
        ListError: not UTF-8, a NUL byte, or a line that is too long; the message names the line.

    >>> import io
    >>> [block.lines for block in decoded_blocks(io.BytesIO(b"emma\\r\\nava\\n").read, "a list", at_once=8)]
    [['emma'], ['ava']]
    """
    number, rest = 1, b""
    while data := _read(read, source, at_once):
        whole, newline, rest = (rest + data).rpartition(b"\n")
        if newline:
            yield from _decoded(whole + newline, number, source, longest)
            number += whole.count(b"\n") + 1
        if longest is not None and len(rest) > BYTES_OF_CHARACTER * longest + 2:  # with "\r" and "\n"
            raise line_error(source, number, _too_long(f"more than {longest:,}", longest))
    if rest:
        yield from _decoded(rest, number, source, longest)


def line_error(source: str, number: int, reason: str) -> ListError:
    """Return the error of one line of a source."""
    return ListError(f"{source}, line {number}: {reason}")


def _read(read: Callable[[int], bytes], source: str, at_once: int) -> bytes:
    try:
        return read(at_once)
    except OSError as error:
        raise ListError(f"{source} cannot be read: {error.strerror}") from None


def _decoded(data: bytes, number: int, source: str, longest: int | None) -> Iterator[TextBlock]:
    """Yield the lines of some bytes as one block; where a line is bad, the lines before it first."""
    text, bad, reason = _text(data, first=number == 1)
    block = TextBlock(number, text)
    if longest is not None and len(text) > longest:
        lines = block.lines
        long = next((i for i, line in enumerate(lines) if len(line) > longest), None)
        if long is not None:
            bad, reason = long, _too_long(f"{len(lines[long]):,}", longest)
    if bad is None:
        yield block
        return
    if bad:
        yield TextBlock(number, "".join(line + "\n" for line in block.lines[:bad]))
    raise line_error(source, number + bad, reason)


def _text(data: bytes, *, first: bool) -> tuple[str, int | None, str]:
    """Return bytes as text up to the first line that is bad, the index of that line, and the reason."""
    nul = data.find(b"\0")
    if nul >= 0:
        good = data.rfind(b"\n", 0, nul) + 1
        text, bad, reason = _text(data[:good], first=first)
        if bad is None:
            bad, reason = data.count(b"\n", 0, nul), "a NUL byte, so this is not a text file; save it as UTF-8 text"
        return text, bad, reason
    try:
        return data.decode("utf-8-sig" if first else "utf-8"), None, ""
    except UnicodeDecodeError as error:
        # `start` counts from behind a byte-order mark, which holds no line end.
        before, byte = error.object[: error.start], error.object[error.start]
        reason = f"byte 0x{byte:02x} is not valid UTF-8; save the list as UTF-8"
        return before.decode("utf-8"), before.count(b"\n"), reason


def _too_long(characters: str, longest: int) -> str:
    return f"{characters} characters; a line is one thing here, of at most {longest:,} characters"
