"""Witten-Bell smoothing (Bell, Cleary and Witten 1990, method C; Witten and Bell 1991), interpolated.

p(w | c) = (count(c w) + T(c) p(w | c')) / (N(c) + T(c))

N(c) is the number of symbols seen after the context c, T(c) the number of distinct ones.
"""

from __future__ import annotations

from typing import final

import numpy as np

from morelike.ngrams.smoothing import ContextCounts, Floats, Smoothing


@final
class WittenBell(Smoothing):
    """a(c w) = count(c w) / (N(c) + T(c)), b(c) = T(c) / (N(c) + T(c))."""

    highest_order = lower_orders = "witten-bell"

    def estimate(self, counted: ContextCounts) -> tuple[Floats, Floats]:
        types = counted.sum(counted.counts > 0)
        denominator = np.where(types > 0, counted.total + types, 1)
        return counted.counts / denominator[counted.parents], np.where(types > 0, types / denominator, 1.0)

    def mixture_orders(self, order: int) -> range:
        return range(1, max(order, 2))
