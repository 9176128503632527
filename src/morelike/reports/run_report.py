"""The data of a run's report, collected from the run's folder. Missing data is left out, with the reason."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from morelike.errors import MorelikeError
from morelike.evaluation.diagnostics import Diagnosis
from morelike.language_model.files.facts import HIDDEN
from morelike.language_model.model import LanguageModel
from morelike.renamed_settings import with_new_names
from morelike.reports.curves import Curves, read_curves
from morelike.reports.list_summary import ListSummary, list_of_run
from morelike.reports.samples import SampleSummary, sample_new_words, summarize_samples
from morelike.reports.surprisals import Surprisal, show_surprisals
from morelike.runs.run_folder import RunFolder
from morelike.runs.settings import configure_tables, idle_training_settings
from morelike.runs.unfinished import best_model
from morelike.storage.atomic_files import MANIFEST


@dataclass(frozen=True)
class RunReport:
    """A run as its report shows it. Data that is None or empty is not shown.

    `generated_text` is written by a model of running text; `missing` says which data is missing, and why.
    """

    path: Path
    meta: Mapping[str, Any]
    config: Mapping[str, Mapping[str, Any]]
    curves: Curves | None = None
    model: LanguageModel | None = None
    list_summary: ListSummary | None = None
    samples: SampleSummary | None = None
    generated_text: str = ""
    surprisals: list[Surprisal] = field(default_factory=list)
    diagnosis: Diagnosis | None = None
    missing: list[str] = field(default_factory=list)

    @property
    def list_name(self) -> str:
        """The name of the list."""
        return str(self.meta.get("list", "words"))

    @property
    def kind(self) -> str:
        """The kind of model."""
        return str(self.meta.get("kind", "model"))

    @property
    def is_text(self) -> bool:
        """Whether the model was trained on one running text, and not on a list of words."""
        form = self.model.form if self.model else self.config.get("data", {}).get("as", "lines")
        return bool(form == "text")

    @property
    def is_counted(self) -> bool:
        """Whether the model is made of counts."""
        return self.model is not None and self.model.architecture.learned_by == "counting"

    @property
    def losses(self) -> Mapping[str, Mapping[str, Any]]:
        """The exact losses by split."""
        found: Mapping[str, Mapping[str, Any]] = self.meta.get("losses", {})
        return found

    @property
    def test_hidden(self) -> bool:
        """Whether the loss on test is hidden."""
        return bool(self.meta.get(HIDDEN))


def collect_report(run: RunFolder, diagnosis: Diagnosis | None = None) -> RunReport:
    """Return the data of a run's report.

    Raises:
        RunError: meta.json is missing or damaged.
    """
    report = RunReport(run.path, run.meta(), read_config(run), read_curves(run.metrics()), diagnosis=diagnosis)
    missing: list[str] = []
    try:
        found = list_of_run(run, report.config)
    except (MorelikeError, KeyError, OSError) as error:
        found = None
        missing.append(
            f"The list could not be read ({error}). The report therefore leaves out the word lengths, the pairs of "
            "characters, the nearest words of the samples, and the surprising words of the list."
        )
    if found and found.corpus.fingerprint != report.meta.get("data", {}).get("sha256"):
        missing.append(
            f"The list is a store: the figures and pictures of its words use {len(found.corpus.words):,} evenly spaced "
            "lines."
        )
    report = replace(report, list_summary=found, missing=missing)
    if (run.model / MANIFEST).is_file():
        return _add_samples(replace(report, model=LanguageModel.load(run.model)), _kept_samples(run))
    if run.has_best_model:
        model, sentence = best_model(run)
        missing.append(f"{sentence[0].upper()}{sentence[1:]}.")
        return _add_samples(replace(report, model=model), None)
    missing.append(f"There is no model yet: the run is {report.meta.get('status', 'not finished')}.")
    return report


def _add_samples(report: RunReport, kept: str | None) -> RunReport:
    """Return the report with samples and surprisals of its model. `kept` is the content of samples.txt."""
    model, splits = report.model, report.list_summary.splits if report.list_summary else None
    assert model is not None
    if report.is_text:
        text = kept if kept is not None else model.write()
        return replace(
            report, generated_text=text.removesuffix("\n"), surprisals=show_surprisals(model, splits, new_words=[])
        )
    words = kept.split("\n")[:-1] if kept is not None else sample_new_words(model)
    return replace(
        report,
        samples=summarize_samples(model, words, splits.train if splits else None),
        surprisals=show_surprisals(model, splits, new_words=words),
    )


def read_config(run: RunFolder) -> dict[str, dict[str, Any]]:
    """Return the tables of config.toml without settings that have no effect; none if it cannot be read."""
    try:
        tables = tomllib.loads((run.path / "config.toml").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    tables["training"] = with_new_names(tables.get("training", {}))
    try:
        architecture, training = configure_tables(tables)
    except (KeyError, MorelikeError):
        return tables
    idle = {
        "architecture": architecture.idle_settings(),
        "training": idle_training_settings(architecture, training),
    }
    return {
        name: {setting: value for setting, value in table.items() if setting not in idle.get(name, ())}
        for name, table in tables.items()
    }


def _kept_samples(run: RunFolder) -> str | None:
    path = run.path / "samples.txt"
    return path.read_bytes().decode() if path.is_file() else None
