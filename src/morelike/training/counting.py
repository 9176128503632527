"""Fitting an architecture by counting: one event at the start, one at the end; and the choice of its order on dev."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from morelike.architecture import CountedArchitecture
from morelike.arrays import Weights
from morelike.evaluation.loss import character_losses
from morelike.language_model.threads import one_thread
from morelike.runs.events import Event, Finished, Started
from morelike.text.vocabulary import TokenLines

LONGER = 0.005
"""Nats per character on dev that a longer n-gram must gain, since it makes the model larger."""
ORDERS = (12, 16, 24, 32)
"""The orders that are tried one after the other, if the order below has a worthwhile share."""
TOP_SHARE = 0.3
"""The mixture weight of the highest order from which a higher one is tried: below it, none gained on any list."""


def fit_best_order(
    architecture: CountedArchitecture, train: TokenLines, dev: TokenLines, vocabulary_size: int
) -> tuple[CountedArchitecture, Weights]:
    """Return an n-gram of the order that dev prefers, from the given order upwards, and its weights.

    Most lists are content with the given order, and are counted once.
    """
    with one_thread():
        weights = architecture.fit(train, dev, vocabulary_size)
        for order in ORDERS:
            if not len(dev) or dev.labels is not None or architecture.highest_order_share(weights) < TOP_SHARE:
                break
            longer = type(architecture)(**{**architecture.model_dump(), "order": order})
            tried = longer.fit(train, dev, vocabulary_size)
            if _loss(longer, tried, dev) > _loss(architecture, weights, dev) - LONGER:
                break
            architecture, weights = longer, tried
    return architecture, weights


def _loss(architecture: CountedArchitecture, weights: Weights, lines: TokenLines) -> float:
    losses = character_losses(architecture, weights, lines)
    return float(np.average(losses, weights=lines.character_weights))


def fit_counts(
    architecture: CountedArchitecture, train: TokenLines, dev: TokenLines, vocabulary_size: int
) -> Iterator[Event]:
    """Yield the events of a fit, which is one step."""
    began = time.perf_counter()
    yield Started(architecture.kind, 0, 0, 1)
    with one_thread():
        weights = architecture.fit(train, dev, vocabulary_size)
    seconds = time.perf_counter() - began
    yield Finished(1, "completed", weights, seconds, seconds)
