"""Candidate words of a model: plain, or guided through an automaton, under each label if the model has labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np

from morelike.arrays import MapFunction
from morelike.language_model.base import ModelBase, PreparedModel
from morelike.language_model.sample_settings import SampleSettings
from morelike.language_model.sampling_report import SamplingReport
from morelike.sampling.constraints.automaton import Automaton
from morelike.sampling.constraints.combination import allowed_lines
from morelike.sampling.constraints.guided import Candidates, Guide, guided_candidates
from morelike.sampling.generate import generate_directly, generate_lines
from morelike.text.vocabulary import END, TokenLines

THINNED = 4.0


class LabelledModel(NamedTuple):
    """A model under one label.

    `share` is the label's probability, `proposal` the relative number of candidates that the model generates, and
    `candidates` the function that generates them: a `TokenLines`, or `Candidates` with importance weights.
    """

    model: ModelBase
    share: float
    proposal: float
    candidates: Callable[[int], Any]


def plain_models(
    model: ModelBase, settings: SampleSettings, rng: np.random.Generator, map_function: MapFunction
) -> list[LabelledModel]:
    """Return the model under each label, for words with a prefix; longer words than the settings allow are dropped."""
    prefix = model.vocabulary.encode(settings.word_prefix)
    generate = partial(generate_lines, rng=rng, config=settings, prefix=prefix, max_length=settings.max_length)
    shares = label_shares(model, settings)
    return [
        LabelledModel(
            each,
            share,
            share * prefix_probability(each, prefix) if len(shares) > 1 else 1.0,
            partial(generate, *each.prepared, map_function=map_function),
        )
        for each, share in shares
    ]


def guided_models(
    model: ModelBase,
    settings: SampleSettings,
    automata: Sequence[Automaton],
    rng: np.random.Generator,
    map_function: MapFunction,
    report: SamplingReport,
) -> list[LabelledModel]:
    """Return the model under each label, for words that all automata allow; the report gets the method.

    The number of candidates of a label follows the probability that its words are accepted. Importance weights correct
    the error of that probability.
    """
    from morelike.language_model.sampling.guides import make_guides  # its import is slow and seldom needed

    shares = label_shares(model, settings)
    guides, left_out = make_guides([each for each, _ in shares], automata, settings)
    accepted = [share * guide.probability for (_, share), guide in zip(shares, guides, strict=True)]
    report.method = "exact" if all(guide.exact for guide in guides) else "resampled"
    report.states, report.probability = guides[0].automaton.states, sum(accepted)
    proposals = accepted if report.probability > 0 else [share for _, share in shares]
    generate = partial(guided_candidates, rng=rng, config=settings, max_length=settings.max_length)

    def candidates(prepared: PreparedModel, guide: Guide, count: int) -> Candidates:
        return generate(*prepared, count, guide=guide, map_function=map_function).allowed_by(left_out)

    return [
        LabelledModel(each, share, proposal, partial(candidates, each.prepared, guide))
        for (each, share), guide, proposal in zip(shares, guides, proposals, strict=True)
    ]


def rejecting_models(
    model: ModelBase,
    settings: SampleSettings,
    automata: Sequence[Automaton],
    rng: np.random.Generator,
    map_function: MapFunction,
) -> list[LabelledModel]:
    """Return the model under each label, for words of the model; a word that an automaton forbids is rejected.

    Symbols of n-grams are drawn directly if no filter changes their distribution.
    """

    def allowed(candidates: Callable[[int], TokenLines], count: int) -> TokenLines:
        lines = candidates(count)
        return lines.take(np.flatnonzero(allowed_lines(automata, lines)))

    models = plain_models(model, settings, rng, map_function)
    if settings.unchanged:
        models = [each._replace(candidates=_direct_candidates(each, settings, rng)) for each in models]
    return [each._replace(candidates=partial(allowed, each.candidates)) for each in models]


def _direct_candidates(
    labelled: LabelledModel, settings: SampleSettings, rng: np.random.Generator
) -> Callable[[int], TokenLines]:
    """Return a function that generates candidates by direct draws from n-grams; for another model, its own function."""
    from morelike.ngrams.labelled import LabelledCounts  # networks do without n-grams

    architecture, weights = labelled.model.prepared
    if not isinstance(architecture, LabelledCounts):
        return labelled.candidates
    start, draws = architecture.start(weights, 1), cache(lambda: architecture.direct_draws(weights))
    prefix = labelled.model.vocabulary.encode(settings.word_prefix)
    return lambda count: generate_directly(draws(), start, count, rng, prefix=prefix, max_length=settings.max_length)


def draw_words(
    models: Sequence[LabelledModel], settings: SampleSettings, rng: np.random.Generator, report: SamplingReport
) -> Callable[[int], list[str]]:
    """Return a function from a number of candidates to words, in random order of the labels."""
    # A unique word comes once, so copies of it do no harm.
    thinned = 1.0 if settings.unique or report.method != "resampled" else THINNED

    def draw(count: int) -> list[str]:
        count = 1 if settings.deterministic else count
        words: list[str] = []
        log_weights = [np.zeros(0)]
        for each, size in zip(models, _split(count, [each.proposal for each in models], rng), strict=True):
            lines = each.candidates(size)
            if isinstance(lines, Candidates):
                log_weights.append(lines.log_weights + (np.log(each.share / each.proposal) if size else 0))
                lines = lines.lines
            words += each.model.vocabulary.decode_lines(lines)
        order = rng.permutation(len(words)).tolist() if len(models) > 1 else list(range(len(words)))
        if log_weights[1:]:
            weights = np.concatenate(log_weights)[order]
            order = [order[i] for i in report.importance.resampled(weights, rng, thinned=thinned)]
        report.tried += count
        report.kept += len(order)
        return [words[i] for i in order]

    return draw


def label_shares(model: ModelBase, settings: SampleSettings) -> list[tuple[ModelBase, float]]:
    """Return the model under each of its labels, with the label's share; the model itself if it needs no label.

    The deterministic choice makes one word: the most probable character at each position, over all labels.
    """
    if not model.mixes_labels or settings.deterministic:
        return [(model, 1.0)]
    return [(model.conditioned_on(label), share) for label, share in model.labels.items() if share]


def _split(count: int, proposals: Sequence[float], rng: np.random.Generator) -> list[int]:
    """Return how many of `count` candidates each model generates."""
    if len(proposals) == 1:
        return [count]
    sizes: list[int] = rng.multinomial(count, np.array(proposals) / sum(proposals)).tolist()
    return sizes


def prefix_probability(model: ModelBase, tokens: Sequence[int]) -> float:
    """Return the probability that a word begins with these tokens; without tokens, that it is not empty."""
    architecture, weights = model.prepared
    line = np.array([tokens or [END]], dtype=np.int32)
    p = float(np.exp(architecture.log_probabilities(weights, line).astype(np.float64).sum()))
    return p if tokens else 1 - p
