"""Building a store (see `text.store.format`) from a list, in memory that does not grow with the list.

The first pass reads the list block by block. It writes the code points, the lengths, the hashes and the splits of all
lines to raw files, and determines the vocabulary and the sizes of the splits. The second pass encodes the code points
as ids and writes each line to the position of its split. It distributes the hashes to `SHARDS` files by their highest
bits and sorts one file at a time. Only one block, one shard, and one flag per code point are in memory at a time.
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
from morelike.text.formats.options import DEFAULTS, ReadingOptions
from morelike.text.sources import open_source
from morelike.text.store.first_pass import ListStatistics, write_raw_files
from morelike.text.store.format import FORMAT, SPLIT_RULE, STORE, Store, StoreFacts, is_store
from morelike.text.store.second_pass import write_arrays


@dataclass(frozen=True)
class BuildProgress:
    """The progress of building a store.

    Attributes:
        stage: `"reading"` in the first pass, `"storing"` in the second.
        lines: the number of lines that this stage has processed.
        done: the number of bytes that were read, or of lines that were stored.
        total: the total for `done`, or None if it is not known.
    """

    stage: str
    lines: int
    done: int
    total: int | None

    @property
    def what(self) -> str:
        """The former name of `stage`."""
        return self.stage


def build_store(
    source: str | Path,
    folder: str | Path,
    *,
    force: bool = False,
    options: ReadingOptions = DEFAULTS,
    on_progress: Callable[[BuildProgress], None] | None = None,
) -> Store:
    """Build a store from a list and return it. If building fails, no folder is left.

    Args:
        source: a path, `"-"` for standard input, or the name of a list of `morelike lists`, read as by `read_lines`.
        folder: the folder of the store.
        force: whether to replace an existing store.
        options: the format and the columns of the list, if they are others (see `read_lines`).
        on_progress: called after each block of lines.

    Raises:
        ListError: the list cannot be read, the folder exists already, or the store cannot be written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = build_store("mots", f"{folder}/mots.store")
    ...     store.facts.lines, len(store.split.train), len(store.split.dev)
    (13523, 10774, 1367)
    """
    for progress in build_steps(source, Path(folder), force=force, options=options):
        if on_progress:
            on_progress(progress)
    return Store.open(folder)


def build_steps(
    source: str | Path, folder: Path, *, force: bool = False, options: ReadingOptions = DEFAULTS
) -> Iterator[BuildProgress]:
    """Build a store and yield the progress after each block; see `build_store`."""
    if is_store(folder) and not force:
        raise ListError(f"'{folder}' is a store already: --force builds it again, or choose another name")
    try:
        with atomic_folder(folder, STORE) as temporary:
            yield from _built(source, temporary, options)
    except OSError as error:
        raise ListError(f"the store cannot be written to '{folder}': {error.strerror}") from None


def _built(source: str | Path, folder: Path, options: ReadingOptions) -> Iterator[BuildProgress]:
    raw = folder / "raw"
    raw.mkdir()
    with open_source(source) as (name, file):
        total = None
        with suppress(OSError):
            total = Path(source).stat().st_size
        reader, statistics = BlockReader(file.read, source, options=options), ListStatistics(name)
        for _ in write_raw_files(reader, raw, statistics):
            yield BuildProgress("reading", statistics.lines, reader.bytes_read, total)
    if not statistics.lines:
        raise ListError(f"{reader.source} is empty: give it a list with one word a line")
    vocabulary = {"characters": [chr(code) for code in statistics.code_points.tolist()]}
    write_file(folder / "vocabulary.json", _json(vocabulary))
    for lines in write_arrays(raw, folder, statistics):
        yield BuildProgress("storing", lines, lines, statistics.lines)
    shutil.rmtree(raw)
    write_file(folder / "store.json", _json({"format": FORMAT, "split": SPLIT_RULE, **_as_object(statistics.facts())}))
    write_manifest(folder, {path.name: _size_and_sha256(path) for path in sorted(folder.iterdir())})


def _as_object(facts: StoreFacts) -> dict[str, object]:
    return {**asdict(facts), "lines": facts.lines, "characters": facts.characters}


def _size_and_sha256(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"
