"""Guides: n-grams with their probabilities of acceptance, of the longest order that memory and time allow."""

from __future__ import annotations

from collections.abc import Sequence

from morelike.language_model.base import ModelBase
from morelike.language_model.ngram_proxy import ORDER, NgramProxy
from morelike.language_model.sample_settings import SampleSettings
from morelike.ngrams.look_ahead import MOST_NUMBERS, MOST_STEPS
from morelike.sampling.constraints.automaton import Automaton
from morelike.sampling.constraints.combination import join
from morelike.sampling.constraints.guided import Guide

DENSE_STATES = 4
"""One state in this many meets most contexts; the others meet few."""
ROUNDS = 40
"""Rounds that a cycle of states typically takes."""
LOGITS_PER_NGRAM = 0.5
"""The cost of one n-gram in look-ahead, in logits of a sampled candidate."""


def make_guides(
    models: Sequence[ModelBase], automata: Sequence[Automaton], settings: SampleSettings
) -> tuple[list[Guide], list[Automaton]]:
    """Return a guide of each model through the automata, and the automata that are left to rejection.

    Guides of shorter n-grams take the place of guides that would be too large. They are approximate.
    """
    proxies = [model.ngram_proxy for model in models]
    contexts = sum(proxy.look_ahead.contexts for proxy in proxies)
    automaton, left_out = join(automata, max(MOST_NUMBERS // contexts, 2))
    guides = _guides(proxies, automaton, settings)
    for order in range(ORDER, 0, -1):
        if guides is not None:
            break
        guides = _guides([model.shorter_ngram_proxy(order) for model in models], automaton, settings, last=order == 1)
    assert guides is not None
    return guides, left_out


def look_ahead_cost(models: Sequence[ModelBase], automata: Sequence[Automaton]) -> float:
    """Return about how much guides cost, in logits of sampled candidates."""
    automaton, _ = join(automata, ROUNDS)
    passes = automaton.states / DENSE_STATES
    if not automaton.acyclic:
        passes = ROUNDS * (automaton.waiting + passes / DENSE_STATES)
    return sum(LOGITS_PER_NGRAM * passes * model.ngram_proxy.look_ahead.size for model in models)


def _guides(
    proxies: Sequence[NgramProxy], automaton: Automaton, settings: SampleSettings, *, last: bool = False
) -> list[Guide] | None:
    """Return a guide for each proxy; None if one of them would be too large, unless they are the last resort."""
    guides: list[Guide] = []
    unlimited = 1 << 62
    for proxy in proxies:
        acceptance = proxy.look_ahead.acceptance(
            automaton.transitions,
            automaton.accepting,
            settings.max_length + 1,
            most=unlimited if last else MOST_NUMBERS // len(proxies),
            most_steps=unlimited if last else MOST_STEPS // len(proxies),
        )
        if acceptance is None:
            return None
        exact = proxy.exact and settings.unchanged
        guides.append(Guide(proxy.architecture, proxy.weights, proxy.look_ahead, automaton, acceptance, exact))
    return guides
