"""How the command ends: one sentence for an error, its exit status, and an immediate exit where JAX would wait."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from morelike.errors import MorelikeError, SettingError

__all__ = ["complain", "exit_at_once_on_error", "exit_now", "report"]


def complain(sentence: str) -> None:
    """Print what is wrong."""
    print(f"morelike: {sentence}", file=sys.stderr)  # noqa: T201 (the one place that reports errors)


def report(error: MorelikeError | KeyboardInterrupt) -> int:
    """Print an error in one sentence and return the exit status: 1 failed, 2 called wrongly, 130 interrupted."""
    if isinstance(error, KeyboardInterrupt):
        complain("interrupted")
        return 130
    complain(str(error))
    return 2 if isinstance(error, SettingError) else 1


def exit_now(status: int) -> NoReturn:
    """End the process without the interpreter's own shutdown, in which JAX waits for the other processes of a run."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


@contextmanager
def exit_at_once_on_error() -> Iterator[None]:
    """Report an error and exit now: the other processes of the run notice it as soon as this process has ended."""
    try:
        yield
    except (MorelikeError, KeyboardInterrupt) as error:
        exit_now(report(error))
    except BaseException:
        traceback.print_exc()
        exit_now(1)
