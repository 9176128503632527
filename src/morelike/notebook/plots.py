"""The pictures of a model as methods: `model.plot.loss()`, one for each kind of the picture registry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import plotly.graph_objects as go

from morelike.errors import SettingError
from morelike.evaluation.diagnostics import Diagnosis
from morelike.language_model.model import LanguageModel
from morelike.language_model.origin import Origin
from morelike.reports.curves import Curves, read_curves
from morelike.reports.leader_board import name_runs
from morelike.reports.list_summary import ListSummary, summarize_list
from morelike.reports.picture_registry import PICTURES, WITH_WORDS, NamedSources, Picture, Sources
from morelike.reports.run_report import RunReport
from morelike.reports.surprisals import Surprisal, show_surprisals
from morelike.runs.lookup import open_model
from morelike.runs.provenance import list_of
from morelike.runs.run_folder import RunFolder
from morelike.workflows.diagnosis import diagnose, subject_of_model


@dataclass(frozen=True)
class ModelSources(Sources):
    """Models in memory as the sources of a picture. Their runs, or their training in this process, have the rest."""

    given: Sequence[LanguageModel]
    words: Sequence[str] = ()

    def runs(self) -> dict[str, RunReport]:
        reports = []
        for model in self.given:
            meta = {"kind": model.architecture.kind, **{name: model.facts.get(name) for name in ("list", "losses")}}
            meta["losses"] = meta["losses"] or {}
            reports.append(RunReport(Path(), meta, {}, _curves(model), model))
        return name_runs(reports)

    def curves(self) -> Curves:
        found = _curves(self.given[0])
        if found is None:
            raise SettingError("this model has no curve: it was counted, or it came without its run")
        return found

    def models(self) -> list[LanguageModel]:
        return list(self.given)

    def diagnosis(self) -> Diagnosis:
        if self._saved:
            return self._saved.diagnosis()
        model, corpus = self.given[0], _origin(self.given[0]).corpus
        return diagnose(subject_of_model(model, None if corpus is None else lambda form: corpus))

    def list_summary(self) -> ListSummary:
        if self._saved:
            return self._saved.list_summary()
        return _list_summary(self.given[0])

    def surprisals(self) -> Sequence[Surprisal]:
        if self._saved:
            return self._saved.surprisals()
        model = self.given[0]
        new_words = [] if model.form == "text" else model.sample(10)
        return show_surprisals(model, _list_summary(model).splits, new_words)

    @cached_property
    def _saved(self) -> NamedSources | None:
        """The run of the one model, None if it has none."""
        run = _origin(self.given[0]).run
        return NamedSources([str(run)], run.parent) if run else None


class ModelPlots:
    """The pictures of one model. Each method returns a figure of plotly, which a notebook shows.

    A figure has a method `save`, which writes a page, or an image where kaleido is installed. A picture that this model
    cannot have raises a `SettingError`, which says why.
    """

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    def __repr__(self) -> str:
        return f"<pictures: {', '.join(name for name in dir(self))}>"

    def __dir__(self) -> list[str]:
        """The names of the pictures, for completion."""
        return [method_name(kind) for kind in PICTURES]


def method_name(kind: str) -> str:
    """Return the name of the method that draws a kind of picture.

    >>> method_name("leader-board")
    'leader_board'
    """
    return kind.replace("-", "_")


def _method(kind: str, picture: Picture) -> Callable[..., go.Figure]:
    """Return the method that draws a kind of picture."""

    def plain(self: ModelPlots) -> go.Figure:
        return picture.draw(ModelSources([self._model]))

    def with_words(self: ModelPlots, *words: str) -> go.Figure:
        return picture.draw(ModelSources([self._model], words))

    def several(self: ModelPlots, *others: LanguageModel | str | Path) -> go.Figure:
        return picture.draw(ModelSources([self._model, *map(open_model, others)]))

    takes = " `others` are more models or runs." if picture.several else ""
    if kind == WITH_WORDS:
        takes = " Without `words`, words of the list are chosen."
    method = with_words if kind == WITH_WORDS else several if picture.several else plain
    method.__name__ = method_name(kind)
    method.__qualname__ = f"ModelPlots.{method.__name__}"
    method.__doc__ = f"{picture.sentence}{takes}"
    return method


for _kind, _picture in PICTURES.items():
    setattr(ModelPlots, method_name(_kind), _method(_kind, _picture))


def _origin(model: LanguageModel) -> Origin:
    return model.origin or Origin()


def _curves(model: LanguageModel) -> Curves | None:
    """Return the curves of the training of a model, from its run or from memory; None if there are none."""
    origin = _origin(model)
    return read_curves(RunFolder(origin.run).metrics() if origin.run else origin.metrics)


def _list_summary(model: LanguageModel) -> ListSummary:
    """Return the summary of the list of a model without a run.

    Raises:
        SettingError: its list is neither in memory nor in the catalogue.
    """
    corpus = _origin(model).corpus or list_of(model, None)
    return summarize_list(corpus, str(model.facts.get("split", "none")))
