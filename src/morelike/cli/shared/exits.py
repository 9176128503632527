"""How the command ends: one sentence for an error, an exit status, and an immediate exit where JAX would wait."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

from morelike.errors import MorelikeError, SettingError, excerpt
from morelike.installation import missing_package
from morelike.text.printable import printable

INTERRUPTED = 130
GRACE = 1.0
"""Seconds in which an interrupted command may remove its temporary files; compiled code may not return for longer."""
SHOW_CURSOR = "\x1b[?25h"
"""A progress bar hides the cursor of the terminal."""


class ImmediateExit(BaseException):
    """Ends the process without the interpreter's own shutdown, in which JAX waits for other processes and threads."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class CtrlC:
    """Ctrl-C in every command that does not handle it itself: one line, and exit status 130 within `GRACE` seconds.

    The first Ctrl-C raises `KeyboardInterrupt`, so that temporary files are removed. Compiled code may delay or drop
    the exception: a thread ends the process if it is still there after `GRACE` seconds. A second Ctrl-C ends it at
    once and silently.
    """

    def __init__(self) -> None:
        self.received = False
        self.ending = False  # the command has printed how it ends, or is about to: the next Ctrl-C adds nothing

    def listen(self) -> None:
        """Handle Ctrl-C from now on. A process that was started with Ctrl-C ignored continues to ignore it."""
        if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            return
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.signal(signal.SIGINT, self._receive)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)  # wakes the thread during compiled code too
        threading.Thread(target=self._watch, args=(reader,), name="Ctrl-C", daemon=True).start()

    def end(self) -> NoReturn:
        """Print that the command was interrupted, and exit at once."""
        if not self.ending:
            self.ending = True
            complain("interrupted")
        exit_now(INTERRUPTED)

    def _receive(self, *_: object) -> None:
        if self.received or self.ending:
            exit_now(INTERRUPTED)
        self.received = True
        sys.unraisablehook = lambda _: None  # Python would print a traceback if the exception is raised in a finaliser
        raise KeyboardInterrupt

    def _watch(self, reader: int) -> None:
        while signal.SIGINT not in os.read(reader, 1) or signal.getsignal(signal.SIGINT) != self._receive:
            pass
        if select.select([reader], [], [], GRACE)[0]:
            exit_now(INTERRUPTED)
        self.end()


CTRL_C = CtrlC()
"""Ctrl-C in this process."""


def exit_now(status: int) -> NoReturn:
    """End the process without the interpreter's own shutdown; an interrupted process does not print its rest."""
    with suppress(Exception):
        if sys.stderr.isatty():
            getattr(sys.stderr, "unescaped", sys.stderr).write(SHOW_CURSOR)
            sys.stderr.flush()
        if status <= 128:
            sys.stdout.flush()
    os._exit(status)


def complain(sentence: str) -> None:
    """Print an error on one line."""
    print(f"morelike: {printable(sentence)}", file=sys.stderr)  # noqa: T201 (the one place that reports errors)


def report(error: BaseException) -> int:
    """Print an error in one sentence and return the exit status: 1 failed, 2 called wrongly, 130 interrupted.

    Raises:
        BaseException: an error that has no sentence, because it is a fault of the program.
    """
    match error:
        case KeyboardInterrupt():
            complain("interrupted")
            return INTERRUPTED
        case MorelikeError():
            complain(str(error))
            return 2 if isinstance(error, SettingError) else 1
        case ModuleNotFoundError() if not (error.name or "morelike").startswith("morelike"):
            complain(str(missing_package(error)))
        case OSError():
            where = f"'{error.filename}': " if error.filename else ""
            complain(f"{where}{error.strerror or error}")
        case MemoryError():
            complain("there is not enough memory: give a shorter list or smaller settings")
        case UnicodeEncodeError():
            complain(f"{excerpt(error.object[:100])} is not UTF-8: rename the file or folder")
        case RuntimeError() if "Unable to initialize backend" in str(error):  # by JAX
            complain(f"JAX cannot compute here: {error}")
        case _:
            raise error
    return 1


@contextmanager
def exit_at_once_on_error() -> Iterator[None]:
    """Report an error and exit at once: the other processes of the run notice the end of this process.

    Raises:
        ImmediateExit: any error.
    """
    try:
        yield
    except ImmediateExit:
        raise
    except (MorelikeError, KeyboardInterrupt) as error:
        raise ImmediateExit(report(error)) from None
    except BaseException:
        traceback.print_exc()
        raise ImmediateExit(1) from None
