"""Write the results of the benchmarks as a table between the two marks of docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.harness.benchmark import Target, find
from benchmarks.harness.machine import ROOT, in_one_line

RESULTS = Path(__file__).parents[1] / "results.json"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- performance: written by `make bench` -->", "<!-- end of performance -->"


def write_page(results: Mapping[str, Mapping[str, Any]], page: Path = PAGE) -> None:
    """Write the table of these results into the page."""
    targets = {name: find(name).targets for name in results}
    page.write_text(between_marks(page.read_text("utf-8"), BEGIN, END, table(results, targets)), "utf-8")


def between_marks(text: str, begin: str, end: str, written: str) -> str:
    """Return the text with the part between its two marks replaced."""
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{written}\n{end}{after}"


def table(results: Mapping[str, Mapping[str, Any]], targets: Mapping[str, tuple[Target, ...]]) -> str:
    """Return a line for each target, and below them the machines."""
    lines = ["| what | target | reached | how it was compared | what bounds it, if missed |", "|---|---|---|---|---|"]
    for name, result in results.items():
        lines += [_line(name, target, result) for target in targets[name]]
    return "\n".join([*lines, "", *_machines(results)])


def _line(name: str, target: Target, result: Mapping[str, Any]) -> str:
    figures = result.get("figures", {})
    reached, met = target.reached(figures), target.met(figures)
    asked = f"{'at most ' if target.at_most else ''}{_number(target.asked)} {target.unit}"
    if reached is None:
        shown = _why_none(target, result)
    else:
        shown = f"{_number(reached)} {target.unit}{'' if met else ' (missed)'}"
    bound = target.bound if met is False else ""
    return f"| {target.what} (`{name}`) | {asked} | {shown} | {target.compared} | {bound} |"


def _why_none(target: Target, result: Mapping[str, Any]) -> str:
    """Return why there is no figure: the reason of the whole benchmark, or of the part with the figure."""
    part = result.get("figures", {}).get(target.figure.partition(".")[0])
    for found in (result, part):
        if isinstance(found, Mapping):
            for key in ("skipped", "failed"):
                if key in found:
                    return f"{key}: {found[key]}"
    return "not measured"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _machines(results: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield a sentence for each machine and commit, with the benchmarks that ran there unless all did."""
    runs: dict[tuple[str, str], list[str]] = {}
    for name, result in results.items():
        runs.setdefault((in_one_line(dict(result)), result["commit"]), []).append(name)
    for (where, commit), ran in runs.items():
        which = "Measured" if len(runs) == 1 else ", ".join(f"`{name}`" for name in ran) + " measured"
        yield f"{which} on {where}; commit {commit}."
