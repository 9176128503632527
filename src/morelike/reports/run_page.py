"""The report of one run as a page, and the command that repeats the run."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from morelike.evaluation.verdicts import condensed
from morelike.reports.figures import run_figures
from morelike.reports.list_summary import MOST_SYMBOLS
from morelike.reports.rendering import render_page
from morelike.reports.run_report import RunReport
from morelike.text.splits import first_lines

RUN_FACTS = ("status", "started", "seed", "threads", "cores", "device")


def run_page(run: RunReport) -> str:
    """Return the report of one run as HTML."""
    text = run.is_text
    sections = {
        "results": "Results",
        "samples": "Text it writes" if text else "Words it makes",
        "training": "Training",
        "diagnosis": "Diagnosis",
        "surprisal": "Surprisal",
        "data": "The text" if text else "The list",
        "model": "The model",
        "settings": "Settings",
        "repeat": "Repeat it",
    }
    return render_page(
        "run",
        _title(run),
        sections,
        run=run,
        model=run.model,
        figures=run_figures(run),
        readings=condensed(run.diagnosis.readings) if run.diagnosis else [],
        leaks=_leaks(run),
        split_sizes=_split_sizes(run),
        most_symbols=MOST_SYMBOLS,
        settings=_settings(run),
        train_command=train_command(run),
        quoted_path=shlex.quote(str(run.path)),
    )


def _title(run: RunReport) -> str:
    """Return the list and the kind of a run; of a run on the first lines of its list, their number too."""
    first = first_lines(str(run.config.get("data", {}).get("split", "")))
    lines = run.meta.get("data", {}).get("lines", 0)
    part = f" (first {first:,} of {lines:,} words)" if first is not None and first < lines else ""
    return f"{run.list_name}{part}, {run.kind}"


def train_command(run: RunReport) -> str:
    """Return the command that repeats a run."""
    if mixture := run.config.get("mixture"):
        return f"morelike mix {shlex.join(map(str, mixture.get('members', [])))}"
    if blend := run.config.get("blend"):
        weights = ",".join(f"{weight:.6g}" for weight in blend.get("weights", []))
        return f"morelike blend {shlex.join(map(str, blend.get('members', [])))} --weights {weights}"
    config = shlex.quote(str(run.path / "config.toml"))
    kept = run.path / "list.txt"  # a list from a pipe or a program is kept in the run's folder
    if not kept.is_file():
        return f"morelike train --config {config}"
    if run.is_text:
        return f"morelike train - --config {config} < THE-SAME-TEXT"
    return f"morelike train {shlex.quote(str(kept))} --config {config}"


def _leaks(run: RunReport) -> Mapping[str, int] | None:
    """Return the number of dev words and of test words that are also in train, None if it is not known."""
    if run.is_text or "test" not in run.losses:
        return None
    if run.list_summary:
        leaks = run.list_summary.splits.leaks
        return {"dev": leaks.dev, "test": leaks.test}
    return run.meta.get("leaks")


def _split_sizes(run: RunReport) -> dict[str, int]:
    """Return the number of words of each split, or of characters for a running text."""
    if run.is_text and run.list_summary:
        return {name: len(words[0]) for name, words in run.list_summary.splits.parts.items()}
    return {name: loss["lines"] for name, loss in run.losses.items()}


def _settings(run: RunReport) -> dict[str, Mapping[str, Any]]:
    """Return the settings of a run by the title of their table."""
    titles = {"data": "Data", "architecture": "Architecture", "training": "Training"}
    tables = {title: run.config[name] for name, title in titles.items() if run.config.get(name)}
    facts = {
        name: run.meta[name]
        for name in RUN_FACTS
        if run.meta.get(name) is not None and name not in run.config.get("training", {})
    }
    return {**tables, "Run": {**facts, **run.meta.get("versions", {})}}
