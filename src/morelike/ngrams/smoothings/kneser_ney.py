"""Modified Kneser-Ney smoothing (Kneser and Ney 1995; Chen and Goodman 1999), interpolated.

p(w | c) = (count(c w) - D(count(c w))) / N(c) + b(c) p(w | c'),        b(c) = sum over w of D(count(c w)) / N(c)

N(c) is the sum over w of count(c w). Below the highest order, the count of an n-gram is the number of distinct symbols
seen before it. The discount D depends on the count: D(0) = 0, D(1), D(2), and one value for 3 or more.
"""

from __future__ import annotations

from typing import Any, final

import numpy as np

from morelike.ngrams.smoothing import ContextCounts, Floats, Smoothing


@final
class KneserNey(Smoothing):
    """a(c w) = (count(c w) - D(count(c w))) / N(c), b(c) as above; b(c) = 1 for a context that was never seen."""

    highest_order = "top"
    lower_orders = "kneser-ney"
    of_continuations = True

    def estimate(self, counted: ContextCounts) -> tuple[Floats, Floats]:
        discount = discounts(counted.counts_of_counts)[np.minimum(counted.counts, 3)]
        denominator = np.where(counted.total > 0, counted.total, 1)
        a = (counted.counts - discount) / denominator[counted.parents]
        return a, np.where(counted.total > 0, counted.sum(discount) / denominator, 1.0)

    def mixture_orders(self, order: int) -> range:
        return range(2, order + 1)


def discounts(counts_of_counts: Any) -> Floats:
    """Return the discounts of the counts 0, 1, 2 and 3 or more, from the numbers of n-grams counted 1 to 4 times.

    The discounts are constants if the list is too small to estimate them.

    >>> discounts([0, 0, 0, 0]).tolist()
    [0.0, 0.5, 1.0, 1.5]
    """
    n1, n2, n3, n4 = map(float, counts_of_counts)
    if min(n1, n2, n3) > 0:
        y = n1 / (n1 + 2 * n2)
        estimated = np.array([0, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3])
        if np.all(estimated[1:] > 0) and np.all(estimated <= [0, 1, 2, 3]):
            return estimated
    return np.array([0, 0.5, 1.0, 1.5])
