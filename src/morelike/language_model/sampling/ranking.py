"""The most probable words of a model. The methods of `LanguageModel` explain the arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf, log
from typing import Any

from morelike.errors import SamplingError, SettingError
from morelike.language_model.base import ModelBase
from morelike.language_model.sample_settings import SampleSettings
from morelike.language_model.sampling.guides import look_ahead_cost, make_guides
from morelike.language_model.sampling.words import acceptance
from morelike.sampling.constraints.automaton import Automaton
from morelike.sampling.constraints.combination import join
from morelike.sampling.search import MAX_PATIENCE, RankedWord, SearchProgress, most_probable

PREFIX_COST = 50
"""The cost of a prefix of the search beside its logits, in logits of a sampled candidate."""
MIN_PATIENCE = 5_000
"""Prefixes without another word before look-ahead is prepared: about a tenth of a second."""

OnProgress = Callable[[SearchProgress], None]


def most_probable_words(
    model: ModelBase,
    count: int | None,
    settings: SampleSettings,
    *,
    least: float,
    on_progress: OnProgress | None = None,
) -> Iterator[tuple[str, float, bool]]:
    """Return words, the most probable first, with ln p (nats) and whether the order is proven (see `search`).

    Raises:
        SettingError: a model of running text, or neither a count nor a least probability.
        SamplingError: after the words found so far, that the search has ended without as many as were asked for.
    """
    if model.form == "text":
        raise SettingError("this is a model of running text, which has no most probable words: use a model of words")
    if not 0 <= least <= 1 or (count is not None and count < 0):
        raise SettingError(
            f"count = {count} and least = {least}: give a number of words, and a probability from 0 to 1"
        )
    if count is None and least == 0:
        raise SettingError("there is no end to all words: give a count, or the least probability of a word")
    return _words(model, count, settings, settings.automata(model.vocabulary.ids), least, on_progress)


def _words(
    model: ModelBase,
    count: int | None,
    settings: SampleSettings,
    automata: list[Automaton],
    least: float,
    on_progress: OnProgress | None,
) -> Iterator[tuple[str, float, bool]]:
    accept, progress = acceptance(model, settings, not_in=(), far_from=()), SearchProgress()
    found = 0
    if count == 0:
        return
    for each in _ranked(model, settings, automata, log(least) if least else -inf, progress, on_progress):
        word = model.vocabulary.decode(each.tokens)
        if all(accept([word])):
            found += 1
            yield word, each.log_probability, each.proven
            if found == count:
                return
    if not progress.ended:
        wanted = "all words" if count is None else f"{count:,} words"
        raise SamplingError(
            f"found {found:,} of {wanted}: the search saw {progress.prefixes:,} beginnings of words, the last "
            f"{MAX_PATIENCE:,} without another word; ask for fewer words, or loosen the constraints"
        )


def _ranked(
    model: ModelBase,
    settings: SampleSettings,
    automata: list[Automaton],
    min_log_probability: float,
    progress: SearchProgress,
    on_progress: OnProgress | None,
) -> Iterator[RankedWord]:
    """Yield the words of a plain search; if it finds none for long, those of a search under a guide.

    The patience of the plain search costs as much as the guide. The guide also takes over from a beam search.
    """
    options: dict[str, Any] = {
        "max_length": settings.max_length,
        "min_log_probability": min_log_probability,
        "progress": progress,
        "on_progress": on_progress,
    }
    automaton, left_out = join(automata)
    patience = MAX_PATIENCE
    if settings.needs_automaton or settings.word_prefix:
        per_prefix = PREFIX_COST + model.vocabulary.size
        patience = min(int(MIN_PATIENCE + look_ahead_cost([model], automata) / per_prefix), MAX_PATIENCE // 2)
    seen: set[tuple[int, ...]] = set()
    for each in most_probable(*model.prepared, automaton, patience=patience, **options):
        if not each.proven and patience < MAX_PATIENCE:
            break
        seen.add(each.tokens)
        if all(other.allows(each.tokens) for other in left_out):
            yield each
    if progress.ended or patience == MAX_PATIENCE:
        return
    guides, left_out = make_guides([model], automata, settings)
    for each in most_probable(*model.prepared, guides[0].automaton, guide=guides[0], patience=MAX_PATIENCE, **options):
        if each.tokens not in seen and all(other.allows(each.tokens) for other in left_out):
            yield each
