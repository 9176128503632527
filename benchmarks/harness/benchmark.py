"""A benchmark is a file in a folder of `benchmarks` with a function `measure()`; this module finds it.

The file's docstring says what is measured, and `measure()` returns the figures. `TARGETS` gives for a figure the value
to reach, how it is compared, and what bounds it if the target is missed.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from benchmarks.harness.errors import FailedError, SkippedError
from benchmarks.harness.machine import machine

FOLDER = Path(__file__).parents[1]


@dataclass(frozen=True)
class Target:
    """The target of one figure: at least `asked`, or at most.

    `figure` is the path to the figure in the result of `measure()`, such as `"gru.ratio"`. `unit` follows the number;
    `x` means times as fast. `bound` is shown if the target is missed.
    """

    what: str
    figure: str
    asked: float
    unit: str
    compared: str
    at_most: bool = False
    bound: str = ""

    def reached(self, figures: Mapping[str, Any]) -> float | None:
        """Return the figure, or None if it was not measured."""
        found: Any = figures
        for key in self.figure.split("."):
            if not isinstance(found, Mapping) or key not in found:
                return None
            found = found[key]
        return cast("float", found)

    def met(self, figures: Mapping[str, Any]) -> bool | None:
        """Return whether the figure reaches the target, or None if there is no figure."""
        reached = self.reached(figures)
        if reached is None:
            return None
        return reached <= self.asked if self.at_most else reached >= self.asked


@dataclass(frozen=True)
class Benchmark:
    """One measurement, which can be repeated by its name."""

    name: str
    about: str
    measure: Callable[[], dict[str, Any]]
    targets: tuple[Target, ...] = ()


def names() -> list[str]:
    """Return the names of all benchmarks. None is imported, so that a process that starts others stays small.

    A process counts the peak memory of its parent as its own.
    """
    return sorted(_files())


def _files() -> dict[str, Path]:
    """Return the file of each benchmark, by its name."""
    return {path.stem: path for path in FOLDER.glob("*/*.py") if _measures(path)}


def _measures(path: Path) -> bool:
    return any(
        isinstance(node, ast.FunctionDef) and node.name == "measure" for node in ast.parse(path.read_text()).body
    )


def find(name: str) -> Benchmark:
    """Return the benchmark of this name."""
    module = import_module(f"benchmarks.{_files()[name].parent.name}.{name}")
    about = (module.__doc__ or "").partition("\n")[0]
    return Benchmark(name, about, module.measure, getattr(module, "TARGETS", ()))


def record(name: str) -> dict[str, Any]:
    """Return the figures of one benchmark, or why there are none, with the machine, versions, threads and commit."""
    began = time.perf_counter()
    found: dict[str, Any]
    try:
        found = {"figures": find(name).measure()}
    except SkippedError as reason:
        found = {"skipped": str(reason)}
    except FailedError as reason:
        found = {"failed": str(reason)}
    return {"name": name, **machine(), "seconds": round(time.perf_counter() - began, 1), **found}
