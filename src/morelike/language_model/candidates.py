"""Candidate words of a model: plain, or guided through an automaton, under each label if the model has labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from morelike.arrays import MapFunction
from morelike.errors import SettingError
from morelike.language_model.base import ModelBase
from morelike.language_model.sample_settings import SampleSettings
from morelike.language_model.sampling_report import SamplingReport
from morelike.sampling.constraints.automaton import Automaton
from morelike.sampling.constraints.guided import Candidates, Guide, guided_candidates
from morelike.sampling.generate import generate_lines
from morelike.text.vocabulary import END, TokenLines

MAX_NUMBERS = 50_000_000
"""States times contexts of a guide: 400 MB of probabilities."""
THINNED = 4.0


class LabelledModel(NamedTuple):
    """A model under one label.

    `share` is the label's probability, `proposal` the relative number of candidates that the model generates, and
    `candidates` the function that generates them.
    """

    model: ModelBase
    share: float
    proposal: float
    candidates: Callable[[int], TokenLines | Candidates]


def plain_models(
    model: ModelBase, settings: SampleSettings, rng: np.random.Generator, map_function: MapFunction
) -> list[LabelledModel]:
    """Return the model under each label, for words with a prefix; longer words than the settings allow are dropped."""
    prefix = model.vocabulary.encode(settings.word_prefix)
    generate = partial(generate_lines, rng=rng, config=settings, prefix=prefix, max_length=settings.max_length)
    shares = _label_shares(model, settings)
    return [
        LabelledModel(
            each,
            share,
            share * _prefix_probability(each, prefix) if len(shares) > 1 else 1.0,
            partial(generate, *each.prepared, map_function=map_function),
        )
        for each, share in shares
    ]


def guided_models(
    model: ModelBase,
    settings: SampleSettings,
    automaton: Automaton,
    rng: np.random.Generator,
    map_function: MapFunction,
    report: SamplingReport,
) -> list[LabelledModel]:
    """Return the model under each label, for words that an automaton accepts; the report gets the method.

    The number of candidates of a label follows the probability that its words are accepted. Importance weights correct
    the error of that probability.

    Raises:
        SettingError: the guides need too much memory.
    """
    shares = _label_shares(model, settings)
    numbers = automaton.states * sum(each.ngram_proxy.look_ahead.contexts for each, _ in shares)
    if len(shares) > 1 and numbers > MAX_NUMBERS:
        raise SettingError(f"the constraints need {numbers:,} numbers for all labels together: name one label")
    guides = [_guide(each, automaton, settings) for each, _ in shares]
    accepted = [share * guide.probability for (_, share), guide in zip(shares, guides, strict=True)]
    report.method = "exact" if all(guide.exact for guide in guides) else "resampled"
    report.states, report.probability = automaton.states, sum(accepted)
    proposals = accepted if report.probability > 0 else [share for _, share in shares]
    generate = partial(guided_candidates, rng=rng, config=settings, max_length=settings.max_length)
    return [
        LabelledModel(each, share, proposal, partial(generate, *each.prepared, guide=guide, map_function=map_function))
        for (each, share), guide, proposal in zip(shares, guides, proposals, strict=True)
    ]


def draw_words(
    models: Sequence[LabelledModel], settings: SampleSettings, rng: np.random.Generator, report: SamplingReport
) -> Callable[[int], list[str]]:
    """Return a function from a number of candidates to words, in random order of the labels."""
    # A unique word comes once, so copies of it do no harm.
    thinned = 1.0 if settings.unique or report.method == "exact" else THINNED

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
        if report.method != "plain":
            weights = np.concatenate(log_weights)[order]
            order = [order[i] for i in report.importance.resampled(weights, rng, thinned=thinned)]
        report.tried += count
        report.kept += len(order)
        return [words[i] for i in order]

    return draw


def _label_shares(model: ModelBase, settings: SampleSettings) -> list[tuple[ModelBase, float]]:
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


def _prefix_probability(model: ModelBase, tokens: Sequence[int]) -> float:
    """Return the probability that a word begins with these tokens; without tokens, that it is not empty."""
    architecture, weights = model.prepared
    line = np.array([tokens or [END]], dtype=np.int32)
    p = float(np.exp(architecture.log_probabilities(weights, line).astype(np.float64).sum()))
    return p if tokens else 1 - p


def _guide(model: ModelBase, automaton: Automaton, settings: SampleSettings) -> Guide:
    """Return the n-grams of a model with their probabilities of acceptance.

    Raises:
        SettingError: they need too much memory.
    """
    proxy = model.ngram_proxy
    if automaton.states * proxy.look_ahead.contexts > MAX_NUMBERS:
        raise SettingError(
            f"the constraints need {automaton.states:,} states for each of {proxy.look_ahead.contexts:,} contexts of "
            "the model: allow fewer edits, shorter words, or simpler expressions"
        )
    acceptance = proxy.look_ahead.acceptance(automaton.transitions, automaton.accepting, settings.max_length + 1)
    exact = proxy.exact and settings.unchanged
    return Guide(proxy.architecture, proxy.weights, proxy.look_ahead, automaton, acceptance, exact)
