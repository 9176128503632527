"""What decides a run, as it is read from settings, written to them, and found again in a run folder."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from morelike.architecture import Architecture, build
from morelike.errors import RunError, SettingError
from morelike.runs.config import TrainingConfig, configure
from morelike.runs.run_folder import Run, kept_columns
from morelike.text.corpus import Corpus
from morelike.text.labels import label_names
from morelike.text.reading import read_corpus

__all__ = ["Plan", "plan_of_run", "read_plan"]


@dataclass(frozen=True)
class Plan:
    """All that decides a run: the same plan gives the same bytes on the same machine.

    `source` is a path or the name of a shipped list, None for words that came from elsewhere (a pipe, a program).
    `choice` says why this kind, where it was chosen for the list (see `choosing`).
    """

    corpus: Corpus
    architecture: Architecture
    training: TrainingConfig
    source: str | None = None
    split: str = "shuffle-42"
    choice: Mapping[str, Any] | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that condition the model, sorted; none where the list has none, or they are not to be used."""
        return label_names(self.corpus.labels) if self.corpus.labels and self.training.labelled else ()

    def as_config(self) -> dict[str, Any]:
        """Return the plan as config.toml writes it, settings that are not set left out."""
        columns = {"weights": self.corpus.counts, "labelled": self.corpus.labels}
        unused = {name for name, column in columns.items() if column is None}
        training = self.training.model_dump(exclude=unused, exclude_none=True)
        form = {"as": self.corpus.form} if self.corpus.form != "lines" else {}
        return {
            "data": {"list": self.source or self.corpus.name, **form, "split": self.split},
            "architecture": {"kind": self.architecture.kind, **self.architecture.model_dump()},
            "training": training,
        }


def read_plan(path: Path) -> dict[str, dict[str, Any]]:
    """Return the tables of a config.toml: data, architecture, training.

    Raises:
        SettingError: missing, not TOML, or a table or value that does not belong there.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingError(f"the settings '{path}' cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"the settings '{path}' are not TOML: {error}") from None
    for name, table in tables.items():
        if name not in ("data", "architecture", "training") or not isinstance(table, dict):
            raise SettingError(f"'{path}': no table is called '{name}'; there are data, architecture and training")
    for name in tables.get("data", {}):
        if name not in ("list", "as", "split"):
            raise SettingError(f"'{path}': data has no setting '{name}'; it has list, as and split")
    for table, name in (("data", "list"), ("data", "as"), ("data", "split"), ("architecture", "kind")):
        value = tables.get(table, {}).get(name, "")
        if not isinstance(value, str):
            raise SettingError(f"'{path}': {name} = {value!r}: expected a name in quotes")
    return tables


def plan_of_run(run: Run) -> Plan:
    """Return the plan of a run, to resume it.

    Raises:
        RunError: its list is not what it was.
    """
    tables = read_plan(run.path / "config.toml")
    source, kept = tables["data"]["list"], run.kept_list()
    name, form = run.meta()["list"], tables["data"].get("as", "lines")
    if kept is not None and form == "text":
        kept = ["\n".join(kept)]
    data = run.meta()["data"]
    if kept is None:
        corpus = replace(read_corpus(source, form), name=name)
    else:
        words, counts, labels = kept_columns(kept, counted="counts_sha256" in data, labelled="labels_sha256" in data)
        corpus = Corpus(name, words, counts, form=form, labels=labels)
    if any(corpus.facts.get(name) != data.get(name) for name in ("sha256", "counts_sha256", "labels_sha256")):
        raise RunError(
            f"the list '{source}' has changed since '{run.path}' began: it cannot be resumed, start a new run"
        )
    settings = dict(tables["architecture"])
    architecture = build(settings.pop("kind"), settings)
    return Plan(
        corpus,
        architecture,
        configure(architecture, tables["training"]),
        None if kept else source,
        tables["data"]["split"],
        run.meta().get("choice"),
    )
