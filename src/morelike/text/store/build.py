"""Building a store (see `text.store.format`) from a list, in a stream: memory is bounded, however long the list.

Two passes. The first reads the list block by block and writes, in the list's order, code points, lengths, hashes and
the part of each line into a folder beside the store; it learns the alphabet and how large the parts are. The second
turns code points into ids and lays each line where its part stands. Hashes go through `SHARDS` files by their highest
bits, so that one shard is sorted at a time. What is held: one block, one shard, and a mark for each code point.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from morelike.errors import ListError
from morelike.storage.atomic_files import atomic_folder, write_file
from morelike.storage.manifest import write_manifest
from morelike.text.block_reader import BlockReader
from morelike.text.sources import opened
from morelike.text.store.first_pass import Scanned, scan
from morelike.text.store.format import FORMAT, STORE, Store, StoreFacts, is_store
from morelike.text.store.second_pass import lay_out

__all__ = ["Building", "build_store", "building"]


@dataclass(frozen=True)
class Building:
    """How far a store is: lines so far; of reading the bytes and of how many, where that is known."""

    what: str
    lines: int
    done: int
    total: int | None


def build_store(
    source: str | Path,
    folder: str | Path,
    *,
    force: bool = False,
    on_progress: Callable[[Building], None] | None = None,
) -> Store:
    """Return the store of a list, built in a folder, which appears whole or not at all.

    Args:
        source: the list: a path, `"-"` for standard input, or the name of a shipped list; read as `read_lines` does.
        folder: where the store is made.
        force: whether a store that is there already is replaced.
        on_progress: called after each block of lines.

    Raises:
        ListError: the list cannot be read, the place is taken, or the store cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = build_store("mots", f"{folder}/mots.store")
    ...     store.facts.lines, len(store.split.train), len(store.split.dev)
    (13523, 10774, 1367)
    """
    for progress in building(source, Path(folder), force=force):
        if on_progress:
            on_progress(progress)
    return Store.open(folder)


def building(source: str | Path, folder: Path, *, force: bool = False) -> Iterator[Building]:
    """Yield how far a store is while it is built; see `build_store`."""
    if is_store(folder) and not force:
        raise ListError(f"'{folder}' is a store already: --force builds it again, or choose another name")
    try:
        with atomic_folder(folder, STORE) as temporary:
            yield from _built(source, temporary)
    except OSError as error:
        raise ListError(f"the store cannot be written to '{folder}': {error.strerror}") from None


def _built(source: str | Path, folder: Path) -> Iterator[Building]:
    raw = folder / "raw"
    raw.mkdir()
    with opened(source) as (name, file):
        total = None
        with suppress(OSError):
            total = Path(source).stat().st_size
        reader, scanned = BlockReader(file.read, source), Scanned(name)
        for _ in scan(reader, raw, scanned):
            yield Building("reading", scanned.lines, reader.bytes_read, total)
    if not scanned.lines:
        raise ListError(f"{reader.source} is empty: give it a list with one word a line")
    vocabulary = {"characters": list(scanned.alphabet())}
    write_file(folder / "vocabulary.json", _json(vocabulary))
    for line in lay_out(raw, folder, scanned):
        yield Building("storing", line, line, scanned.lines)
    shutil.rmtree(raw)
    write_file(folder / "store.json", _json({"format": FORMAT, "split": "hash", **_as_object(scanned.facts())}))
    write_manifest(folder, {path.name: _size_and_sha256(path) for path in sorted(folder.iterdir())})


def _as_object(facts: StoreFacts) -> dict[str, object]:
    return {**asdict(facts), "lines": facts.lines, "characters": facts.characters}


def _size_and_sha256(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"
