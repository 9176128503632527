"""Manifests: the size and SHA-256 of each file of a folder, written last and checked when the files are read."""

from __future__ import annotations

import hashlib
import json
import mmap
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from morelike.errors import ModelError, MorelikeError, excerpt
from morelike.storage.atomic_files import MANIFEST, MODEL, FolderKind, write_file
from morelike.storage.safetensors_io import Packed
from morelike.storage.untrusted import LARGEST_JSON, open_regular, read_json

FORMAT = 1
LARGEST_FILE = 64 << 30
"""Bytes of a file that is not JSON."""
MAPPED = 32 << 20
"""Size in bytes from which a file is mapped into memory instead of read."""
HASHED = 8 << 20
"""Bytes of a mapped file that are hashed at once."""


def write_files(folder: Path, files: Mapping[str, bytes | Packed], unlisted: Mapping[str, bytes]) -> None:
    """Write files into a folder, and last their manifest.

    The manifest leaves out the `unlisted` files, such as a README.md, so that a person may edit them.

    Raises:
        OSError: a file cannot be written.
    """
    for name, data in {**files, **unlisted}.items():
        write_file(folder / name, data)
    write_manifest(folder, {name: (len(data), digest(data)) for name, data in files.items()})


def write_manifest(folder: Path, files: Mapping[str, tuple[int, str]]) -> None:
    """Write the manifest of a folder, from the size and SHA-256 of each file.

    Raises:
        OSError: the manifest cannot be written.
    """
    listed = {name: {"sha256": sha256, "bytes": size} for name, (size, sha256) in files.items()}
    write_file(folder / MANIFEST, json.dumps({"format": FORMAT, "files": listed}, indent=2).encode() + b"\n")


@dataclass(frozen=True)
class Manifest:
    """The size and SHA-256 of each file of a folder, by the file's name."""

    folder: Path
    files: Mapping[str, tuple[int, str]]
    kind: FolderKind = MODEL

    @classmethod
    def read(cls, folder: Path, kind: FolderKind = MODEL) -> Manifest:
        """Return the manifest of a folder.

        Raises:
            MorelikeError: no manifest, or one that is damaged or of another format; its class is `kind.error`.
        """
        path = folder / MANIFEST
        if not os.path.lexists(path):
            raise kind.error(f"'{folder}' is not a {kind.noun}: it has no {MANIFEST}{kind.advice}")
        manifest = parse_json(path, _read(path, LARGEST_JSON, kind), kind.error)
        if manifest.get("format") != FORMAT:
            raise kind.error(
                f"'{folder}' has {kind.noun} format {excerpt(manifest.get('format'))}; this morelike reads format "
                f"{FORMAT}: update it"
            )
        try:
            listed = manifest["files"].items()
            files = {str(name): (int(facts["bytes"]), str(facts["sha256"])) for name, facts in listed}
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            raise kind.error(f"'{path}' is damaged: it does not list the {kind.noun}'s files{kind.advice}") from None
        for name in files:
            if name in ("", "..") or Path(name).name != name:
                raise kind.error(f"'{path}' is damaged: {excerpt(name)} is not a file of this folder{kind.advice}")
        return cls(folder, files, kind)

    def check_sizes(self) -> None:
        """Check that each file exists and has its size.

        Raises:
            MorelikeError: a file is missing or has another size; the message names it.
        """
        for name, (size, _) in self.files.items():
            file, found = _open(self.folder / name, self.kind)
            file.close()
            if found != size:
                reason = f"it has {found:,} bytes, {size:,} were saved"
                raise self.kind.error(f"'{self.folder / name}' is damaged: {reason}{self.kind.advice}")

    def read_file(self, name: str) -> bytes | mmap.mmap:
        """Return the content of a file, checked against its size and SHA-256; a large file is mapped into memory.

        Raises:
            MorelikeError: the file is not listed, missing or damaged; the message names it.
        """
        if name not in self.files:
            raise self.kind.error(f"'{self.folder / MANIFEST}' is damaged: it does not list {name}{self.kind.advice}")
        size, sha256 = self.files[name]
        largest = LARGEST_JSON if name.endswith(".json") else LARGEST_FILE
        data = _read(self.folder / name, min(size, largest), self.kind)
        if len(data) != size or digest(data) != sha256:
            reason = "it is not what was saved (its SHA-256 differs)"
            raise self.kind.error(f"'{self.folder / name}' is damaged: {reason}{self.kind.advice}")
        return data


def digest(data: bytes | mmap.mmap | Packed) -> str:
    """Return the SHA-256 of bytes in hexadecimal."""
    sha256 = hashlib.sha256()
    for chunk in _chunks(data):
        sha256.update(chunk)
    return sha256.hexdigest()


def release_memory(mapped: mmap.mmap, first: int = 0, length: int | None = None) -> None:
    """Free the memory of a mapped file, where the system can; the file is read again when it is used again."""
    if hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED, first, min(length or len(mapped), len(mapped) - first))


def parse_json(path: Path, data: bytes | mmap.mmap, error: type[MorelikeError] = ModelError) -> dict[str, Any]:
    """Return the object in JSON bytes; messages name `path`.

    Raises:
        MorelikeError: not JSON, not an object, or not bounded (see `read_json`); its class is `error`.
    """
    try:
        value = read_json(bytes(data))
    except ValueError as reason:
        raise error(f"'{path}' is damaged: {reason}") from None
    if not isinstance(value, dict):
        raise error(f"'{path}' is damaged: expected an object")
    return value


def _chunks(data: bytes | mmap.mmap | Packed) -> Iterator[bytes | memoryview]:
    """Yield the bytes piece by piece, so that a large file is never in memory as a whole."""
    if isinstance(data, Packed):
        yield from data.chunks()
    elif isinstance(data, mmap.mmap):
        for first in range(0, len(data), HASHED):
            yield data[first : first + HASHED]
            release_memory(data, first, HASHED)
    else:
        yield data


def _open(path: Path, kind: FolderKind) -> tuple[BinaryIO, int]:
    """Return a file of a folder and its size; the caller closes it."""
    try:
        return open_regular(path)
    except FileNotFoundError:
        raise kind.error(f"'{path}' is missing: the {kind.noun} is not complete{kind.advice}") from None
    except (OSError, ValueError) as error:
        raise kind.error(f"'{path}' cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _read(path: Path, largest: int, kind: FolderKind) -> bytes | mmap.mmap:
    """Return the bytes of a file, mapped if it is large; refuse a file of more than `largest` bytes before reading."""
    file, size = _open(path, kind)
    with file:
        if size > largest:
            raise kind.error(
                f"'{path}' is damaged: it has {size:,} bytes, at most {max(largest, 0):,} are expected{kind.advice}"
            )
        try:
            return file.read(size) if size < MAPPED else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise kind.error(f"'{path}' cannot be read: {getattr(error, 'strerror', None) or error}") from None
