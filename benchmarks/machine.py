"""What a figure was measured on, and where the lists are."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("MORELIKE_DATA", ROOT.parent / "shared" / "data"))


def machine() -> str:
    """Return the processor, its cores, the Python and the libraries, in one line."""
    return f"{_processor()}, {os.cpu_count()} cores; Python {platform.python_version()}, {', '.join(_versions())}"


def benchmark_list(name: str) -> Path:
    """Return the path of a benchmark list; leave with a plain reason where it is absent."""
    path = DATA / name
    if not path.is_file():
        sys.exit(f"this needs the list {name}, which does not ship: put it in {DATA} or set MORELIKE_DATA")
    return path


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _versions() -> list[str]:
    found = []
    for package in ("numpy", "jax", "torch"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return found
