"""What a person keeps of the words of a run, in the file make.json of its folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout
from pydantic import ValidationError

from morelike.architecture import plain_reason
from morelike.errors import MorelikeError, RunError
from morelike.play.make.bodies import Kept
from morelike.runs.run_folder import RunFolder
from morelike.storage.atomic_files import sweep_temporaries, write_file
from morelike.storage.untrusted import open_regular, read_json

FILE = "make.json"
LARGEST = 64 << 20
LOCK_SECONDS = 5.0


class ChangedError(MorelikeError):
    """Another page has changed what is kept; `newest` is what the file holds now."""

    def __init__(self, newest: Kept) -> None:
        super().__init__("another page has changed these words since: look at them, and change them again")
        self.newest = newest


def read_kept(run: RunFolder) -> Kept:
    """Return what is kept of a run; nothing, with version 0, if there is no file.

    Raises:
        RunError: the file cannot be read, or is damaged.
    """
    path = run.path / FILE
    try:
        file, size = open_regular(path)
        with file:
            if size > LARGEST:
                raise ValueError("it is too large")
            return Kept.model_validate(read_json(file.read(LARGEST)))
    except FileNotFoundError:
        return Kept()
    except OSError as error:
        raise RunError(f"'{path}' cannot be read: {error.strerror}") from None
    except ValidationError as error:
        reason = plain_reason(error)
    except (ValueError, MorelikeError) as error:
        reason = str(error)
    raise RunError(f"'{path}' is damaged: {reason}; give it another name, and an empty one takes its place")


def write_kept(run: RunFolder, kept: Kept) -> Kept:
    """Keep the words of a page, and return them with their new version.

    Raises:
        ChangedError: the file has another version than the page has read.
        RunError: the file is damaged, or cannot be written.
    """
    path = run.path / FILE
    with _locked(run):
        newest = read_kept(run)
        if newest.version != kept.version:
            raise ChangedError(newest)
        saved = kept.model_copy(update={"version": kept.version + 1})
        try:
            sweep_temporaries(run.path, FILE)  # a killed process may have left one
            write_file(path, json.dumps(saved.model_dump(), ensure_ascii=False, indent=1).encode() + b"\n")
        except OSError as error:
            raise RunError(f"'{path}' cannot be written: {error.strerror}") from None
        return saved


@contextmanager
def _locked(run: RunFolder) -> Iterator[None]:
    """Keep other requests, and other servers, from writing at the same time."""
    lock = FileLock(run.path / f"{FILE}.lock", timeout=LOCK_SECONDS, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise RunError(f"'{run.path / FILE}' is in use by another process: try again") from None
    except OSError as error:
        raise RunError(f"'{run.path / FILE}' cannot be locked: {error.strerror}") from None
    try:
        yield
    finally:
        lock.release()
