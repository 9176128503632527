"""Standard output and standard error: what a command writes passes through one class that makes it safe to show."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from morelike.errors import MorelikeError, excerpt
from morelike.text.printable import printable

if TYPE_CHECKING:  # rich delays a cold start
    from rich.console import Console

NARROWEST = 40
"""The least width of a table in characters, in a terminal of any width."""
STRUCTURE = "\n\t"
"""The control characters that structure the output."""


class OutputStream:
    """A standard stream that shows control characters as text, and whose failures are one sentence.

    Standard output shows them if it is a terminal, and passes them on into a pipe. Standard error always shows them,
    and a message that it cannot take is lost. `unescaped` is the same stream for text that is escaped already.
    """

    def __init__(self, stream: Any, name: str, *, escapes: bool, lossy: bool = False) -> None:
        self._stream, self._name, self._escapes, self._lossy = stream, name, escapes, lossy
        self.unescaped = OutputStream(stream, name, escapes=False, lossy=lossy) if escapes else self

    def write(self, text: str) -> int:
        """Write a text and return its length.

        Raises:
            MorelikeError: the stream takes no more, or its encoding lacks a character.
            BrokenPipeError: the process that reads the output has ended.
        """
        try:
            self._stream.write(printable(text, STRUCTURE) if self._escapes else text)
        except (UnicodeEncodeError, OSError) as error:
            self._fail(error)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write texts one after the other; raise what `write` raises."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Pass everything on; raise what `write` raises."""
        try:
            self._stream.flush()
        except OSError as error:
            self._fail(error)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _fail(self, error: UnicodeEncodeError | OSError) -> None:
        if self._lossy:
            return
        if isinstance(error, UnicodeEncodeError):
            character = error.object[error.start]
            raise MorelikeError(
                f"{self._name} is encoded in {self._stream.encoding}, which has no {excerpt(character)} "
                f"(U+{ord(character):04X}): set PYTHONIOENCODING=utf-8"
            ) from None
        with suppress(OSError, ValueError):  # the interpreter would try to write the rest when it ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
        if isinstance(error, BrokenPipeError):
            raise error
        raise MorelikeError(f"{self._name} cannot be written: {error.strerror}") from None


@contextmanager
def guarded_streams() -> Iterator[None]:
    """Let everything that a command prints pass through `OutputStream`."""
    kept = sys.stdout, sys.stderr
    sys.stdin = sys.stdin or _closed(0)
    out: Any = sys.stdout or _closed(1)
    err: Any = sys.stderr or _closed(2)
    is_terminal = out.isatty()
    if isinstance(getattr(out, "buffer", None), io.RawIOBase):  # PYTHONUNBUFFERED: it drops what a full disk cuts off
        out = os.fdopen(out.fileno(), "w", buffering=1, encoding=out.encoding, errors=out.errors, closefd=False)
    if getattr(out, "errors", None) == "strict":  # a terminal shows a number, a pipe gets the bytes of a file's name
        out.reconfigure(errors="backslashreplace" if is_terminal else "surrogateescape")
    sys.stdout = OutputStream(out, "standard output", escapes=is_terminal)
    sys.stderr = OutputStream(err, "standard error", escapes=True, lossy=True)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = kept


def console(stream: Any, **settings: Any) -> Console:
    """Return a console of rich that shows control characters in its content as text, and keeps its own styles."""
    from rich.console import Console
    from rich.segment import Segment

    class SafeConsole(Console):
        def render(self, *args: Any, **kwargs: Any) -> Iterator[Segment]:
            for segment in super().render(*args, **kwargs):
                yield segment if segment.control else segment._replace(text=printable(segment.text, STRUCTURE))

        def on_broken_pipe(self) -> None:
            raise  # rich calls this while it handles the error, and would exit with 1

    file = getattr(stream, "unescaped", stream)
    made = SafeConsole(file=file, highlight=False, markup=False, emoji=False, **settings)
    if made.width < NARROWEST:  # the tables of the help have no layout for such a width
        made.width = NARROWEST
    return made


def _closed(descriptor: int) -> Any:
    """Return a stream in place of a closed one: using it fails, and no other file gets its descriptor.

    The null device is opened the other way round, as the GNU tools do.
    """
    mode, flags = ("r", os.O_WRONLY) if descriptor == 0 else ("w", os.O_RDONLY)
    return open(os.open(os.devnull, flags), mode, encoding="utf-8", closefd=False)
