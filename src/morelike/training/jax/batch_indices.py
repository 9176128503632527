"""Which examples a step sees: a pure function of (seed, step), so that resuming changes nothing."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int

__all__ = ["drawn", "permuted"]

Indices = Int[NDArray[Any], "steps B"]


def drawn(examples: int, batch: int, seed: int, step: int, steps: int) -> Indices:
    """Return indices drawn with replacement, for `steps` steps from `step` on.

    Counter-based (Philox, Salmon et al. 2011): number i of the stream is the same however the steps are cut in calls.
    A draw is the high half of 32 random bits times the number of examples, even to one part in 2^32.
    """
    width = batch + batch % 2  # two draws to each 64 bits
    words_per_step = width // 2
    first = step * words_per_step
    stream = np.random.Philox(key=[seed, 1])
    stream.advance(first // 4)  # a counter gives four words of 64 bits
    skip = first % 4
    words = stream.random_raw(skip + steps * words_per_step)[skip:]
    high = words.view(np.uint32).reshape(steps, width)[:, :batch].astype(np.uint64)
    return ((high * np.uint64(examples)) >> np.uint64(32)).astype(_kind(examples))


def permuted(examples: int, batch: int, seed: int, step: int, steps: int) -> Indices:
    """Return indices without replacement: each epoch is a permutation of its own, laid end to end."""
    first, last = step * batch, (step + steps) * batch
    epochs = range(first // examples, (last - 1) // examples + 1)
    flat = np.concatenate(
        [_order(examples, seed, epoch)[max(first - epoch * examples, 0) : last - epoch * examples] for epoch in epochs]
    )
    return flat.astype(_kind(examples)).reshape(steps, batch)


@lru_cache(maxsize=2)
def _order(examples: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """Return the permutation of an epoch, which all its chunks ask for: of millions of rows it takes a while."""
    order = np.random.Generator(np.random.Philox(key=[seed, 2 + epoch])).permutation(examples)
    order.flags.writeable = False
    return order


def _kind(examples: int) -> type[np.int32] | type[np.int64]:
    return np.int32 if examples <= 1 << 31 else np.int64
