"""Files and folders that are written completely or not at all."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedWriter
from pathlib import Path

from morelike.errors import ModelError, MorelikeError
from morelike.storage.safetensors_io import Packed

MANIFEST = "MANIFEST.json"
TEMPORARY = re.compile(r"\.(?P<name>.+)\.(?P<role>new-|old-)?(?P<pid>\d+)")
"""The names of the temporary files and folders of this module."""


@dataclass(frozen=True)
class FolderKind:
    """What a folder holds: the file by which it is known, and the words and the class of its errors.

    A folder with one of the files `others` is of another kind, although it has the file of this kind.
    """

    noun: str
    marker: str
    error: type[MorelikeError]
    advice: str = ""
    others: tuple[str, ...] = ()

    def holds(self, folder: Path) -> bool:
        """Return whether a folder is of this kind."""
        return (folder / self.marker).is_file() and not any((folder / other).is_file() for other in self.others)


CLASSIFIER = FolderKind("classifier", "classifier.json", ModelError)
MODEL = FolderKind("model", MANIFEST, ModelError, others=(CLASSIFIER.marker, "store.json"))


def write_file(path: Path, data: bytes | Packed, *, durable: bool = True) -> None:
    """Write a file so that at any moment it is the old one or the new one; see `atomic_file`.

    Raises:
        OSError: the file cannot be written; the old one is untouched.
    """
    with atomic_file(path, durable=durable) as file:
        file.writelines(data.chunks() if isinstance(data, Packed) else [data])


@contextmanager
def atomic_file(path: Path, *, durable: bool = True) -> Iterator[BufferedWriter]:
    """Yield a temporary file, which becomes `path` at the end if no error was raised: fsync, rename, fsync.

    A file that is there already is replaced and keeps its permissions. A symbolic link stays: the file that it names is
    replaced. A file that need not be `durable` is written more quickly, without fsync: a failure of the power may
    damage it.

    Raises:
        OSError: the file cannot be written, or the path is a folder, a device or a pipe; what is there is untouched.
    """
    target = path.resolve() if path.is_symlink() else path
    permissions = _permissions(target)
    if not target.parent.is_dir():
        missing = f"No such file or directory: make the folder '{target.parent}' first"
        raise FileNotFoundError(errno.ENOENT, missing, str(path))
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            if permissions is not None:
                temporary.chmod(permissions)
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        _sync_folder(target.parent)


def is_special(path: Path) -> bool:
    """Return whether a path is a device, a pipe or a socket, or a link to one: no file can take its place."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _permissions(path: Path) -> int | None:
    """Return the permissions of a regular file, or None if nothing is there.

    Raises:
        OSError: something else than a regular file is there.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is a device or a pipe, not a file", str(path))
    return stat.S_IMODE(mode)


@contextmanager
def atomic_folder(folder: Path, kind: FolderKind = MODEL) -> Iterator[Path]:
    """Yield a temporary folder, which becomes `folder` at the end if no error was raised.

    A folder of the same kind that exists already is moved aside, replaced, and only then removed.

    Raises:
        MorelikeError: the place is occupied (see `refuse_occupied`).
        OSError: the folder cannot be made or moved.
    """
    refuse_occupied(folder, kind)
    folder.parent.mkdir(parents=True, exist_ok=True)
    sweep_temporaries(folder.parent, folder.name)
    temporary = folder.with_name(f".{folder.name}.new-{os.getpid()}")
    previous = folder.with_name(f".{folder.name}.old-{os.getpid()}")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
        if folder.exists():
            folder.rename(previous)
        temporary.rename(folder)
        _sync_folder(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(previous, ignore_errors=True)


def sweep_temporaries(folder: Path, name: str | None = None) -> None:
    """Remove the temporary files and folders in `folder` whose process has ended; with a `name`, those of this name.

    A folder that was moved aside comes back if the process ended before the new one was in its place. Nothing is
    removed from a folder that cannot be read or written.
    """
    with suppress(OSError):
        for path in sorted(folder.iterdir()):
            found = TEMPORARY.fullmatch(path.name)
            if not found or (name is not None and found["name"] != name) or _is_alive(int(found["pid"])):
                continue
            if found["role"] == "old-" and not (folder / found["name"]).exists():
                path.rename(folder / found["name"])
            elif path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    """Return whether a process with this number runs; one that this user may not signal does."""
    if os.name == "nt":  # where signal 0 would end the process
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def refuse_occupied(folder: Path, kind: FolderKind = MODEL) -> None:
    """Refuse a place that something of another kind occupies.

    Raises:
        MorelikeError: a file, or a folder that is neither empty nor of this kind; its class is `kind.error`.
    """
    if folder.exists() and not kind.holds(folder) and (not folder.is_dir() or any(folder.iterdir())):
        raise kind.error(f"'{folder}' is there already and is not a {kind.noun}: choose another name")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
