"""The ranking of runs by their loss on test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from morelike.errors import MorelikeError
from morelike.evaluation.intervals import Comparison, compare
from morelike.reports.run_report import RunReport
from morelike.text.count_weights import line_weights


@dataclass(frozen=True)
class RankedRun:
    """A run on the leader board. `behind` is its paired difference to the best run, None if it is not known."""

    name: str
    run: RunReport
    loss: float
    interval: tuple[float, float]
    behind: Comparison | None = None


def unique_names(kinds: Sequence[str]) -> list[str]:
    """Return a short name for each run or model: its kind, with a number if several are of one kind.

    >>> unique_names(["gru", "mlp", "gru"])
    ['1. gru', 'mlp', '3. gru']
    """
    return [f"{i}. {kind}" if kinds.count(kind) > 1 else kind for i, kind in enumerate(kinds, 1)]


def name_runs(runs: Sequence[RunReport]) -> dict[str, RunReport]:
    """Return runs by their short names."""
    return dict(zip(unique_names([run.kind for run in runs]), runs, strict=True))


def rank_runs(runs: Mapping[str, RunReport]) -> list[RankedRun]:
    """Return the runs that have a loss on test, the best run first.

    Another run has a paired difference to the best run if both were evaluated on the same words and their lists still
    exist.
    """
    evaluated = {name: run for name, run in runs.items() if "test" in run.losses}
    order = sorted(evaluated, key=lambda name: float(evaluated[name].losses["test"]["nats"]))
    ranked = []
    for name in order:
        run, loss = evaluated[name], evaluated[name].losses["test"]
        low, high = loss["interval"]
        behind = _paired_difference(run, evaluated[order[0]]) if name != order[0] else None
        ranked.append(RankedRun(name, run, loss["nats"], (low, high), behind))
    return ranked


def same_test_words(ranked: Sequence[RankedRun]) -> bool:
    """Return whether all runs were evaluated on the same words, as far as this is known."""
    fingerprints = {entry.run.model.facts.get("fingerprint") for entry in ranked if entry.run.model}
    splits = {str(entry.run.config.get("data", {}).get("split", "")) for entry in ranked}
    return len(fingerprints) <= 1 and len(splits) <= 1


def _paired_difference(run: RunReport, best: RunReport) -> Comparison | None:
    if not (run.list_summary and best.list_summary and run.model and best.model):
        return None
    splits, best_splits = run.list_summary.splits, best.list_summary.splits
    words, counts, labels = splits.test, splits.counts.get("test"), splits.labels.get("test")
    count_weighting = run.model.facts.get("count_weighting", "none")
    if (words, counts) != (best_splits.test, best_splits.counts.get("test")):
        return None
    if count_weighting != best.model.facts.get("count_weighting", "none"):
        return None
    try:
        weights = line_weights(counts, count_weighting)
        losses, lengths = run.model.unit_losses(words, labels=labels)
        best_losses, best_lengths = best.model.unit_losses(words, labels=labels)
    except MorelikeError:
        return None
    if len(lengths) < 2 or not np.array_equal(lengths, best_lengths):
        return None
    return compare(losses, best_losses, lengths, weights)
