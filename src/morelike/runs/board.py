"""A leader board over the runs of a folder, such as the runs that a class hands in: read from their files alone.

The losses are those that each run states. Nothing is trained, and no model is loaded.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isfinite
from pathlib import Path
from typing import Any

from morelike.errors import MorelikeError, RunError
from morelike.storage.atomic_files import MANIFEST
from morelike.storage.untrusted import open_regular, read_json
from morelike.text.printable import printable

DEEPEST = 4
"""Folders between the given one and a run: a student's folder may hold `runs/`, or a copied folder of folders."""
LARGEST_META = 4 << 20
"""Bytes of a meta.json; a larger one is no file of ours."""


@dataclass(frozen=True)
class StatedLoss:
    """A loss that a run states, with its 95 % interval (nats per character)."""

    nats: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class BoardRun:
    """A run on a board. `remark` says why a loss is missing, or what else to know; it is empty if all is well."""

    name: str
    path: Path
    kind: str = ""
    list_name: str = ""
    split: str = ""
    lines: int = 0
    steps: int = 0
    seconds: float = 0.0
    losses: Mapping[str, StatedLoss] = field(default_factory=dict)
    remark: str = ""
    fingerprint: str = ""
    model: bytes = b""

    @property
    def order(self) -> tuple[float, float, str]:
        """The loss on dev, then on test, then the name; a run without a loss comes last."""
        dev, test = (self.losses[name].nats if name in self.losses else inf for name in ("dev", "test"))
        return dev, test, self.name


@dataclass(frozen=True)
class Board:
    """The runs of one list and split, the lowest loss on dev first; only they can be compared."""

    list_name: str
    split: str
    lines: int
    runs: Sequence[BoardRun]

    @property
    def title(self) -> str:
        """The list and the split, for a heading."""
        return f"{self.list_name}, {self.lines:,} lines, split {self.split}"


@dataclass(frozen=True)
class BoardsOfFolder:
    """The boards of a folder, the one with the most runs first, and the runs that no board can hold."""

    boards: Sequence[Board]
    broken: Sequence[BoardRun]


def boards_of(folder: Path) -> BoardsOfFolder:
    """Return the boards over all runs in a folder and its sub-folders.

    Raises:
        RunError: the folder does not exist, or holds no runs.
    """
    if not folder.is_dir():
        raise RunError(f"'{folder}' is not a folder: give the folder that holds the runs to compare")
    paths = sorted(_run_folders(folder, DEEPEST))
    if not paths:
        raise RunError(f"there is no run in '{folder}': a run is a folder with a meta.json, made by `morelike train`")
    runs = [_read(path, name) for path, name in zip(paths, _short_names(paths, folder), strict=True)]
    runs = _mark_copies(runs)
    groups: dict[tuple[str, str], list[BoardRun]] = {}
    for run in runs:
        if run.losses:
            groups.setdefault((run.fingerprint, run.split), []).append(run)
    boards = [
        Board(found[0].list_name, split, found[0].lines, sorted(found, key=lambda run: run.order))
        for (_, split), found in groups.items()
    ]
    boards.sort(key=lambda board: (-len(board.runs), board.title))
    return BoardsOfFolder(boards, [run for run in runs if not run.losses])


def _run_folders(folder: Path, depth: int) -> Iterator[Path]:
    """Yield the runs in a folder; links to folders are not followed, and a run holds no other run."""
    if (folder / "meta.json").is_file():
        yield folder
        return
    if depth < 0:
        return
    try:
        inside = [each for each in folder.iterdir() if each.is_dir() and not each.is_symlink()]
    except OSError:  # a folder that may not be read holds no run for us
        return
    for each in inside:
        yield from _run_folders(each, depth - 1)


def _short_names(paths: Sequence[Path], folder: Path) -> list[str]:
    """Return a name for each run: its first folder, which often is a student's, or its path if several are in there."""
    places = [path.relative_to(folder).parts or (path.name,) for path in paths]
    shared = Counter(parts[0] for parts in places)
    return [parts[0] if shared[parts[0]] == 1 else "/".join(p for p in parts if p != "runs") for parts in places]


def _read(path: Path, name: str) -> BoardRun:
    """Return a run as its files state it; a run that cannot be read has a remark and no losses."""
    name = printable(name)
    try:
        meta = _meta(path)
        split = _split(path, meta)
        losses = _stated(meta.get("losses"))
        data = meta.get("data")
        kept = path / "model" / MANIFEST
        return BoardRun(
            name,
            path,
            kind=str(meta.get("kind", "")),
            list_name=str(meta.get("list", "")),
            split=split,
            lines=_whole(data.get("lines") if isinstance(data, dict) else 0),
            steps=_whole(meta.get("steps")),
            seconds=_number(meta.get("seconds")) or 0.0,
            losses={each: losses[each] for each in ("dev", "test") if each in losses},
            remark=_remark(meta, losses),
            fingerprint=str(data.get("sha256", "")) if isinstance(data, dict) else str(meta.get("list", "")),
            model=kept.read_bytes() if kept.is_file() and kept.stat().st_size < LARGEST_META else b"",
        )
    except (MorelikeError, OSError, ValueError, TypeError) as error:
        return BoardRun(name, path, remark=f"broken: {' '.join(str(error).split())}")


def _meta(path: Path) -> dict[str, Any]:
    """Return the content of meta.json; the lock is not asked, since the folder may be another person's."""
    file, size = open_regular(path / "meta.json")
    with file:
        meta = read_json(file.read()) if size <= LARGEST_META else None
    if not isinstance(meta, dict):
        raise RunError("meta.json is no JSON object, or too large")
    return meta


def _split(path: Path, meta: Mapping[str, Any]) -> str:
    try:
        found = tomllib.loads((path / "config.toml").read_text("utf-8"))
    except (OSError, ValueError):
        return ""
    data = found.get("data")
    return str(data.get("split", "")) if isinstance(data, dict) else str(meta.get("split", ""))


def _stated(losses: Any) -> dict[str, StatedLoss]:
    """Return the losses of a meta.json; anything else than finite numbers is left out."""
    found = {}
    for name, figures in losses.items() if isinstance(losses, dict) else ():
        nats = _number(figures.get("nats")) if isinstance(figures, dict) else None
        if nats is None:
            continue
        ends = figures.get("interval")
        low, high = (_number(end) for end in (ends if isinstance(ends, list) and len(ends) == 2 else (None, None)))
        found[str(name)] = StatedLoss(nats, (nats if low is None else low, nats if high is None else high))
    return found


def _remark(meta: Mapping[str, Any], losses: Mapping[str, StatedLoss]) -> str:
    status = str(meta.get("status", "unknown"))
    if status != "finished":
        reason = f" ({meta['error']})" if meta.get("error") else ""
        return f"not finished: {status}{reason}"
    if not losses:
        return "no losses"
    if "dev" not in losses:
        return "no loss on dev: nothing was held out"
    return "" if "test" in losses else "test is hidden: dev only"


def _mark_copies(runs: Sequence[BoardRun]) -> list[BoardRun]:
    """Return the runs; one whose model has the same bytes as an earlier one's has a remark."""
    first: dict[bytes, BoardRun] = {}
    marked = []
    for run in runs:
        same = first.setdefault(run.model, run) if run.model else run
        copied = f"the same model as {same.name}" if same is not run else ""
        marked.append(run if same is run else _with_remark(run, "; ".join(filter(None, [run.remark, copied]))))
    return marked


def _with_remark(run: BoardRun, remark: str) -> BoardRun:
    return BoardRun(**{**vars(run), "remark": remark})


def _number(value: Any) -> float | None:
    """Return a finite number, None for anything else."""
    usable = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    return float(value) if usable else None


def _whole(value: Any) -> int:
    return int(_number(value) or 0)
