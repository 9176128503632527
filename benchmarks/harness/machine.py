"""The machine on which a figure was measured, and the paths of the lists."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.harness.errors import SkippedError

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("MORELIKE_DATA", ROOT.parent / "shared" / "data"))
PACKAGES = ("numpy", "jax", "torch")


def machine() -> dict[str, Any]:
    """Return the processor, its threads, the versions of Python and the libraries, and the commit."""
    versions = {package: found for package in PACKAGES if (found := _version(package))}
    return {
        "machine": f"{_processor()}, {_memory()} GB",
        "threads": os.cpu_count(),
        "versions": {"python": platform.python_version(), **versions},
        "commit": _commit(),
        "date": time.strftime("%Y-%m-%d"),
    }


def in_one_line(facts: dict[str, Any]) -> str:
    """Return these facts for people to read, without the commit and the date."""
    versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    return f"{facts['machine']}, {facts['threads']} threads; {versions}"


def benchmark_list(name: str) -> Path:
    """Return the path of a benchmark list.

    Raises:
        SkippedError: the list is absent.
    """
    path = DATA / name
    if not path.is_file():
        raise SkippedError(f"this needs the list {name}, which does not ship: put it in {DATA} or set MORELIKE_DATA")
    return path


def large_list() -> Path:
    """Return the path of the large list, of millions of lines.

    Raises:
        SkippedError: MORELIKE_LARGE does not name it.
    """
    named = os.environ.get("MORELIKE_LARGE", "")
    if not Path(named).is_file():
        raise SkippedError(
            "this needs a list of millions of lines, which does not ship: set MORELIKE_LARGE to its path"
        )
    return Path(named)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _commit() -> str:
    """Return the commit, with a mark if the measured code has changed since."""
    head = _git("rev-parse", "--short", "HEAD").strip()
    changed = _git("status", "--porcelain", "--", "src", "benchmarks", ":!benchmarks/results.json").strip()
    return f"{head or 'no clone'}{' and changes' if changed else ''}"


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, cwd=ROOT, check=False).stdout
