"""The comparison of several runs as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from morelike.errors import SettingError
from morelike.pictures.leader_board import leader_board_figure
from morelike.pictures.losses import curves_figure, smoothed
from morelike.pictures.style import run_colours
from morelike.pictures.words import novelty_figure
from morelike.reports.figures import FigureChoice
from morelike.reports.leader_board import RankedRun, name_runs, rank_runs, same_test_words
from morelike.reports.rendering import Section, render_page
from morelike.reports.run_page import train_command
from morelike.reports.run_report import RunReport

SECTIONS = {
    "board": Section("Leader board"),
    "curves": Section("Curves"),
    "settings": Section("Different settings"),
    "samples": Section("Words they make"),
    "repeat": Section("Repeat them", "the commands", folded=True),
}
TABLES = ("data", "architecture", "training", "mixture", "blend")


def comparison_page(reports: Sequence[RunReport]) -> str:
    """Return a page of HTML that compares runs.

    Raises:
        SettingError: there are fewer than two runs.
    """
    if len(reports) < 2:
        raise SettingError("a comparison takes two runs or more")
    runs = name_runs(reports)
    ranked = rank_runs(runs)
    return render_page(
        "comparison",
        f"{len(runs)} runs",
        SECTIONS,
        runs=runs,
        lists=list(dict.fromkeys(run.list_name for run in reports)),
        ranked=ranked,
        hidden=[{"name": name, "run": run} for name, run in runs.items() if run.test_hidden],
        same_test_words=same_test_words(ranked),
        figures=_figures(runs, ranked),
        differences=_different_settings(runs),
        train_commands={name: train_command(run) for name, run in runs.items()},
    )


def _figures(runs: Mapping[str, RunReport], ranked: Sequence[RankedRun]) -> dict[str, FigureChoice]:
    figures: dict[str, FigureChoice] = {}
    if ranked:
        figures["board"] = {"board": leader_board_figure(ranked, colours=run_colours(list(runs)))}
    curves = {name: run.curves for name, run in runs.items() if run.curves}
    choice: FigureChoice = {}
    if dev := {name: (found.dev_steps, found.dev) for name, found in curves.items() if len(found.dev)}:
        choice["dev"] = curves_figure(dev, "loss on dev", run_colours(list(runs)))
    if curves:
        train = {name: (found.steps, smoothed(found.losses)) for name, found in curves.items()}
        figures["curves"] = {**choice, "train": curves_figure(train, "training loss", run_colours(list(runs)))}
    if counts := {name: run.samples.counts for name, run in runs.items() if run.samples and run.samples.counts}:
        figures["novelty"] = {"novelty": novelty_figure(counts)}
    return figures


def _different_settings(runs: Mapping[str, RunReport]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the settings that are not equal in all runs: the table, the name, and the values by run."""
    settings: dict[tuple[str, str], dict[str, Any]] = {}
    for table in TABLES:
        for run, report in runs.items():
            for name, value in report.config.get(table, {}).items():
                settings.setdefault((table, name), {})[run] = value
    return [
        (table, name, values)
        for (table, name), values in settings.items()
        if len(values) < len(runs) or len(set(map(str, values.values()))) > 1
    ]
