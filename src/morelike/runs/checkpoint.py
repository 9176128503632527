"""Checkpoints: the state of training on disk, written completely or not at all; the last few are kept.

A checkpoint holds what `TrainingState` in `training/loop.py` holds: weights, optimiser, best weights and progress.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from morelike.errors import ModelError, RunError
from morelike.storage.atomic_files import write_file
from morelike.storage.manifest import digest, parse_json
from morelike.storage.safetensors_io import pack, unpack

KEPT = 2
WEIGHTS, BEST = "weights/", "best."
"""How the names of the weights begin: of the current ones, and of the best ones on dev."""


@dataclass(frozen=True)
class Checkpoint:
    """Arrays by name, and facts as JSON values, which include `step`."""

    arrays: dict[str, NDArray[Any]]
    facts: dict[str, Any]

    def arrays_of(self, prefix: str) -> dict[str, NDArray[Any]]:
        """Return the arrays whose names begin with a prefix, by the rest of their names."""
        return {name.removeprefix(prefix): array for name, array in self.arrays.items() if name.startswith(prefix)}


class Checkpoints:
    """The checkpoints in one folder.

    `step-N.safetensors` is written first, then `step-N.json` with its SHA-256. A kill at any moment leaves the older
    checkpoints. A checkpoint of which one file is missing counts as damaged.
    """

    def __init__(self, folder: Path, kept: int = KEPT) -> None:
        self.folder = folder
        self.kept = kept
        self.damaged: list[str] = []
        """A sentence on each damaged checkpoint that `newest` skipped."""

    def save(self, checkpoint: Checkpoint) -> Path:
        """Write a checkpoint, remove all but the last `kept`, and return its path.

        Raises:
            RunError: it cannot be written; the older checkpoints are untouched.
        """
        name = f"step-{checkpoint.facts['step']:09d}"
        path = self.folder / f"{name}.safetensors"
        data = pack(checkpoint.arrays)
        manifest = _manifest(data, checkpoint.facts)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_file(path, data)
            write_file(self.folder / f"{name}.json", manifest)
            self._remove_old()
        except OSError as error:
            raise RunError(f"the checkpoint cannot be written to '{self.folder}': {error.strerror}") from None
        return path

    def newest(self) -> Checkpoint | None:
        """Return the newest undamaged checkpoint, None if there is none; `damaged` describes the skipped ones."""
        return next(self._undamaged(), None)

    def _undamaged(self) -> Iterator[Checkpoint]:
        self.damaged = []
        for manifest in sorted({path.with_suffix(".json") for path in self._files()}, reverse=True):
            try:
                yield _read(manifest)
            except ModelError as error:
                self.damaged.append(str(error))

    @property
    def exist(self) -> bool:
        """Whether there is a checkpoint, good or damaged."""
        return bool(self._files())

    def _remove_old(self) -> None:
        """Remove all files that are older than the last `kept` checkpoints."""
        kept = sorted(path.stem for path in self._files() if path.suffix == ".json")[-self.kept :]
        for path in self._files():
            if path.stem < kept[0]:
                path.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        """Return the files of all checkpoints, the JSON file of a checkpoint first."""
        return [path for suffix in ("json", "safetensors") for path in self.folder.glob(f"step-*.{suffix}")]


def _manifest(data: bytes, facts: Any) -> bytes:
    """Return the manifest: the facts, and one SHA-256 of the arrays and the facts together."""
    seal = digest(data + json.dumps(facts, sort_keys=True).encode())
    return json.dumps({"facts": facts, "sha256": seal}, indent=2).encode() + b"\n"


def _read(manifest: Path) -> Checkpoint:
    path = manifest.with_suffix(".safetensors")
    try:
        written, data = manifest.read_bytes(), path.read_bytes()
    except FileNotFoundError as error:
        raise ModelError(f"'{error.filename}' is missing: the checkpoint is not complete") from None
    except OSError as error:
        raise ModelError(f"'{error.filename}' cannot be read: {error.strerror}") from None
    facts = parse_json(manifest, written).get("facts", {})
    if written != _manifest(data, facts):
        raise ModelError(f"'{path}' is damaged: it is not what was saved (its SHA-256 differs)")
    if manifest.stem != f"step-{facts.get('step', -1):09d}":
        raise ModelError(f"'{manifest}' is damaged: it is the checkpoint of another step")
    return Checkpoint(unpack(path, data), facts)
