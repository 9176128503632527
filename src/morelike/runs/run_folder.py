"""The run folder: settings, facts, metrics, checkpoints and the model of one training run, and its lock."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tomli_w

from morelike.errors import ModelError, RunError, did_you_mean
from morelike.runs.checkpoint import Checkpoints
from morelike.storage.atomic_files import MANIFEST, write_file
from morelike.text.count_weights import Counts

if sys.platform != "win32":
    import fcntl

__all__ = ["Run", "find_run", "model_folder", "runs_in"]

LIST = "list.txt"
"""Where a list that came through a pipe is kept, so that the run can be resumed and repeated."""


class Run:
    """One run's folder; see the module's `create` and `find_run` for where it comes from.

    config.toml (all settings, written out), meta.json (versions, seed, data, times, status), metrics.jsonl (one line a
    chunk of steps), checkpoints/, model/, samples.txt, report.html.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkpoints = Checkpoints(path / "checkpoints")

    @classmethod
    def create(cls, out: Path, name: str, config: Mapping[str, Any], meta: Mapping[str, Any]) -> Run:
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
                status="running",
                started=moment.isoformat(timespec="seconds"),
                versions={package: version(package) for package in ("morelike", "numpy", "jax")},
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
        """Where the trained model stands."""
        return self.path / "model"

    @property
    def report(self) -> Path:
        """Where the run's report stands, once it is written."""
        return self.path / "report.html"

    def write_config(self, config: Mapping[str, Any]) -> None:
        """Write config.toml."""
        write_file(self.path / "config.toml", tomli_w.dumps(config).encode())

    def meta(self) -> dict[str, Any]:
        """Return what meta.json says, with the status "stopped" for a run that was ended from outside.

        Raises:
            RunError: missing or damaged.
        """
        path = self.path / "meta.json"
        try:
            meta = json.loads(path.read_bytes())
        except OSError as error:
            raise RunError(f"'{path}' cannot be read: {error.strerror}") from None
        except ValueError:
            raise RunError(f"'{path}' is damaged: it is not JSON") from None
        if meta.get("status") == "running" and self.holder() is None:
            meta["status"] = "stopped"
        return dict(meta)

    def update_meta(self, **facts: Any) -> None:
        """Add facts to meta.json."""
        path = self.path / "meta.json"
        known = json.loads(path.read_bytes()) if path.exists() else {}
        write_file(path, json.dumps({**known, **facts}, indent=2, ensure_ascii=False).encode() + b"\n")

    def keep_list(
        self, words: Sequence[str], counts: Counts | None = None, labels: Sequence[str] | None = None
    ) -> None:
        """Keep a list that has no file of its own, with its counts and labels, so that the run can be resumed.

        Raises:
            RunError: it cannot be written.
        """
        try:
            second = counts if counts is not None or labels is None else [""] * len(words)
            columns = [column for column in (words, second, labels) if column is not None]
            lines = ("\t".join(map(str, line)) for line in zip(*columns, strict=True))
            write_file(self.path / LIST, "".join(line + "\n" for line in lines).encode())
        except OSError as error:
            raise RunError(f"the list cannot be kept in '{self.path}': {error.strerror}") from None

    def kept_list(self) -> list[str] | None:
        """Return the lines of the list that was kept here, None if the run's list has a file of its own."""
        path = self.path / LIST
        return path.read_bytes().decode().split("\n")[:-1] if path.exists() else None

    def keep_samples(self, words: Sequence[str]) -> None:
        """Write samples.txt."""
        (self.path / "samples.txt").write_text("".join(word + "\n" for word in words), "utf-8")

    def append_metrics(self, **metrics: Any) -> None:
        """Add a line to metrics.jsonl."""
        with (self.path / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(metrics) + "\n")

    def metrics(self) -> list[dict[str, Any]]:
        """Return the lines of metrics.jsonl; a torn last line, left by a kill, is skipped."""
        path = self.path / "metrics.jsonl"
        try:
            lines = path.read_text("utf-8").split("\n")[:-1] if path.exists() else []
        except OSError as error:
            raise RunError(f"'{path}' cannot be read: {error.strerror}") from None
        return [json.loads(line) for line in lines]

    def forget_metrics_after(self, step: int) -> None:
        """Cut metrics.jsonl back to what a checkpoint of this step knows."""
        kept = [json.dumps(line) + "\n" for line in self.metrics() if line["step"] <= step]
        write_file(self.path / "metrics.jsonl", "".join(kept).encode())

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run for this process; the system lets go of it when the process ends, however it ends.

        Raises:
            RunError: another process holds it; its pid is named.
        """
        if sys.platform == "win32":
            yield
            return
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RunError(
                    f"the run '{self.path}' is in use by process {self.holder() or '?'}: wait, or end it"
                ) from None
            os.ftruncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())
            yield
        finally:
            os.close(descriptor)

    def holder(self) -> int | None:
        """Return the pid of the process that trains this run now, None if there is none."""
        lock = self.path / "lock"
        if sys.platform == "win32" or not lock.exists():
            return None
        descriptor = os.open(lock, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(os.read(descriptor, 20) or b"0")
        finally:
            os.close(descriptor)
        return None


def kept_columns(
    kept: Sequence[str], *, counted: bool, labelled: bool
) -> tuple[list[str], list[int] | None, list[str] | None]:
    """Return the words, counts and labels of a list that `Run.keep_list` kept; words may hold tabs.

    >>> kept_columns(["emma\\t3\\tgirl"], counted=True, labelled=True)
    (['emma'], [3], ['girl'])
    """
    if not (counted or labelled):
        return list(kept), None, None
    rows = [line.rsplit("\t", 2 if labelled else 1) for line in kept]
    counts = [int(row[1]) for row in rows] if counted else None
    return [row[0] for row in rows], counts, [row[2] for row in rows] if labelled else None


def runs_in(out: Path) -> list[Run]:
    """Return the runs in a folder, newest first."""
    if not out.is_dir():
        return []
    return [Run(path.parent) for path in sorted(out.glob("*/meta.json"), reverse=True)]


def find_run(name: str | Path, out: Path = Path("runs")) -> Run:
    """Return the run of this path or name, or the newest for `"latest"`.

    Raises:
        RunError: there is none.
    """
    runs = runs_in(out)
    if str(name) == "latest":
        if not runs:
            raise RunError(f"there is no run in '{out}' yet: make one with `morelike train`")
        return runs[0]
    for path in (Path(name), out / name):
        if (path / "meta.json").is_file():
            return Run(path)
    names = [run.path.name for run in runs]
    raise RunError(f"no run '{name}': it is no run folder and not in '{out}'{did_you_mean(str(name), names)}")


def model_folder(name: str | Path = "latest", out: Path = Path("runs")) -> Path:
    """Return the model folder that is meant: `"latest"`, a run (by path or name), or a model folder itself.

    Raises:
        ModelError: there is none, or the run has no model yet.
    """
    if str(name) == "latest":
        finished = [run for run in runs_in(out) if (run.model / MANIFEST).is_file()]
        if not finished:
            raise ModelError(f"there is no trained model in '{out}' yet: make one with `morelike train`")
        return finished[0].model
    for path in (Path(name), out / name):
        if (path / MANIFEST).is_file():
            return path
        if (path / "meta.json").is_file():
            if (path / "model" / MANIFEST).is_file():
                return path / "model"
            raise ModelError(f"the run '{path}' has no model yet: end it with `morelike train --resume {path}`")
    if Path(name).is_dir():
        raise ModelError(f"'{name}' is not a model: it has no {MANIFEST}")
    names = [run.path.name for run in runs_in(out)]
    raise ModelError(f"no model '{name}': give a run, a model folder or latest{did_you_mean(str(name), names)}")
