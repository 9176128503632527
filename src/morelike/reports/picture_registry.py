"""The single pictures that a user can choose by name, drawn from a run, a model or a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import plotly.graph_objects as go

from morelike.errors import MorelikeError, RunError, SettingError, did_you_mean
from morelike.evaluation.diagnostics import Diagnosis
from morelike.evaluation.verdicts import UPDATE_LINE
from morelike.language_model.model import LanguageModel
from morelike.pictures.diagram import diagram_of
from morelike.pictures.embedding import embedding_figure
from morelike.pictures.heat_maps import bigram_figure, count_figure
from morelike.pictures.histograms import histograms_figure
from morelike.pictures.leader_board import leader_board_figure
from morelike.pictures.losses import curves_figure, loss_figure, rate_figure, train_and_dev_figure
from morelike.pictures.network import network_figure
from morelike.pictures.ratios import ratios_figure
from morelike.pictures.words import lengths_figure, novelty_figure, surprisal_figure
from morelike.reports.curves import Curves, read_curves
from morelike.reports.figures import diagnosis_histograms, weight_histograms, weight_matrices
from morelike.reports.leader_board import name_runs, rank_runs, unique_names
from morelike.reports.list_summary import ListSummary, list_of_run, summarize_list
from morelike.reports.run_report import RunReport, collect_report, read_config
from morelike.reports.samples import summarize_samples
from morelike.reports.surprisals import group_surprisals
from morelike.runs.lookup import find_run, open_model
from morelike.text.reading import read_corpus
from morelike.workflows.diagnosis import diagnose, subject_of


@dataclass(frozen=True)
class Sources:
    """The sources of a picture: names of runs, models or lists, the folder of the runs, and words."""

    names: Sequence[str]
    out: Path
    words: Sequence[str] = ()

    def runs(self) -> dict[str, RunReport]:
        """Return the settings and curves of the runs by a short name."""
        found = [find_run(name, self.out) for name in self.names]
        return name_runs([RunReport(run.path, run.meta(), {}, read_curves(run.metrics())) for run in found])

    def curves(self) -> Curves:
        """Return the curves of the one run."""
        run = find_run(self.names[0], self.out)
        found = read_curves(run.metrics())
        if found is None:
            raise SettingError(f"the run '{run.path}' has no curve: it was counted, or has not begun")
        return found

    def models(self) -> list[LanguageModel]:
        """Return the models."""
        return [open_model(name, self.out) for name in self.names]

    def diagnosis(self) -> Diagnosis:
        """Return the diagnosis of the one run."""
        return diagnose(subject_of(self.names[0], self.out))

    def list_summary(self) -> ListSummary:
        """Return the summary of the list of the one run, or of a list by its own name."""
        try:
            run = find_run(self.names[0], self.out)
        except RunError:
            return summarize_list(read_corpus(self.names[0]), "none")
        return list_of_run(run, read_config(run))


Draw: TypeAlias = Callable[[Sources], go.Figure]


def draw(kind: str, names: Sequence[str], out: Path, words: Sequence[str] = ()) -> go.Figure:
    """Return the picture of this kind.

    Raises:
        SettingError: there is no such kind, or the source does not have the data of this picture.
        MorelikeError: a source is missing or damaged.
    """
    if kind not in PICTURES:
        raise SettingError(
            f"no picture is called '{kind}': there are {', '.join(PICTURES)}{did_you_mean(kind, PICTURES)}"
        )
    if len(names) > 1 and kind not in SEVERAL_SOURCES:
        raise SettingError(f"the picture '{kind}' is of one run, model or list: {len(names)} were given")
    if words and kind != "surprisal":
        raise SettingError(f"--word is for the picture 'surprisal', not for '{kind}'")
    return PICTURES[kind](Sources(names, out, words))


def _loss(sources: Sources, *, log10: bool = False) -> go.Figure:
    curves = sources.curves()
    return loss_figure(curves.steps, curves.losses, log10=log10)


def _train_dev(sources: Sources) -> go.Figure:
    curves = sources.curves()
    if not len(curves.dev):
        raise SettingError("nothing was held out in this run: there is no curve of dev")
    return train_and_dev_figure(curves.steps, curves.losses, curves.dev_steps, curves.dev)


def _rate(sources: Sources) -> go.Figure:
    curves = sources.curves()
    return rate_figure(curves.rate_steps, curves.rates)


def _curves(sources: Sources) -> go.Figure:
    curves = {name: run.curves for name, run in sources.runs().items() if run.curves}
    dev = {name: (found.dev_steps, found.dev) for name, found in curves.items() if len(found.dev)}
    if not dev:
        raise SettingError("none of these runs was evaluated on dev: there are no curves")
    return curves_figure(dev, "loss on dev")


def _leader_board(sources: Sources) -> go.Figure:
    ranked = rank_runs(sources.runs())
    if not ranked:
        raise SettingError("none of these runs was evaluated on test: there is nothing to rank")
    return leader_board_figure(ranked)


def _embedding(sources: Sources) -> go.Figure:
    (model,) = sources.models()
    if "C" not in model.weights:
        raise SettingError(f"a model of kind {model.architecture.kind} with these settings has no embedding")
    return embedding_figure(model.weights["C"], model.vocabulary.characters)


def _network(sources: Sources) -> go.Figure:
    (model,) = sources.models()
    return network_figure(diagram_of(model.architecture, model.vocabulary.size))


def _weights(sources: Sources) -> go.Figure:
    (model,) = sources.models()
    return histograms_figure(weight_histograms(model))


def _diagnosis(kind: str) -> Draw:
    return lambda sources: histograms_figure(diagnosis_histograms(sources.diagnosis(), kind))


def _ratios(sources: Sources) -> go.Figure:
    return ratios_figure(weight_matrices(sources.diagnosis()), UPDATE_LINE)


def _surprisal(sources: Sources) -> go.Figure:
    (model,) = sources.models()
    if not sources.words:
        report = collect_report(find_run(sources.names[0], sources.out))
        return surprisal_figure(group_surprisals(report.surprisals))
    symbols = [[*word, ""] if model.form == "lines" else [*word[1:]] for word in sources.words]
    return surprisal_figure({"": [(s, model.surprisal(w)) for s, w in zip(symbols, sources.words, strict=True)]})


def _novelty(sources: Sources) -> go.Figure:
    models = sources.models()
    if any(model.form == "text" for model in models):
        raise SettingError("a model of running text makes no words that could be new")
    names = unique_names([model.architecture.kind for model in models])
    counts = [summarize_samples(model, [], None).counts for model in models]
    return novelty_figure(dict(zip(names, counts, strict=True)))


def _lengths(sources: Sources) -> go.Figure:
    summary = sources.list_summary()
    if summary.corpus.form == "text":
        raise SettingError("a running text has no words whose lengths could be drawn")
    try:
        (model,) = sources.models()
        samples: Mapping[int, int] = summarize_samples(model, [], None).lengths
    except MorelikeError:  # the source is only a list, or a run without a model yet
        samples = {}
    return lengths_figure(summary.lengths, samples)


def _pairs(figure: Callable[[Any, Sequence[str]], go.Figure]) -> Draw:
    def draw_pairs(sources: Sources) -> go.Figure:
        summary = sources.list_summary()
        return figure(summary.pairs, summary.symbols)

    return draw_pairs


PICTURES: Mapping[str, Draw] = {
    "loss": _loss,
    "log-loss": lambda sources: _loss(sources, log10=True),
    "train-dev": _train_dev,
    "rate": _rate,
    "curves": _curves,
    "leader-board": _leader_board,
    "embedding": _embedding,
    "network": _network,
    "weights": _weights,
    "activations": _diagnosis("activations"),
    "gradients": _diagnosis("gradients"),
    "ratios": _ratios,
    "surprisal": _surprisal,
    "novelty": _novelty,
    "lengths": _lengths,
    "counts": _pairs(count_figure),
    "bigrams": _pairs(bigram_figure),
}
"""The function that draws each picture, by the name of the picture."""

SEVERAL_SOURCES = ("curves", "leader-board", "novelty")
"""The pictures that show several runs or models."""
