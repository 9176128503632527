"""The examples of each step: a pure function of (seed, step), so a resumed run sees the same batches.

A batch size that changed while the run trained is a part of the function: `earlier` holds the stretches of steps before
the present size, each as its number of steps and its batch size. The examples go on where the last stretch ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Int

Indices = Int[NDArray[Any], "steps B"]
Stretches: TypeAlias = tuple[tuple[int, int], ...]
"""Pairs of a number of steps and the batch size that these steps have, in order."""


def draw_with_replacement(
    examples: int, batch_size: int, seed: int, step: int, steps: int, earlier: Stretches = ()
) -> Indices:
    """Return indices drawn with replacement, for `steps` steps from `step` on.

    The random numbers are counter-based (Philox, Salmon et al. 2011): number i of the stream is the same however the
    steps are divided into calls. A draw is the high half of 32 random bits times the number of examples; it is uniform
    to one part in 2^32.
    """
    width = batch_size + batch_size % 2  # 64 random bits give two draws
    words_per_step = width // 2
    first = _drawn_before(step, words_per_step, [(count, (size + 1) // 2) for count, size in earlier])
    stream = np.random.Philox(key=[seed, 1])
    stream.advance(first // 4)  # a counter gives four words of 64 bits
    skip = first % 4
    words = stream.random_raw(skip + steps * words_per_step)[skip:]
    high = words.view(np.uint32).reshape(steps, width)[:, :batch_size].astype(np.uint64)
    return ((high * np.uint64(examples)) >> np.uint64(32)).astype(_index_type(examples))


def draw_without_replacement(
    examples: int, batch_size: int, seed: int, step: int, steps: int, earlier: Stretches = ()
) -> Indices:
    """Return indices drawn without replacement: the permutations of the epochs, one after another, cut into batches."""
    first = _drawn_before(step, batch_size, earlier)
    last = first + steps * batch_size
    epochs = range(first // examples, (last - 1) // examples + 1)
    pieces = [_permutation(examples, seed, i)[max(first - i * examples, 0) : last - i * examples] for i in epochs]
    return np.concatenate(pieces).astype(_index_type(examples)).reshape(steps, batch_size)


def _drawn_before(step: int, width: int, earlier: Sequence[tuple[int, int]]) -> int:
    """Return how many numbers the steps before `step` drew: `width` each, in earlier stretches as many as they say.

    >>> _drawn_before(10, 4, []), _drawn_before(10, 4, [(3, 2), (2, 8)])
    (40, 42)
    """
    return sum(count * drawn for count, drawn in earlier) + (step - sum(count for count, _ in earlier)) * width


@lru_cache(maxsize=2)
def _permutation(examples: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """Return the permutation of an epoch. It is cached: every chunk of the epoch uses it, and millions take a while."""
    order = np.random.Generator(np.random.Philox(key=[seed, 2 + epoch])).permutation(examples)
    order.flags.writeable = False
    return order


def _index_type(examples: int) -> type[np.int32] | type[np.int64]:
    return np.int32 if examples <= 1 << 31 else np.int64
