"""The second pass of building a store: the raw arrays are encoded, ordered by split, and their hashes sorted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from morelike.text.splits import SPLIT_NAMES
from morelike.text.store.first_pass import RAW_FILES, ListStatistics
from morelike.text.store.format import token_type
from morelike.text.vocabulary import CODE_POINTS

SHARDS = 64
"""Files by which the hashes of a split are sorted. One file of a billion lines has 125 MB."""
SHARD_SHIFT = np.uint64(64 - 6)  # the highest 6 bits of a hash are its shard


def write_arrays(raw: Path, folder: Path, statistics: ListStatistics) -> Iterator[int]:
    """Write the arrays of a store, given its raw files, and yield the number of lines after each block."""
    ids = _id_of_code_point(statistics)
    sizes = statistics.sizes()
    tokens, lines = [lines + characters for lines, characters in sizes], [lines for lines, _ in sizes]
    items = {"tokens.bin": (tokens, ids.dtype.itemsize), "offsets.bin": ([n + 1 for n in lines], 8)}
    if statistics.counted:
        items["counts.bin"] = (lines, 8)
    ends, done = [0] * len(SPLIT_NAMES), 0
    with ExitStack() as stack:
        files = {name: _open_per_split(stack, folder / name, *each) for name, each in items.items()}
        split_file = stack.enter_context((folder / "parts.bin").open("wb"))
        for file in files["offsets.bin"]:
            file.write(np.zeros(1, dtype="<i8").tobytes())
        for block in _blocks(stack, raw, statistics):
            if statistics.note:
                block["splits"][:] = 0
            split_file.write(block["splits"].tobytes())
            character_splits = np.repeat(block["splits"], block["lengths"])
            token_ids = ids[block["codes"]]
            for split in range(len(SPLIT_NAMES)):
                own = block["splits"] == split
                offsets = ends[split] + np.cumsum(block["lengths"][own], dtype="<i8")
                ends[split] = int(offsets[-1]) if len(offsets) else ends[split]
                files["tokens.bin"][split].write(token_ids[character_splits == split].tobytes())
                files["offsets.bin"][split].write(offsets.tobytes())
                if statistics.counted:
                    files["counts.bin"][split].write(block["counts"][own].tobytes())
                _append_to_shards(raw, split, block["hashes"][own])
            done += len(block["splits"])
            yield done
    statistics.distinct = _write_sorted_hashes(raw, folder)


def _id_of_code_point(statistics: ListStatistics) -> NDArray[Any]:
    """Return the id of each code point that occurs, and 0, which is `END`, for all others and for the line end."""
    found = statistics.code_points
    ids = np.zeros(CODE_POINTS, dtype=token_type(len(found) + 1))
    ids[found] = np.arange(1, len(found) + 1)
    return ids


def _open_per_split(stack: ExitStack, path: Path, items: list[int], size: int) -> list[IO[bytes]]:
    """Return one open file per split, at the position where the split starts in the file."""
    path.touch()
    files: list[IO[bytes]] = []
    for split in range(len(SPLIT_NAMES)):
        file = stack.enter_context(path.open("r+b"))
        file.seek(size * sum(items[:split]))
        files.append(file)
    return files


def _blocks(stack: ExitStack, raw: Path, statistics: ListStatistics) -> Iterator[dict[str, NDArray[Any]]]:
    """Yield the raw arrays block by block."""
    names = [name for name in RAW_FILES if name != "counts" or statistics.counted]
    files = {name: stack.enter_context((raw / name).open("rb")) for name in names}
    for lines, codes in statistics.blocks:
        yield {
            name: np.fromfile(file, dtype=RAW_FILES[name], count=codes if name == "codes" else lines)
            for name, file in files.items()
        }


def _append_to_shards(raw: Path, split: int, hashes: NDArray[np.uint64]) -> None:
    shards = hashes >> SHARD_SHIFT
    order = np.argsort(shards, kind="stable")
    bounds = np.searchsorted(shards[order], np.arange(SHARDS + 1, dtype=np.uint64))
    hashes = hashes[order]
    for shard in np.flatnonzero(np.diff(bounds)).tolist():
        with _shard_file(raw, split, shard).open("ab") as file:
            file.write(hashes[bounds[shard] : bounds[shard + 1]].tobytes())


def _write_sorted_hashes(raw: Path, folder: Path) -> list[int]:
    """Write the distinct hashes of each split, sorted, and return their number for each split."""
    distinct = [0] * len(SPLIT_NAMES)
    with (folder / "known.bin").open("wb") as out:
        for split in range(len(SPLIT_NAMES)):
            for shard in range(SHARDS):
                if (path := _shard_file(raw, split, shard)).exists():
                    hashes = np.unique(np.fromfile(path, dtype="<u8"))
                    distinct[split] += len(hashes)
                    out.write(hashes.tobytes())
    return distinct


def _shard_file(raw: Path, split: int, shard: int) -> Path:
    return raw / f"shard-{split}-{shard}"
