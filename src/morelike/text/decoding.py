"""Decoding a list block by block, from UTF-8 or from UTF-16 with a byte-order mark. Every reader of lists uses it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

from morelike.errors import ListError
from morelike.text.words import MAX_LINE_LENGTH

BLOCK_BYTES = 1 << 20
MAX_UTF8_BYTES = 4
"""Bytes of one character in UTF-8, at most."""
BYTE_ORDER_MARK = "\ufeff"
"""Files that were joined have one inside: it is left out at the beginning of every line."""

Read: TypeAlias = Callable[[int], bytes]
"""The `read` method of a binary file; it returns no bytes at the end."""


@dataclass(frozen=True)
class TextBlock:
    """Complete lines of a list as one text. `first_line` is the number of the first one; line numbers start at 1."""

    first_line: int
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines without their line ends."""
        lines = self.text.split("\n")
        if not lines[-1]:
            lines.pop()
        return lines


def decode_blocks(
    read: Read,
    source: str,
    *,
    block_bytes: int = BLOCK_BYTES,
    max_length: int | None = MAX_LINE_LENGTH,
) -> Iterator[TextBlock]:
    """Yield the text of a list in blocks of complete lines, without byte-order marks.

    A line ends in `\\n`, `\\r\\n` or `\\r`, as in Python's own text files; the text of a block has `\\n` alone.
    The good lines before a bad line are yielded before the error is raised.

    Args:
        read: the `read` method of a binary file; it returns no bytes at the end.
        source: the name of the source in error messages.
        block_bytes: bytes to read at a time; -1 reads all bytes at once.
        max_length: characters of a line, at most; None for no limit.

    Raises:
        ListError: a byte is not valid text or is NUL, or a line is too long. The message gives the line's number.

    >>> import io
    >>> [block.lines for block in decode_blocks(io.BytesIO(b"emma\\r\\nava\\n").read, "a list", block_bytes=8)]
    [['emma'], ['ava']]
    """
    first_line, rest = 1, b""
    for data in _utf8_blocks(read, source, block_bytes):
        complete, line_end, beginning = data.rpartition(b"\n")
        if line_end:
            complete, rest = rest + complete + line_end, beginning
            yield from _decode(complete, first_line, source, max_length)
            first_line += complete.count(b"\n")
        else:
            rest += beginning
        if max_length is not None and len(rest) > MAX_UTF8_BYTES * (max_length + 1):  # 1 for a byte-order mark
            raise line_error(source, first_line, too_long(f"more than {max_length:,}", max_length))
    if rest:
        yield from _decode(rest, first_line, source, max_length)


def line_error(source: str, number: int, reason: str) -> ListError:
    """Return the error about one line of a source."""
    return ListError(f"{source}, line {number}: {reason}")


def _utf8_blocks(read: Read, source: str, size: int) -> Iterator[bytes]:
    """Yield the blocks of a source as UTF-8 with the line ends `\\n`. UTF-16 is known by its byte-order mark."""
    blocks = _read_blocks(read, source, size)
    start = b""
    for block in blocks:
        start += block
        if len(start) >= len(codecs.BOM_UTF16):
            break
    blocks = chain([start], blocks)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        blocks = _from_utf16(blocks)
    held = b""
    for block in blocks:
        block = held + block
        held = b"\r" if block.endswith(b"\r") else b""  # a line feed may follow in the next block
        block = block[: len(block) - len(held)]
        yield block.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in block else block
    if held:
        yield b"\n"


def _read_blocks(read: Read, source: str, size: int) -> Iterator[bytes]:
    try:
        while data := read(size):
            yield data
    except OSError as error:
        raise ListError(f"{source} cannot be read: {error.strerror}") from None


def _from_utf16(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield UTF-16 as UTF-8. Half a character becomes bytes that are no UTF-8, which are refused with their line."""
    decoder = codecs.getincrementaldecoder("utf-16")("surrogatepass")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "surrogatepass")
    if decoder.getstate()[0]:
        yield b"\xff"


def _decode(data: bytes, first_line: int, source: str, max_length: int | None) -> Iterator[TextBlock]:
    """Yield the good lines of some bytes as one block, then raise the error of the first bad line, if there is one."""
    text, reason = _valid_lines(data)
    if BYTE_ORDER_MARK in text:
        text = re.sub(f"(?m)^{BYTE_ORDER_MARK}+", "", text)
    if max_length is not None and len(text) > max_length:
        lines = TextBlock(first_line, text).lines
        long = next((i for i, line in enumerate(lines) if len(line) > max_length), None)
        if long is not None:
            text, reason = "".join(f"{line}\n" for line in lines[:long]), too_long(f"{len(lines[long]):,}", max_length)
    if text:
        yield TextBlock(first_line, text)
    if reason:
        raise line_error(source, first_line + text.count("\n"), reason)


def _valid_lines(data: bytes) -> tuple[str, str]:
    """Return the text of the lines before the first line with a bad byte, and the reason; `""` if no byte is bad."""
    reason = ""
    if (nul := data.find(b"\0")) >= 0:
        data = data[: data.rfind(b"\n", 0, nul) + 1]
        reason = "a NUL byte, so this is not a text file; save it as UTF-8 text"
    try:
        return data.decode(), reason
    except UnicodeDecodeError as error:
        start = error.start
        text = data[: data.rfind(b"\n", 0, start) + 1].decode()
        return text, f"byte 0x{data[start]:02x} is not valid UTF-8; save the list as UTF-8"


def too_long(length: str, max_length: int) -> str:
    """Return the reason why a line is refused that has this many characters."""
    return f"{length} characters; a line may have at most {max_length:,} characters"
