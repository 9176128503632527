"""The figures of a run's report. The templates give each one its title and its explanation."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TypeAlias

import plotly.graph_objects as go

from morelike.evaluation.diagnostics import Diagnosis, Histogram, Weight, histogram
from morelike.evaluation.readings.guide_lines import UPDATE_LINE
from morelike.language_model.model import LanguageModel
from morelike.pictures.diagram import diagram_of
from morelike.pictures.embedding import embedding_figure
from morelike.pictures.heat_maps import bigram_figure, count_figure
from morelike.pictures.histograms import histogram_figure
from morelike.pictures.losses import loss_figure, rate_figure, train_and_dev_figure
from morelike.pictures.network import network_figure
from morelike.pictures.ratios import ratios_figure
from morelike.pictures.words import lengths_figure, novelty_figure, surprisal_figure
from morelike.reports.curves import Curves
from morelike.reports.run_report import RunReport
from morelike.reports.surprisals import group_surprisals

MOST_HISTOGRAMS = 12
"""Histograms of a kind: a deep network has dozens of matrices."""
MOST_EMBEDDED = 2000
"""Characters of an embedding that is drawn. A picture of more is not readable."""

FigureChoice: TypeAlias = dict[str, go.Figure]
"""The figures of one picture by label. A reader chooses one of them."""


def run_figures(run: RunReport) -> dict[str, FigureChoice]:
    """Return the figures of a run by the name of their picture, without the pictures for which there is no data."""
    figures: dict[str, FigureChoice] = {}
    if run.curves:
        figures |= _training_figures(run.curves)
    if run.samples and run.samples.counts:
        figures["novelty"] = {"novelty": novelty_figure({run.kind: run.samples.counts})}
    lengths = (run.list_summary.lengths if run.list_summary else {}), (run.samples.lengths if run.samples else {})
    if not run.is_text and any(lengths):
        figures["lengths"] = {"lengths": lengths_figure(*lengths)}
    if run.list_summary:
        pairs, symbols = run.list_summary.pairs, run.list_summary.symbols
        figures["pairs"] = {"counts": count_figure(pairs, symbols), "shares": bigram_figure(pairs, symbols)}
    if run.surprisals:
        figures["surprisal"] = {"surprisal": surprisal_figure(group_surprisals(run.surprisals))}
    if run.model and run.model.architecture.learned_by == "gradients":
        figures |= _network_figures(run.model)
    if run.diagnosis:
        figures |= _diagnosis_figures(run.diagnosis)
    return figures


def _training_figures(curves: Curves) -> dict[str, FigureChoice]:
    loss = loss_figure(curves.steps, curves.losses)
    figures = {"loss": {"loss": loss, "log10": loss_figure(curves.steps, curves.losses, log10=True)}}
    if len(curves.dev):
        figures["dev"] = {"dev": train_and_dev_figure(curves.steps, curves.losses, curves.dev_steps, curves.dev)}
    if len(curves.rates) > 1:
        figures["rate"] = {"rate": rate_figure(curves.rate_steps, curves.rates)}
    return figures


def _network_figures(model: LanguageModel) -> dict[str, FigureChoice]:
    figures = {"network": {"network": network_figure(diagram_of(model.architecture, model.vocabulary.size))}}
    table = model.weights.get("C")
    if table is not None and table.shape[1] > 1 and len(table) <= MOST_EMBEDDED:
        figures["embedding"] = {"embedding": embedding_figure(table, model.vocabulary.characters)}
    return figures | {"weights": histogram_figures(weight_histograms(model), "weights")}


def _diagnosis_figures(diagnosis: Diagnosis) -> dict[str, FigureChoice]:
    figures = {
        kind: histogram_figures(diagnosis_histograms(diagnosis, kind), kind) for kind in ("activations", "gradients")
    }
    matrices = weight_matrices(diagnosis)
    if any(weight.update_to_data for weight in matrices):
        figures["ratios"] = {"ratios": ratios_figure(matrices, UPDATE_LINE)}
    return figures


def histogram_figures(histograms: Mapping[str, Histogram], kind: str) -> FigureChoice:
    """Return figures of the first 12 histograms by title."""
    titled = {f"{kind}: {name}": found for name, found in islice(histograms.items(), MOST_HISTOGRAMS)}
    return {title: histogram_figure(found, title) for title, found in titled.items()}


def weight_histograms(model: LanguageModel) -> dict[str, Histogram]:
    """Return a histogram of each matrix of a network, in the order of its layers; nothing for a model of counts."""
    arrays = {name: model.weights[name] for name in model.architecture.shapes(model.vocabulary.size)}
    return {name: histogram(array) for name, array in arrays.items() if array.ndim == 2 and len(array) > 1}


def weight_matrices(diagnosis: Diagnosis) -> list[Weight]:
    """Return the weights that are matrices with more than one row."""
    return [weight for weight in diagnosis.weights if len(weight.shape) > 1 and weight.shape[0] > 1]


def diagnosis_histograms(diagnosis: Diagnosis, kind: str) -> dict[str, Histogram]:
    """Return the histograms of all activations (`kind` is "activations"), or those of the matrices' gradients."""
    matrices = {weight.name for weight in weight_matrices(diagnosis)}
    found = {
        name.removeprefix(f"{kind}/"): each for name, each in diagnosis.histograms.items() if name.startswith(kind)
    }
    return {name: each for name, each in found.items() if kind == "activations" or name in matrices}
