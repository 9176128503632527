"""Writing files whole or not at all, and reading them back with their checksums."""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from morelike.errors import ModelError
from morelike.storage.safetensors_io import Packed, views

__all__ = [
    "appearing",
    "digest",
    "pack",
    "parse_json",
    "read_folder",
    "refuse_occupied",
    "release",
    "unpack",
    "write_file",
    "write_folder",
    "write_listed",
    "write_manifest",
]

MANIFEST = "MANIFEST.json"
FORMAT = 1
LARGEST_JSON = 64 << 20
MAPPED = 32 << 20  # bytes from which a file is mapped to memory instead of read
HASHED = 8 << 20  # bytes of such a file that are hashed at once


def write_file(path: Path, data: bytes | Packed) -> None:
    """Write a file so that at any moment it is the old one or the new one: temporary file, fsync, rename, fsync."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            file.writelines(_chunks(data))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def write_folder(folder: Path, files: Mapping[str, bytes | Packed], notes: Mapping[str, bytes] | None = None) -> None:
    """Write files and a manifest of their checksums as one folder, which appears whole or not at all.

    `notes` are files for people, which the manifest leaves out: they may be edited. A model folder that is already
    there is put aside, replaced, and only then removed.

    Raises:
        ModelError: something else stands in that place.
        OSError: the folder cannot be written.
    """
    with appearing(folder) as temporary:
        write_listed(temporary, files, notes)


@contextmanager
def appearing(folder: Path) -> Iterator[Path]:
    """Give a new folder to write in, which takes its place as `folder` at the end, and only if all went well.

    Raises:
        ModelError: something that is no model stands in that place.
        OSError: the folder cannot be made or moved.
    """
    refuse_occupied(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.with_name(f".{folder.name}.new-{os.getpid()}")
    aside = folder.with_name(f".{folder.name}.old-{os.getpid()}")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
        if folder.exists():
            folder.rename(aside)
        temporary.rename(folder)
        _sync_folder(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(aside, ignore_errors=True)


def refuse_occupied(folder: Path) -> None:
    """Refuse a place where no model can be written, since something else is there.

    Raises:
        ModelError: a file, or a folder that holds something that is no model.
    """
    if folder.exists() and not (folder / MANIFEST).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise ModelError(f"'{folder}' is there already and is not a model: choose another name")


def write_listed(folder: Path, files: Mapping[str, bytes | Packed], notes: Mapping[str, bytes] | None = None) -> None:
    """Write files into a folder, and last a manifest of the checksums of all but the `notes`.

    Raises:
        OSError: they cannot be written.
    """
    for name, data in {**files, **(notes or {})}.items():
        write_file(folder / name, data)
    write_manifest(folder, {name: (digest(data), len(data)) for name, data in files.items()})


def write_manifest(folder: Path, files: Mapping[str, tuple[str, int]]) -> None:
    """Write the manifest of files that stand in a folder: the SHA-256 and the size of each.

    Raises:
        OSError: it cannot be written.
    """
    facts = {name: {"sha256": sha256, "bytes": size} for name, (sha256, size) in files.items()}
    write_file(folder / MANIFEST, json.dumps({"format": FORMAT, "files": facts}, indent=2).encode() + b"\n")


def read_folder(folder: Path) -> dict[str, bytes | mmap.mmap]:
    """Return the files that a folder's manifest lists, each checked against its size and SHA-256.

    Large files are mapped to memory: what is never looked at again takes none.

    Raises:
        ModelError: no such folder, no manifest, a file that is missing or is not what was written; it names the file.
    """
    if not (folder / MANIFEST).is_file():
        raise ModelError(f"'{folder}' is not a model: it has no {MANIFEST}")
    manifest = parse_json(folder / MANIFEST, _read(folder / MANIFEST, LARGEST_JSON))
    if manifest.get("format") != FORMAT:
        raise ModelError(
            f"'{folder}' has model format {manifest.get('format')!r}; this morelike reads format {FORMAT}: update it"
        )
    try:
        listed = {str(name): (str(facts["sha256"]), int(facts["bytes"])) for name, facts in manifest["files"].items()}
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise ModelError(f"'{folder / MANIFEST}' is damaged: it does not list the model's files") from None
    files: dict[str, bytes | mmap.mmap] = {}
    for name, (sha256, size) in listed.items():
        if Path(name).name != name:
            raise ModelError(f"'{folder / MANIFEST}' is damaged: {name!r} is not a file of this folder")
        files[name] = _read(folder / name, size)
        if len(files[name]) != size or digest(files[name]) != sha256:
            raise ModelError(f"'{folder / name}' is damaged: it is not what was saved (its SHA-256 differs)")
    return files


def digest(data: bytes | mmap.mmap | Packed) -> str:
    """Return the SHA-256 of bytes in hexadecimal."""
    found = hashlib.sha256()
    for chunk in _chunks(data):
        found.update(chunk)
    return found.hexdigest()


def _chunks(data: bytes | mmap.mmap | Packed) -> Iterator[bytes | memoryview]:
    """Yield the bytes piece by piece, so that no large file is in memory as a whole."""
    if isinstance(data, Packed):
        yield from data.chunks()
    elif isinstance(data, mmap.mmap):
        for first in range(0, len(data), HASHED):
            yield data[first : first + HASHED]
            release(data, first, HASHED)
    else:
        yield data


def release(mapped: mmap.mmap, first: int = 0, length: int | None = None) -> None:
    """Let go of the memory of a mapped file, where the system knows how; it is read again when it is looked at."""
    if hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED, first, min(length or len(mapped), len(mapped) - first))


def pack(arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, str] | None = None) -> bytes:
    """Return arrays in the safetensors format: the same bytes for the same arrays."""
    return bytes(Packed(arrays, metadata))


def unpack(path: Path, data: bytes | mmap.mmap) -> dict[str, NDArray[Any]]:
    """Return the arrays in safetensors bytes, those of a mapped file as views of it; `path` is for the message alone.

    Raises:
        ModelError: not that format, or sizes that do not fit the bytes.
    """
    try:
        arrays: dict[str, NDArray[Any]] = views(data) if isinstance(data, mmap.mmap) else load(data)
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(f"'{path}' is damaged: {str(error).splitlines()[0]}") from None
    return arrays


def parse_json(path: Path, data: bytes | mmap.mmap) -> dict[str, Any]:
    """Return the object in JSON bytes; `path` is for the message alone.

    Raises:
        ModelError: not JSON, or not an object.
    """
    try:
        value = json.loads(bytes(data))
    except (ValueError, RecursionError):
        raise ModelError(f"'{path}' is damaged: it is not JSON") from None
    if not isinstance(value, dict):
        raise ModelError(f"'{path}' is damaged: expected an object")
    return value


def _read(path: Path, largest: int) -> bytes | mmap.mmap:
    """Return a file's bytes, a large file's mapped; a file of more than `largest` is refused before it is read."""
    try:
        if (size := path.stat().st_size) > largest:
            raise ModelError(f"'{path}' is damaged: it is larger than what was saved")
        if size < MAPPED:
            return path.read_bytes()
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError:
        raise ModelError(f"'{path}' is missing: the model is not complete") from None
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise ModelError(f"'{path}' cannot be read: {getattr(error, 'strerror', error)}") from None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
