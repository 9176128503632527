"""Single pictures by name, drawn from a run, a model or a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
from morelike.reports.comparison import names_of, ranked
from morelike.reports.curves import Curves, curves_of
from morelike.reports.facts import (
    Facts,
    Listed,
    described,
    gather,
    histograms_of,
    listed_in,
    matrices_of,
    weight_histograms,
)
from morelike.reports.samples import samples_of
from morelike.runs.lookup import find_run, open_model
from morelike.runs.run_folder import Run
from morelike.text.reading import read_corpus
from morelike.training.preparation import split_corpus
from morelike.workflows.diagnosis import diagnose, subject_of

__all__ = ["PICTURES", "draw"]


@dataclass(frozen=True)
class Sources:
    """What a picture is drawn from: names of runs, models or lists, the folder of the runs, and words."""

    names: Sequence[str]
    out: Path
    words: Sequence[str] = ()

    def runs(self) -> list[Run]:
        """Return the runs that are named."""
        return [find_run(name, self.out) for name in self.names]

    def curves(self) -> Curves:
        """Return the curves of the one run."""
        run = find_run(self.names[0], self.out)
        found = curves_of(run.metrics())
        if found is None:
            raise SettingError(f"the run '{run.path}' has no curve: it was counted, or has not begun")
        return found

    def model(self) -> LanguageModel:
        """Return the one model."""
        return open_model(self.names[0], self.out)

    def diagnosis(self) -> Diagnosis:
        """Return what happens inside the one run."""
        return diagnose(subject_of(self.names[0], self.out))

    def listed(self) -> Listed:
        """Return the list of the one run, or the list itself, all of it."""
        try:
            run = find_run(self.names[0], self.out)
        except RunError:
            corpus = read_corpus(self.names[0])
            return described(corpus, split_corpus(corpus, "none"))
        return listed_in(run)


def draw(kind: str, names: Sequence[str], out: Path, words: Sequence[str] = ()) -> go.Figure:
    """Return the picture of this kind.

    Raises:
        SettingError: no such kind, or a source that does not have what it shows.
        MorelikeError: a source that is missing or damaged.
    """
    if kind not in PICTURES:
        raise SettingError(
            f"no picture is called '{kind}': there are {', '.join(PICTURES)}{did_you_mean(kind, PICTURES)}"
        )
    if len(names) > 1 and kind not in OF_SEVERAL:
        raise SettingError(f"the picture '{kind}' is of one run, model or list: {len(names)} were given")
    if words and kind != "surprisal":
        raise SettingError(f"--word is for the picture 'surprisal', not for '{kind}'")
    return PICTURES[kind][1](Sources(names, out, words))


def _train_dev(sources: Sources) -> go.Figure:
    curves = sources.curves()
    if not len(curves.dev):
        raise SettingError("nothing was held out in this run: there is no curve of dev")
    return train_and_dev_figure(curves.steps, curves.losses, curves.dev_steps, curves.dev)


def _curves(sources: Sources) -> go.Figure:
    runs = [Facts(run.path, run.meta(), {}, curves_of(run.metrics())) for run in sources.runs()]
    named = dict(zip(names_of(runs), runs, strict=True))
    curves = {name: (f.curves.dev_steps, f.curves.dev) for name, f in named.items() if f.curves and len(f.curves.dev)}
    if not curves:
        raise SettingError("none of these runs has looked at dev: there are no curves")
    return curves_figure(curves, "loss on dev")


def _embedding(sources: Sources) -> go.Figure:
    model = sources.model()
    if "C" not in model.weights:
        raise SettingError(f"a model of kind {model.architecture.kind} with these settings has no embedding")
    return embedding_figure(model.weights["C"], model.vocabulary.characters)


def _pairs(figure: Callable[[Any, Sequence[str]], go.Figure]) -> Callable[[Sources], go.Figure]:
    def drawn(sources: Sources) -> go.Figure:
        listed = sources.listed()
        return figure(listed.pairs, listed.symbols)

    return drawn


def _lengths(sources: Sources) -> go.Figure:
    listed = sources.listed()
    if listed.corpus.form == "text":
        raise SettingError("a running text has no words whose lengths could be drawn")
    try:
        model: LanguageModel | None = sources.model()
    except MorelikeError:  # a list alone, or a run without a model yet
        model = None
    return lengths_figure(listed.lengths, samples_of(model, [], None).lengths if model else {})


def _novelty(sources: Sources) -> go.Figure:
    models = [open_model(name, sources.out) for name in sources.names]
    if any(model.form == "text" for model in models):
        raise SettingError("a model of running text makes no words that could be new")
    kinds = [model.architecture.kind for model in models]
    names = [f"{i}. {kind}" if kinds.count(kind) > 1 else kind for i, kind in enumerate(kinds, 1)]
    return novelty_figure({name: samples_of(model, [], None).counts for name, model in zip(names, models, strict=True)})


def _surprisal(sources: Sources) -> go.Figure:
    model = sources.model()
    if not sources.words:
        found = gather(find_run(sources.names[0], sources.out)).spelled
        groups: dict[str, list[Any]] = {}
        for spelled in found:
            groups.setdefault(spelled.what, []).append((spelled.symbols, spelled.nats))
        return surprisal_figure(groups)
    symbols = [[*word, ""] if model.form == "lines" else [*word[1:]] for word in sources.words]
    return surprisal_figure({"": [(s, model.surprisal(w)) for s, w in zip(symbols, sources.words, strict=True)]})


def _weights(sources: Sources) -> go.Figure:
    return histograms_figure(weight_histograms(sources.model()))


def _inside(sort: str) -> Callable[[Sources], go.Figure]:
    return lambda sources: histograms_figure(histograms_of(sources.diagnosis(), sort))


def _network(sources: Sources) -> go.Figure:
    model = sources.model()
    return network_figure(diagram_of(model.architecture, model.vocabulary.size))


def _board(sources: Sources) -> go.Figure:
    runs = [Facts(run.path, run.meta(), {}) for run in sources.runs()]
    places = ranked(dict(zip(names_of(runs), runs, strict=True)))
    if not places:
        raise SettingError("none of these runs was judged on test: there is nothing to rank")
    return leader_board_figure(places)


PICTURES: Mapping[str, tuple[str, Callable[[Sources], go.Figure]]] = {
    "loss": ("RUN: the loss in training, measured and smoothed", lambda s: _loss(s.curves(), log10=False)),
    "log-loss": ("RUN: the logarithm of it", lambda s: _loss(s.curves(), log10=True)),
    "train-dev": ("RUN: train against dev", _train_dev),
    "rate": ("RUN: the learning rate", lambda s: rate_figure(s.curves().rate_steps, s.curves().rates)),
    "curves": ("RUN...: dev of several runs together", _curves),
    "leader-board": ("RUN...: losses on test with their intervals", _board),
    "embedding": ("MODEL: where the characters stand", _embedding),
    "network": ("MODEL: its layers and matrices", _network),
    "weights": ("MODEL: a histogram of each matrix", _weights),
    "activations": ("RUN: a histogram of each layer's activations", _inside("activations")),
    "gradients": ("RUN: a histogram of each matrix's gradient", _inside("gradients")),
    "ratios": (
        "RUN: gradients and updates beside the weights",
        lambda s: ratios_figure(matrices_of(s.diagnosis()), UPDATE_LINE),
    ),
    "surprisal": ("MODEL: how surprising each character of words is", _surprisal),
    "novelty": ("MODEL...: how many samples are new", _novelty),
    "lengths": ("LIST or RUN: how long the words are, and of a run the samples", _lengths),
    "counts": ("LIST or RUN: how often each character follows each", _pairs(count_figure)),
    "bigrams": ("LIST or RUN: the same as shares", _pairs(bigram_figure)),
}
"""What each picture is drawn from and shows, and how."""

OF_SEVERAL = ("curves", "leader-board", "novelty")


def _loss(curves: Curves, *, log10: bool) -> go.Figure:
    return loss_figure(curves.steps, curves.losses, log10=log10)
