"""The examples of each step: a pure function of (seed, step), so a resumed run sees the same batches."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int

Indices = Int[NDArray[Any], "steps B"]


def draw_with_replacement(examples: int, batch_size: int, seed: int, step: int, steps: int) -> Indices:
    """Return indices drawn with replacement, for `steps` steps from `step` on.

    The random numbers are counter-based (Philox, Salmon et al. 2011): number i of the stream is the same however the
    steps are divided into calls. A draw is the high half of 32 random bits times the number of examples; it is uniform
    to one part in 2^32.
    """
    width = batch_size + batch_size % 2  # 64 random bits give two draws
    words_per_step = width // 2
    first = step * words_per_step
    stream = np.random.Philox(key=[seed, 1])
    stream.advance(first // 4)  # a counter gives four words of 64 bits
    skip = first % 4
    words = stream.random_raw(skip + steps * words_per_step)[skip:]
    high = words.view(np.uint32).reshape(steps, width)[:, :batch_size].astype(np.uint64)
    return ((high * np.uint64(examples)) >> np.uint64(32)).astype(_index_type(examples))


def draw_without_replacement(examples: int, batch_size: int, seed: int, step: int, steps: int) -> Indices:
    """Return indices drawn without replacement: the permutations of the epochs, one after another, cut into batches."""
    first, last = step * batch_size, (step + steps) * batch_size
    epochs = range(first // examples, (last - 1) // examples + 1)
    pieces = [_permutation(examples, seed, i)[max(first - i * examples, 0) : last - i * examples] for i in epochs]
    return np.concatenate(pieces).astype(_index_type(examples)).reshape(steps, batch_size)


@lru_cache(maxsize=2)
def _permutation(examples: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """Return the permutation of an epoch. It is cached: every chunk of the epoch uses it, and millions take a while."""
    order = np.random.Generator(np.random.Philox(key=[seed, 2 + epoch])).permutation(examples)
    order.flags.writeable = False
    return order


def _index_type(examples: int) -> type[np.int32] | type[np.int64]:
    return np.int32 if examples <= 1 << 31 else np.int64
