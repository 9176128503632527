"""The second pass of building a store: ids for code points, each line where its part stands, hashes sorted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from morelike.text.store.first_pass import RAW, Scanned
from morelike.text.store.format import PARTS, token_type
from morelike.text.vocabulary import CODE_POINTS, NEWLINE

__all__ = ["SHARDS", "lay_out"]

SHARDS = 64
"""Files that the hashes of a part are sorted through: of a billion lines one takes 125 MB."""
SHIFT = np.uint64(64 - 6)


def lay_out(raw: Path, folder: Path, scanned: Scanned) -> Iterator[int]:
    """Write the arrays of a store from those of the first pass, and yield the lines so far."""
    ids = _ids(scanned)
    sizes = scanned.sizes()
    tokens, lines = [lines + characters for lines, characters in sizes], [lines for lines, _ in sizes]
    files = {"tokens.bin": (tokens, ids.dtype.itemsize), "offsets.bin": ([n + 1 for n in lines], 8)}
    if scanned.counted:
        files["counts.bin"] = (lines, 8)
    ends, done = [0] * len(PARTS), 0
    with ExitStack() as stack:
        out = {name: _handles(stack, folder / name, *of) for name, of in files.items()}
        marks = stack.enter_context((folder / "parts.bin").open("wb"))
        for handle in out["offsets.bin"]:
            handle.write(np.zeros(1, dtype="<i8").tobytes())
        for block in _blocks(stack, raw, scanned):
            if scanned.note:
                block["parts"][:] = 0
            marks.write(block["parts"].tobytes())
            of_character = np.repeat(block["parts"], block["lengths"])
            block["codes"] = ids[block["codes"]]
            for part in range(len(PARTS)):
                own = block["parts"] == part
                offsets = ends[part] + np.cumsum(block["lengths"][own], dtype="<i8")
                ends[part] = int(offsets[-1]) if len(offsets) else ends[part]
                out["tokens.bin"][part].write(block["codes"][of_character == part].tobytes())
                out["offsets.bin"][part].write(offsets.tobytes())
                if scanned.counted:
                    out["counts.bin"][part].write(block["counts"][own].tobytes())
                _to_shards(raw, part, block["hashes"][own])
            done += len(block["parts"])
            yield done
    scanned.distinct = _sorted_hashes(raw, folder)


def _ids(scanned: Scanned) -> NDArray[Any]:
    """Return the id of each code point, `END` for the line end."""
    known = np.flatnonzero(scanned.seen)
    known = known[known != NEWLINE]
    ids = np.zeros(CODE_POINTS, dtype=token_type(len(known) + 1))
    ids[known] = np.arange(1, len(known) + 1)
    return ids


def _handles(stack: ExitStack, path: Path, items: list[int], size: int) -> list[IO[bytes]]:
    """Return a handle on one file for each part, at the place where the part begins."""
    path.touch()
    handles: list[IO[bytes]] = []
    for part in range(len(PARTS)):
        handle = stack.enter_context(path.open("r+b"))
        handle.seek(size * sum(items[:part]))
        handles.append(handle)
    return handles


def _blocks(stack: ExitStack, raw: Path, scanned: Scanned) -> Iterator[dict[str, NDArray[Any]]]:
    """Yield the arrays of the first pass block by block."""
    names = [name for name in RAW if name != "counts" or scanned.counted]
    files = {name: stack.enter_context((raw / name).open("rb")) for name in names}
    for lines, codes in scanned.blocks:
        yield {
            name: np.fromfile(file, dtype=RAW[name], count=codes if name == "codes" else lines)
            for name, file in files.items()
        }


def _to_shards(raw: Path, part: int, hashes: NDArray[np.uint64]) -> None:
    shard = hashes >> SHIFT
    order = np.argsort(shard, kind="stable")
    bounds = np.searchsorted(shard[order], np.arange(SHARDS + 1, dtype=np.uint64))
    hashes = hashes[order]
    for at in np.flatnonzero(np.diff(bounds)).tolist():
        with _shard(raw, part, at).open("ab") as file:
            file.write(hashes[bounds[at] : bounds[at + 1]].tobytes())


def _sorted_hashes(raw: Path, folder: Path) -> list[int]:
    """Write the distinct hashes of each part, sorted, and return how many they are."""
    distinct = [0] * len(PARTS)
    with (folder / "known.bin").open("wb") as out:
        for part in range(len(PARTS)):
            for at in range(SHARDS):
                if (path := _shard(raw, part, at)).exists():
                    hashes = np.unique(np.fromfile(path, dtype="<u8"))
                    distinct[part] += len(hashes)
                    out.write(hashes.tobytes())
    return distinct


def _shard(raw: Path, part: int, at: int) -> Path:
    return raw / f"shard-{part}-{at}"
