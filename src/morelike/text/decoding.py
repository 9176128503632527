"""Decoding a list from UTF-8 block by block. Every reader of lists uses this module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from morelike.errors import ListError
from morelike.text.words import MAX_LINE_LENGTH

BLOCK_BYTES = 1 << 20
MAX_UTF8_BYTES = 4
"""Bytes of one character in UTF-8, at most."""


@dataclass(frozen=True)
class TextBlock:
    """Complete lines of a list as one text. `first_line` is the number of the first one; line numbers start at 1."""

    first_line: int
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines without their line ends, `\\n` or `\\r\\n`."""
        lines = self.text.split("\n")
        if not lines[-1]:
            lines.pop()
        return [line.removesuffix("\r") for line in lines] if "\r" in self.text else lines


def decode_blocks(
    read: Callable[[int], bytes],
    source: str,
    *,
    block_bytes: int = BLOCK_BYTES,
    max_length: int | None = MAX_LINE_LENGTH,
) -> Iterator[TextBlock]:
    """Yield the text of a list in blocks of complete lines, without the byte-order mark.

    The good lines before a bad line are yielded before the error is raised.

    Args:
        read: the `read` method of a binary file; it returns no bytes at the end.
        source: the name of the source in error messages.
        block_bytes: bytes to read at a time; -1 reads all bytes at once.
        max_length: characters of a line, at most; None for no limit.

    Raises:
        ListError: a byte is not valid UTF-8 or is NUL, or a line is too long. The message gives the line's number.

    >>> import io
    >>> [block.lines for block in decode_blocks(io.BytesIO(b"emma\\r\\nava\\n").read, "a list", block_bytes=8)]
    [['emma'], ['ava']]
    """
    first_line, rest = 1, b""
    while data := _read(read, source, block_bytes):
        data = rest + data
        end = data.rfind(b"\n") + 1
        complete, rest = data[:end], data[end:]
        if complete:
            yield from _decode(complete, first_line, source, max_length)
            first_line += complete.count(b"\n")
        if max_length is not None and len(rest) > MAX_UTF8_BYTES * max_length + 2:  # 2 for "\r\n"
            raise line_error(source, first_line, _too_long(f"more than {max_length:,}", max_length))
    if rest:
        yield from _decode(rest, first_line, source, max_length)


def line_error(source: str, number: int, reason: str) -> ListError:
    """Return the error about one line of a source."""
    return ListError(f"{source}, line {number}: {reason}")


def _read(read: Callable[[int], bytes], source: str, size: int) -> bytes:
    try:
        return read(size)
    except OSError as error:
        raise ListError(f"{source} cannot be read: {error.strerror}") from None


def _decode(data: bytes, first_line: int, source: str, max_length: int | None) -> Iterator[TextBlock]:
    """Yield the good lines of some bytes as one block, then raise the error of the first bad line, if there is one."""
    text, reason = _valid_lines(data, "utf-8-sig" if first_line == 1 else "utf-8")
    if max_length is not None and len(text) > max_length:
        lines = TextBlock(first_line, text).lines
        long = next((i for i, line in enumerate(lines) if len(line) > max_length), None)
        if long is not None:
            text, reason = "".join(f"{line}\n" for line in lines[:long]), _too_long(f"{len(lines[long]):,}", max_length)
    if text:
        yield TextBlock(first_line, text)
    if reason:
        raise line_error(source, first_line + text.count("\n"), reason)


def _valid_lines(data: bytes, encoding: str) -> tuple[str, str]:
    """Return the text of the lines before the first line with a bad byte, and the reason; `""` if no byte is bad."""
    reason = ""
    if (nul := data.find(b"\0")) >= 0:
        data = data[: data.rfind(b"\n", 0, nul) + 1]
        reason = "a NUL byte, so this is not a text file; save it as UTF-8 text"
    try:
        return data.decode(encoding), reason
    except UnicodeDecodeError as error:
        data, start = error.object, error.start  # both without a byte-order mark
        text = data[: data.rfind(b"\n", 0, start) + 1].decode("utf-8")
        return text, f"byte 0x{data[start]:02x} is not valid UTF-8; save the list as UTF-8"


def _too_long(length: str, max_length: int) -> str:
    return f"{length} characters; a line may have at most {max_length:,} characters"
