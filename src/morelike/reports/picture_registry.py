"""The single pictures that a user can choose by name, drawn from a run, a model or a list."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import plotly.graph_objects as go

from morelike.errors import MorelikeError, RunError, SettingError, did_you_mean
from morelike.evaluation.diagnostics import Diagnosis
from morelike.evaluation.readings.guide_lines import UPDATE_LINE
from morelike.language_model.encoding import normalized
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
from morelike.reports.surprisals import Surprisal, group_surprisals
from morelike.runs.lookup import find_run, open_model
from morelike.text.reading import read_corpus
from morelike.workflows.diagnosis import diagnose, subject_of


class Sources(ABC):
    """The sources of a picture; `words` are those of the picture `surprisal`."""

    words: Sequence[str] = ()

    @abstractmethod
    def runs(self) -> dict[str, RunReport]:
        """Return the settings and curves of the runs by a short name."""

    @abstractmethod
    def curves(self) -> Curves:
        """Return the curves of the one run."""

    @abstractmethod
    def models(self) -> list[LanguageModel]:
        """Return the models."""

    @abstractmethod
    def diagnosis(self) -> Diagnosis:
        """Return the diagnosis of the one run."""

    @abstractmethod
    def list_summary(self) -> ListSummary:
        """Return the summary of the list of the one run, or of a list by its own name."""

    @abstractmethod
    def surprisals(self) -> Sequence[Surprisal]:
        """Return typical, surprising and new words of the one model with their surprisals."""


@dataclass(frozen=True)
class NamedSources(Sources):
    """Runs, models or lists by their names, and the folder of the runs."""

    names: Sequence[str]
    out: Path
    words: Sequence[str] = ()

    def runs(self) -> dict[str, RunReport]:
        found = [find_run(name, self.out) for name in self.names]
        return name_runs([RunReport(run.path, run.meta(), {}, read_curves(run.metrics())) for run in found])

    def curves(self) -> Curves:
        run = find_run(self.names[0], self.out)
        found = read_curves(run.metrics())
        if found is None:
            raise SettingError(f"the run '{run.path}' has no curve: it was counted, or has not begun")
        return found

    def models(self) -> list[LanguageModel]:
        return [open_model(name, self.out) for name in self.names]

    def diagnosis(self) -> Diagnosis:
        return diagnose(subject_of(self.names[0], self.out))

    def list_summary(self) -> ListSummary:
        try:
            run = find_run(self.names[0], self.out)
        except RunError:
            return summarize_list(read_corpus(self.names[0]), "none")
        return list_of_run(run, read_config(run))

    def surprisals(self) -> Sequence[Surprisal]:
        return collect_report(find_run(self.names[0], self.out)).surprisals


Draw: TypeAlias = Callable[[Sources], go.Figure]


@dataclass(frozen=True)
class Picture:
    """A kind of picture: the function that draws it, a sentence that describes it, and whether it shows `several`."""

    draw: Draw
    sentence: str
    several: bool = False


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
    if len(names) > 1 and not PICTURES[kind].several:
        raise SettingError(f"the picture '{kind}' is of one run, model or list: {len(names)} were given")
    if words and kind != WITH_WORDS:
        raise SettingError(f"--word is for the picture 'surprisal', not for '{kind}'")
    return PICTURES[kind].draw(NamedSources(names, out, words))


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
        return surprisal_figure(group_surprisals(sources.surprisals()))
    words = [normalized(model.form, word) for word in sources.words]
    symbols = [[*word, ""] if model.form == "lines" else [*word[1:]] for word in words]
    return surprisal_figure({"": [(s, model.surprisal(w)) for s, w in zip(symbols, words, strict=True)]})


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


PICTURES: Mapping[str, Picture] = {
    "loss": Picture(_loss, "The training loss by step."),
    "log-loss": Picture(lambda sources: _loss(sources, log10=True), "The logarithm of the training loss by step."),
    "train-dev": Picture(_train_dev, "The loss on train and on dev by step; the least loss on dev is marked."),
    "rate": Picture(_rate, "The learning rate by step."),
    "curves": Picture(_curves, "The loss on dev of several runs by step.", several=True),
    "leader-board": Picture(_leader_board, "The loss on test with its 95 % interval, the best first.", several=True),
    "embedding": Picture(_embedding, "The characters as points: alike ones are near each other."),
    "network": Picture(_network, "The layers of the network with their shapes."),
    "weights": Picture(_weights, "A histogram of the values of each weight."),
    "activations": Picture(_diagnosis("activations"), "A histogram of the activations of each layer."),
    "gradients": Picture(_diagnosis("gradients"), "A histogram of the gradient of each weight."),
    "ratios": Picture(_ratios, "How large gradients and updates are, relative to the values of each weight."),
    "surprisal": Picture(_surprisal, "The surprisal of each character of some words."),
    "novelty": Picture(_novelty, "How many samples are new, and how many are in a split of the list.", several=True),
    "lengths": Picture(_lengths, "The lengths of the words of the list and of samples."),
    "counts": Picture(_pairs(count_figure), "How often each character follows each other one in the list."),
    "bigrams": Picture(_pairs(bigram_figure), "The share of each next character after each character of the list."),
}
"""Each kind of picture by its name."""

WITH_WORDS = "surprisal"
"""The picture that takes words."""
