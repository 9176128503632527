"""How the command ends: one sentence for an error, an exit status, and an immediate exit where JAX would wait."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from morelike.errors import MorelikeError, SettingError


class ImmediateExit(BaseException):
    """Ends the process without the interpreter's own shutdown, in which JAX waits for other processes and threads."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def complain(sentence: str) -> None:
    """Print an error."""
    print(f"morelike: {sentence}", file=sys.stderr)  # noqa: T201 (the one place that reports errors)


def report(error: MorelikeError | KeyboardInterrupt) -> int:
    """Print an error in one sentence and return the exit status: 1 failed, 2 called wrongly, 130 interrupted."""
    if isinstance(error, KeyboardInterrupt):
        complain("interrupted")
        return 130
    complain(str(error))
    return 2 if isinstance(error, SettingError) else 1


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
