"""Fitting an architecture by counting: one event at the start, one at the end."""

from __future__ import annotations

import time
from collections.abc import Iterator

from morelike.architecture import CountedArchitecture
from morelike.language_model.threads import one_thread
from morelike.runs.events import Event, Finished, Started
from morelike.text.vocabulary import TokenLines


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
