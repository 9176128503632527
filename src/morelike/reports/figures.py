"""The pictures of a report: which ones a run has, and how each is to be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from morelike.evaluation.diagnostics import Diagnosis, Histogram
from morelike.evaluation.verdicts import UPDATE_LINE
from morelike.pictures.embedding import embedding_figure
from morelike.pictures.heat_maps import bigram_figure, count_figure
from morelike.pictures.histograms import histogram_figure
from morelike.pictures.losses import loss_figure, rate_figure, train_and_dev_figure
from morelike.pictures.network import network_figure
from morelike.pictures.ratios import ratios_figure
from morelike.pictures.words import lengths_figure, novelty_figure, surprisal_figure
from morelike.reports.curves import Curves
from morelike.reports.drawn import Picture
from morelike.reports.facts import Facts, histograms_of, matrices_of

__all__ = [
    "data_pictures",
    "embedding_picture",
    "histogram_pictures",
    "inside_pictures",
    "network_picture",
    "novelty_picture",
    "ratios_picture",
    "surprisal_picture",
    "training_pictures",
]

COLUMN = 105  # pixels of a network's layer
CELL = 17  # pixels of a character
MOST_HISTOGRAMS = 12  # of a sort: deep networks have dozens


def training_pictures(curves: Curves) -> Iterator[Picture]:
    """Yield the curves of training."""
    yield Picture(
        "loss",
        "Loss in training",
        {
            "loss": loss_figure(curves.steps, curves.losses),
            "log10": loss_figure(curves.steps, curves.losses, log10=True),
        },
        "Nats per character on the batches of training, a mean over each few steps. The logarithm shows what the steep "
        "beginning hides.",
    )
    if len(curves.dev):
        yield Picture(
            "dev",
            "Train against dev",
            {"dev": train_and_dev_figure(curves.steps, curves.losses, curves.dev_steps, curves.dev)},
            "Dev is measured exactly, on words that training does not see. Where train falls on and dev rises, the "
            "model learns words by heart. The weights kept are those of the best look at dev.",
        )
    if len(curves.rates) > 1:
        yield Picture(
            "rate",
            "Learning rate",
            {"rate": rate_figure(curves.rate_steps, curves.rates)},
            "At each chunk's last step.",
        )


def data_pictures(facts: Facts) -> Iterator[Picture]:
    """Yield what the list is like, and the samples' lengths beside it."""
    listed, samples = facts.listed, facts.samples
    if facts.form == "lines" and (listed or (samples and samples.lengths)):
        both = " Where the model has understood the list, both are alike." if listed and samples else ""
        yield Picture(
            "lengths",
            "Length of the words",
            {"lengths": lengths_figure(listed.lengths if listed else {}, samples.lengths if samples else {})},
            f"Samples are {sum(samples.lengths.values()):,} words as they come.{both}" if samples else "",
        )
    if listed:
        commonest = "" if len(listed.symbols) < 40 else " Of the alphabet, the 40 commonest symbols."
        ends = " ⏎ is the end of a word, and what stands before its first character." if facts.form == "lines" else ""
        yield Picture(
            "pairs",
            "Which character follows which",
            {
                "counts": count_figure(listed.pairs, listed.symbols),
                "shares": bigram_figure(listed.pairs, listed.symbols),
            },
            f"Rows are a character, columns the next one, in the train part.{ends} The shares are the bigram "
            f"model that counting gives: each row sums to 100.{commonest}",
        )


def novelty_picture(facts: Facts) -> Picture | None:
    """Return how many of the samples are new, None without samples."""
    if not facts.samples or not facts.samples.counts:
        return None
    count = sum(facts.samples.counts.values())
    return Picture(
        "novelty",
        "New, or in the list",
        {"novelty": novelty_figure({facts.kind: facts.samples.counts})},
        f"{count:,} words as they come, with the list's own and repeated ones among them.",
    )


def surprisal_picture(facts: Facts) -> Picture | None:
    """Return the surprisal of some words, None where there are none."""
    if not facts.spelled:
        return None
    longest = min(max(len(spelled.symbols) for spelled in facts.spelled), 40)
    groups: dict[str, list[Any]] = {}
    for spelled in facts.spelled:
        groups.setdefault(spelled.what, []).append((spelled.symbols, spelled.nats))
    worth = ""
    if facts.form == "lines":
        worth = " Words of the list that surprise most are worth a look: typing errors stand out here."
    return Picture(
        "surprisal",
        "Surprisal of each character",
        {"surprisal": surprisal_figure(groups)},
        "The stronger the colour of a character, the less the model expected it after those before it. One bit is a "
        f"choice of two, five bits one of 32.{worth}",
        least_width=CELL * longest + 60,
    )


def network_picture(facts: Facts) -> Picture | None:
    """Return the diagram of the network, None where the model is none."""
    if not facts.diagram:
        return None
    return Picture(
        "network",
        "The network",
        {"network": network_figure(facts.diagram)},
        "Each circle is a neuron; dots stand for those not drawn. On the arrows, the matrices and their shapes.",
        least_width=COLUMN * len(facts.diagram.layers),
    )


def embedding_picture(facts: Facts) -> Picture | None:
    """Return where the embedding puts the characters, None where there is none."""
    if facts.embedding is None or not facts.model:
        return None
    figure = embedding_figure(facts.embedding, facts.model.vocabulary.characters)
    title = str(figure.layout.title.text)
    return Picture(
        "embedding",
        "Embedding of the characters",
        {"embedding": figure},
        f"{title}. Characters that the model treats alike stand near one another. ⏎ is the end of a word.",
    )


def ratios_picture(diagnosis: Diagnosis) -> Picture | None:
    """Return how large gradients and updates are beside the weights, None where no weight has any."""
    matrices = matrices_of(diagnosis)
    if not any(weight.update_to_data for weight in matrices):
        return None
    return Picture(
        "ratios",
        "Gradients and updates beside the weights",
        {"ratios": ratios_figure(matrices, UPDATE_LINE)},
        f"One step at the rate {diagnosis.learning_rate:g}, the highest of the schedule. The dashed line is the guide "
        "for updates on the average of a run: one thousandth of the weight.",
    )


def inside_pictures(diagnosis: Diagnosis) -> Iterator[Picture]:
    """Yield histograms of the activations of each layer, and of the gradients of each matrix."""
    for sort in ("activations", "gradients"):
        yield from histogram_pictures(histograms_of(diagnosis, sort), sort)


def histogram_pictures(histograms: Mapping[str, Histogram], sort: str) -> Iterator[Picture]:
    """Yield a histogram of each of a sort, of many the first."""
    for i, (name, histogram) in enumerate(islice(histograms.items(), MOST_HISTOGRAMS)):
        title = f"{sort}: {name}"
        yield Picture(f"{sort}-{i}", title, {"histogram": histogram_figure(histogram, title)})
