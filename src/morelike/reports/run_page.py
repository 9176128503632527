"""The report of one run as a page, and the command that repeats the run."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from morelike.architecture import find
from morelike.errors import MorelikeError
from morelike.evaluation.verdicts import condensed
from morelike.glossary import entries
from morelike.reports.figures import run_figures
from morelike.reports.lead import why_counting_is_better
from morelike.reports.list_summary import MOST_SYMBOLS
from morelike.reports.rendering import Section, render_page
from morelike.reports.run_report import RunReport
from morelike.runs.settings import TrainingConfig
from morelike.text.splits import first_lines

MEANINGS = {
    "list": "the list of words",
    "as": "whether the file is a list of words (lines) or one running text",
    "format": "the format of the list's file",
    "column": "the column that holds the words",
    "counts": "where the counts of the words are",
    "split": "how words are divided into train, dev and test; the number is the seed of the division",
    "hide_test": "whether the loss on test is left uncomputed until someone asks for it",
    "kind": "the kind of model",
    "batch_size": "contexts, or rows of characters, that one step of training learns from",
    "row_length": "characters in a row; short words stand in one row, one after another",
    "chunk": "steps that are computed together, between two messages; it changes no result",
    "clip": "largest length of the gradient of a step; a longer one is shortened; 0 for no limit",
    "threads": "cores that share each step",
    "cores": "cores of the machine",
    "seed": "the number that decides every random choice of the run",
    "status": "how the run ended",
    "started": "date and time, in UTC",
    "device": "what the run was computed on",
    "morelike": "version of this program",
    "numpy": "version of the library that evaluates and samples",
    "jax": "version of the library that trains",
}
"""What settings and facts mean, where their own description is short of it for a reader of reports."""
EXPLAINED = (
    *(
        "loss",
        "nat",
        "bit",
        "perplexity",
        "surprisal",
        "interval",
        "bootstrap",
        "split",
        "train",
        "dev",
        "test",
        "leak",
    ),
    *("overfitting", "n-gram", "smoothing", "mixture", "log-linear-mixture", "refit", "novelty", "temperature"),
    *("seed", "parameter", "vocabulary"),
)
"""The words of the glossary that every report explains, by their anchors."""
EXPLAINED_OF_NETWORKS = (
    *("embedding", "activation", "gradient", "batch", "batchnorm", "step", "epoch", "learning-rate"),
    "optimizer",
)
"""The words that the report of a trained network explains too."""
RUN_FACTS = ("status", "started", "seed", "threads", "cores", "device")


def run_page(run: RunReport) -> str:
    """Return the report of one run as HTML."""
    return render_page(
        "run",
        _title(run),
        _sections(run),
        run=run,
        model=run.model,
        figures=run_figures(run),
        readings=condensed(run.diagnosis.readings) if run.diagnosis else [],
        leaks=_leaks(run),
        split_sizes=_split_sizes(run),
        most_symbols=MOST_SYMBOLS,
        settings=_settings(run),
        meanings=setting_meanings(run.kind),
        why_counting=why_counting_is_better(run),
        train_command=train_command(run),
        quoted_path=shlex.quote(str(run.path)),
        glossary=[entries()[anchor] for anchor in (*EXPLAINED, *(() if run.is_counted else EXPLAINED_OF_NETWORKS))],
    )


def _title(run: RunReport) -> str:
    """Return the list and the kind of a run; of a run on the first lines of its list, their number too."""
    first = first_lines(str(run.config.get("data", {}).get("split", "")))
    lines = run.meta.get("data", {}).get("lines", 0)
    part = f" (first {first:,} of {lines:,} words)" if first is not None and first < lines else ""
    return f"{run.list_name}{part}, {run.kind}"


def _sections(run: RunReport) -> dict[str, Section]:
    """Return the sections of a run's page. Those that a reader needs at times are folded, with their gist."""
    text = run.is_text
    verdicts = Counter(reading.verdict for reading in run.diagnosis.readings) if run.diagnosis else Counter()
    readings = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in ("bad", "watch", "good") if verdicts[verdict])
    size = f"{run.model.vocabulary.size - 1:,} characters in its alphabet" if run.model else ""
    numbers = f"{run.model.parameters:,} numbers" if run.model else ""
    return {
        "results": Section("Results"),
        "samples": Section("Text it writes" if text else "Words it makes"),
        "training": Section("Training"),
        "diagnosis": Section("Diagnosis", readings, folded=not verdicts["bad"]),
        "surprisal": Section("Surprisal"),
        "data": Section("The text" if text else "The list", size, folded=True),
        "model": Section("The model", numbers, folded=True),
        "settings": Section("Settings", "every setting of the run, and its meaning", folded=True),
        "repeat": Section("Repeat it", "the commands", folded=True),
        "glossary": Section("Words", "what the words of this page mean", folded=True),
    }


def train_command(run: RunReport) -> str:
    """Return the command that repeats a run."""
    if mixture := run.config.get("mixture"):
        members = shlex.join(map(str, mixture.get("members", [])))
        return f"morelike mix {members} --interpolation {mixture.get('interpolation', 'linear')}"
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


def setting_meanings(kind: str) -> dict[str, str]:
    """Return the meaning of each setting by its name: the description of its declaration, or one of `MEANINGS`."""
    fields = dict(TrainingConfig.model_fields)
    with suppress(MorelikeError):  # the run of a kind that this version does not have
        fields |= find(kind).model_fields
    return {name: (field.description or "").replace("`", "") for name, field in fields.items()} | MEANINGS


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
