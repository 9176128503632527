"""The folder of a training run: its settings, facts, metrics, checkpoints, model and lock."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from morelike.arrays import Weights
from morelike.errors import RunError
from morelike.installation import versions
from morelike.runs.checkpoint import Checkpoints
from morelike.runs.knobs import KNOBS
from morelike.storage.atomic_files import MANIFEST, sweep_temporaries, write_file
from morelike.storage.safetensors_io import Packed, unpack
from morelike.text.count_weights import Counts

FIRST_WEIGHTS = "first.safetensors"
"""The file of the weights with which a run begins, if they are those of another run."""
LIST = "list.txt"
"""The file of a list that has no file of its own, so that the run can be resumed and repeated."""
LOCK_SECONDS = 0.1
"""How long a process waits for the lock: another process that only asks who holds it has it for a moment."""


class RunFolder:
    """The folder of one run; `create` makes it, `find_run` finds it.

    It holds config.toml (all settings, written out), meta.json (versions, seed, data, times, status), metrics.jsonl
    (one line for each chunk of steps), checkpoints/, model/, samples.txt and report.html. Until the run has finished,
    untrained/ holds its model without the weights. judged/ holds the model before a refit. looks/ holds the weights at
    some steps of a run that was watched, and make.json the words that a person kept of those that it made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkpoints = Checkpoints(path / "checkpoints")

    @classmethod
    def create(cls, out: Path, name: str, config: Mapping[str, Any], meta: Mapping[str, Any]) -> RunFolder:
        """Make the folder `out/<time>-<name>-<id>` with its settings and facts.

        Raises:
            RunError: `out` cannot be written.
        """
        moment = datetime.now(UTC)
        path = out / f"{moment:%Y%m%d-%H%M%S}-{moment.microsecond:06d}-{name}-{secrets.token_hex(2)}"
        run = cls(path)
        try:
            path.mkdir(parents=True)
            run.write_config(config)
            run.update_meta(
                status="stopped",  # until another status is written: a signal may end the process at any moment
                started=moment.isoformat(timespec="seconds"),
                versions=versions("numpy", "jax"),
                argv=sys.argv,
                **meta,
            )
        except OSError as error:
            raise RunError(
                f"no run folder can be made in '{out}': {error.strerror}; choose another with --out"
            ) from None
        return run

    @property
    def model(self) -> Path:
        """The folder of the trained model."""
        return self.path / "model"

    @property
    def judged(self) -> Path:
        """The folder of the model before it was trained anew on all splits: the losses of the run are its losses."""
        return self.path / "judged"

    @property
    def untrained(self) -> Path:
        """The folder of the model without its weights, which makes models of the checkpoints; see `unfinished`."""
        return self.path / "untrained"

    @property
    def has_best_model(self) -> bool:
        """Whether the run holds the best model so far, good or damaged; see `unfinished.best_model`."""
        return (self.untrained / MANIFEST).is_file() and self.checkpoints.exist

    @property
    def knobs(self) -> Path:
        """The file of the knobs that were turned while the run trained; see `knobs`."""
        return self.path / KNOBS

    def save_first_weights(self, weights: Weights) -> None:
        """Write the weights with which a new run begins.

        Raises:
            RunError: they cannot be written.
        """
        try:
            write_file(self.path / FIRST_WEIGHTS, Packed(weights))
        except OSError as error:
            raise RunError(f"'{self.path / FIRST_WEIGHTS}' cannot be written: {error.strerror}") from None

    def first_weights(self) -> Weights | None:
        """Return the weights with which the run began, None if they were drawn from its seed.

        Raises:
            ModelError: the file is damaged.
        """
        path = self.path / FIRST_WEIGHTS
        return unpack(path, path.read_bytes()) if path.exists() else None

    @property
    def report(self) -> Path:
        """The file of the report."""
        return self.path / "report.html"

    def write_config(self, config: Mapping[str, Any]) -> None:
        """Write config.toml."""
        import tomli_w  # reading runs and models works without it

        write_file(self.path / "config.toml", tomli_w.dumps(config).encode())

    def meta(self) -> dict[str, Any]:
        """Return the content of meta.json; the status is "running" if a process holds the lock, and only then.

        Raises:
            RunError: missing or damaged.
        """
        holder = self.holder()  # before the file: a run that has ended by then has written its last status
        meta = self._written_meta()
        if holder is not None:
            return {**meta, "status": "running"}
        return {**meta, "status": "stopped"} if meta.get("status") == "running" else meta  # older runs have written it

    def update_meta(self, **facts: Any) -> None:
        """Add facts to meta.json."""
        path = self.path / "meta.json"
        known = self._written_meta() if path.exists() else {}
        write_file(path, json.dumps({**known, **facts}, indent=2, ensure_ascii=False).encode() + b"\n")

    def mark_failed(self, error: str) -> None:
        """Write the status "failed" and the reason, unless the run was refused before it began."""
        if self._written_meta().get("status") in ("stopped", "running"):
            self.update_meta(status="failed", error=error)

    def _written_meta(self) -> dict[str, Any]:
        path = self.path / "meta.json"
        try:
            return dict(json.loads(path.read_bytes()))
        except OSError as error:
            raise RunError(f"'{path}' cannot be read: {error.strerror}") from None
        except (ValueError, TypeError):
            raise RunError(f"'{path}' is damaged: it is not a JSON object") from None

    def save_list(
        self, words: Sequence[str], counts: Counts | None = None, labels: Sequence[str] | None = None
    ) -> None:
        """Save a list that has no file of its own, with its counts and labels, so that the run can be resumed.

        Raises:
            RunError: it cannot be written.
        """
        try:
            second = counts if counts is not None or labels is None else [""] * len(words)
            columns = [column for column in (words, second, labels) if column is not None]
            lines = ("\t".join(map(str, line)) for line in zip(*columns, strict=True))
            write_file(self.path / LIST, "".join(line + "\n" for line in lines).encode())
        except OSError as error:
            raise RunError(f"the list cannot be saved in '{self.path}': {error.strerror}") from None

    def saved_list(
        self, *, counted: bool, labelled: bool
    ) -> tuple[list[str], list[int] | None, list[str] | None] | None:
        """Return the words, counts and labels of the saved list; None if the list has a file of its own.

        Args:
            counted: whether the list has counts.
            labelled: whether it has labels.
        """
        path = self.path / LIST
        if not path.exists():
            return None
        lines = path.read_bytes().decode().split("\n")[:-1]
        if not (counted or labelled):
            return lines, None, None
        rows = [line.rsplit("\t", 2 if labelled else 1) for line in lines]  # words may hold tabs
        counts = [int(row[1]) for row in rows] if counted else None
        return [row[0] for row in rows], counts, [row[2] for row in rows] if labelled else None

    def save_samples(self, words: Sequence[str]) -> None:
        """Write samples.txt."""
        (self.path / "samples.txt").write_text("".join(word + "\n" for word in words), "utf-8")

    def append_metrics(self, **metrics: Any) -> None:
        """Add a line to metrics.jsonl."""
        with (self.path / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(metrics) + "\n")

    def metrics(self) -> list[dict[str, Any]]:
        """Return the lines of metrics.jsonl; an incomplete last line, which a kill leaves, is skipped.

        Raises:
            RunError: the file cannot be read, or a line does not hold the step and the losses of a chunk.
        """
        path = self.path / "metrics.jsonl"
        try:
            lines = path.read_text("utf-8").split("\n")[:-1] if path.exists() else []
        except OSError as error:
            raise RunError(f"'{path}' cannot be read: {error.strerror}") from None
        return [_measured(path, number, line) for number, line in enumerate(lines, 1)]

    def remove_metrics_after(self, step: int) -> None:
        """Remove the lines of later steps from metrics.jsonl: a resumed run writes them again."""
        lines = [json.dumps(line) + "\n" for line in self.metrics() if line["step"] <= step]
        write_file(self.path / "metrics.jsonl", "".join(lines).encode())

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the run for this process; the system unlocks it when the process ends, however it ends.

        Files and folders that killed processes left half-written are removed first.

        Raises:
            RunError: another process holds the lock, whose pid the message names; or the lock cannot be written.
        """
        from filelock import FileLock, Timeout  # it takes 0.1 s to import, which a sample need not wait for

        lock = FileLock(self.path / "lock", timeout=LOCK_SECONDS, poll_interval=LOCK_SECONDS / 10, thread_local=False)
        try:
            lock.acquire()
            self._pid.write_text(str(os.getpid()))
        except Timeout:
            raise RunError(
                f"the run '{self.path}' is in use by process {self.holder() or '?'}: wait, or end it"
            ) from None
        except OSError as error:
            lock.release()
            raise RunError(f"the run '{self.path}' cannot be locked: {error.strerror}") from None
        try:
            for folder in (self.path, self.checkpoints.folder):
                sweep_temporaries(folder)
            yield
        finally:
            self._pid.unlink(missing_ok=True)
            lock.release()

    def holder(self) -> int | None:
        """Return the pid of the process that trains this run now, None if there is none."""
        from filelock import FileLock

        if not self._pid.exists():
            return None
        try:
            with FileLock(self.path / "lock", timeout=LOCK_SECONDS, poll_interval=LOCK_SECONDS / 10):
                return None  # the process was killed: its pid is still there, its lock is not
        except OSError:  # locked, or a folder that this process may only read
            with suppress(OSError, ValueError):
                return int(self._pid.read_text())
        return None

    @property
    def _pid(self) -> Path:
        return self.path / "lock.pid"


def _measured(path: Path, number: int, line: str) -> dict[str, Any]:
    """Return a line of metrics.jsonl, which holds a step and losses.

    Raises:
        RunError: another line.
    """
    with suppress(ValueError, TypeError, KeyError):
        found = dict(json.loads(line))
        losses = [*(found.get("losses") or [found["loss"]]), *found.get("rates", []), *found.get("blocks", [])]
        if isinstance(found["step"], int) and all(isinstance(each, int | float) for each in losses):
            return found
    raise RunError(
        f"'{path}' is damaged: line {number} does not hold a step and its losses; put a copy of the file in its place, "
        "or remove the line"
    )
