"""What a benchmark is, and how it is found: a file in a folder of `benchmarks` with a function `measure()`.

Its docstring says what is measured, `measure()` returns the figures, and `TARGETS` says what is asked of which figure,
how it was compared, and what bounds it where the target is missed.
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
    """What is asked of one figure: at least `asked`, or at most.

    `figure` is the way to it in what `measure()` returns, as in `"gru.ratio"`; `unit` is written behind the number, in
    which `x` stands for times as fast. `bound` is shown where the target is missed.
    """

    what: str
    figure: str
    asked: float
    unit: str
    compared: str
    at_most: bool = False
    bound: str = ""

    def reached(self, figures: Mapping[str, Any]) -> float | None:
        """Return the figure, None where it is not among those measured."""
        found: Any = figures
        for key in self.figure.split("."):
            if not isinstance(found, Mapping) or key not in found:
                return None
            found = found[key]
        return cast("float", found)

    def met(self, figures: Mapping[str, Any]) -> bool | None:
        """Return whether the figure is as asked, None where there is none."""
        reached = self.reached(figures)
        if reached is None:
            return None
        return reached <= self.asked if self.at_most else reached >= self.asked


@dataclass(frozen=True)
class Benchmark:
    """One measurement that can be repeated by its name."""

    name: str
    about: str
    measure: Callable[[], dict[str, Any]]
    targets: tuple[Target, ...] = ()


def names() -> list[str]:
    """Return the names of all benchmarks; none of them is imported, so that a process which starts others stays small.

    A process counts the peak memory of the one that started it as its own.
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
    """Return what one benchmark measured, or why not, with the machine, versions, threads and commit."""
    began = time.perf_counter()
    found: dict[str, Any]
    try:
        found = {"figures": find(name).measure()}
    except SkippedError as reason:
        found = {"skipped": str(reason)}
    except FailedError as reason:
        found = {"failed": str(reason)}
    return {"name": name, **machine(), "seconds": round(time.perf_counter() - began, 1), **found}
