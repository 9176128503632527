"""Additive smoothing (Lidstone 1920): alpha is added to the count of each symbol.

p(w | c) = (count(c w) + alpha) / (N(c) + alpha V),        N(c) = sum over w of count(c w)

The longest context is used alone: the probability is interpolated with the uniform distribution 1 / V.
"""

from __future__ import annotations

from typing import final

from morelike.ngrams.smoothing import ContextCounts, Floats, Smoothing


@final
class Add(Smoothing):
    """a(c w) = count(c w) / (N(c) + alpha V), b(c) = alpha V / (N(c) + alpha V)."""

    highest_order = "add"
    lower_orders = None
    takes_alpha = True

    def estimate(self, counted: ContextCounts) -> tuple[Floats, Floats]:
        added = counted.alpha * counted.vocabulary_size
        denominator = counted.total + added
        return counted.counts / denominator[counted.parents], added / denominator

    def mixture_orders(self, order: int) -> range:
        return range(0)
