"""Words under constraints, by the cheaper of two ways that follow the same distribution.

Rejection draws words of the model and keeps those that satisfy the constraints: exact for every model. Look-ahead makes
such words only, after a preparation that is long for large models (see `sampling.constraints.guided`). Rejection comes
first. As soon as its estimated cost is above the cost of look-ahead, look-ahead takes over. The estimate depends on
counts alone, not on the clock, so the same seed gives the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from morelike.arrays import MapFunction
from morelike.language_model.base import ModelBase
from morelike.language_model.sample_settings import SampleSettings
from morelike.language_model.sampling.candidates import (
    draw_words,
    guided_models,
    label_shares,
    prefix_probability,
    rejecting_models,
)
from morelike.language_model.sampling_report import SamplingReport
from morelike.sampling.constraints.automaton import Automaton
from morelike.sampling.generate import MIN_BATCH

GUIDED_COST = 10
"""Upper bound of the cost of a guided candidate, relative to a plain one."""
SMALL_COST = 1.2e6
"""Logits, about a tenth of a second: look-ahead that costs less is made at once."""
EXACT_WORTH = 10
"""Rejection is exact. Where look-ahead is not, rejection may cost this many times more."""
DIRECT_COST = 30
"""The cost of a symbol that is drawn directly from n-grams, in logits."""
TYPICAL_LENGTH = 8
GROWTH = 4
"""A batch is at most this many times larger than all candidates before it."""

MOST_DRAWN = 16
"""Guided candidates are at most this many for each word, where rejection leaves few of them."""


class ConstrainedDraw:
    """A function from a number to as many words that satisfy the constraints."""

    def __init__(
        self,
        model: ModelBase,
        settings: SampleSettings,
        automata: Sequence[Automaton],
        rng: np.random.Generator,
        map_function: MapFunction,
        report: SamplingReport,
        batch_size: int,
        wanted: int,
    ) -> None:
        self._model, self._settings, self._automata, self._report = model, settings, automata, report
        self._batch_size, self._wanted = batch_size, wanted
        self._rejecting = rejecting_models(model, settings, automata, rng.spawn(1)[0], map_function)
        self._draw = draw_words(self._rejecting, settings, rng, report)
        self._guide: Callable[[], Callable[[int], list[str]]] | None = lambda: draw_words(
            guided_models(model, settings, automata, rng, map_function, report), settings, rng, report
        )

    def __call__(self, count: int) -> list[str]:
        """Return `count` words; fewer if the guided candidates lack weight, or are too long."""
        words: list[str] = []
        # Rare words are dear: the first call makes no more of them than are wanted.
        target = count if self._report.kept else min(count, max(self._wanted, 1))
        while self._guide is not None:
            if len(words) >= target:
                return words[:target]
            if not self._rejection_is_cheaper(target - len(words)):
                self._report.tried = self._report.kept = 0
                self._draw, self._guide, words = self._guide(), None, []
                self._guided_probability = self._report.probability
                break
            words += self._rejected(target - len(words))
        report = self._report
        if report.method == "exact" and report.kept and self._rate < 0.5:  # automata are left to rejection
            count = int(np.clip(count / self._rate, count, max(min(MOST_DRAWN * count, self._batch_size), count)))
        words = self._draw(count)
        if report.method == "exact" and report.kept:
            report.probability = self._guided_probability * report.kept / max(report.tried, 1)
        return words

    def _rejected(self, needed: int) -> list[str]:
        report = self._report
        size = int(np.clip(needed / self._rate, MIN_BATCH, max(GROWTH * report.tried, needed, MIN_BATCH)))
        words = self._draw(min(size, self._batch_size))
        report.method, report.probability = "rejected", self._prefix_probability * report.kept / report.tried
        return words

    @property
    def _rate(self) -> float:
        """The share of candidates that are kept, a little above what was seen: few candidates say little."""
        return (self._report.kept + 1) / (self._report.tried + 1)

    def _rejection_is_cheaper(self, needed: int) -> bool:
        if self._settings.truncates:  # such filters choose among the characters that the constraints leave
            return False
        one, cost = TYPICAL_LENGTH * self._model.vocabulary.size, self._look_ahead_cost
        direct = self._guided_is_exact  # n-grams without filters
        worth, rejected = (1, TYPICAL_LENGTH * DIRECT_COST) if direct else (EXACT_WORTH, one)
        rejection = (self._report.tried + needed / self._rate) * rejected
        return cost > SMALL_COST and rejection < worth * cost + GUIDED_COST * one * (self._report.kept + needed)

    @cached_property
    def _models(self) -> list[ModelBase]:
        return [each for each, _ in label_shares(self._model, self._settings)]

    @cached_property
    def _guided_is_exact(self) -> bool:
        return self._settings.unchanged and all(model.ngram_proxy.exact for model in self._models)

    @cached_property
    def _look_ahead_cost(self) -> float:
        from morelike.language_model.ngram_proxy import WORDS
        from morelike.language_model.sampling.guides import look_ahead_cost  # its import is slow, seldom needed

        estimated = sum(not model.ngram_proxy.exact for model in self._models) * WORDS
        return look_ahead_cost(self._models, self._automata) + estimated * TYPICAL_LENGTH * self._model.vocabulary.size

    @cached_property
    def _prefix_probability(self) -> float:
        prefix = self._model.vocabulary.encode(self._settings.word_prefix)
        shares = label_shares(self._model, self._settings)
        return sum(share * prefix_probability(each, prefix) for each, share in shares)
