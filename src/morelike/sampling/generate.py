"""The loop over `step` that makes words, many side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import Weights
from morelike.errors import SamplingError
from morelike.sampling.filters import Shaping, choose, shape
from morelike.text.vocabulary import END

__all__ = ["generate", "sample_words"]

MOST_AT_ONCE = 2048
TRIES_PER_WORD = 200
FRUITLESS_TRIES = 20_000


def generate(
    architecture: Architecture,
    weights: Weights,
    count: int,
    rng: np.random.Generator,
    *,
    shaping: Shaping,
    prefix: Sequence[int] = (),
    shortest: int = 1,
    longest: int = 100,
) -> list[list[int]]:
    """Return token ids of `count` tries, the prefix included, the end symbol not; at most `count` of them.

    The end is withheld until a word has `shortest` characters; a word that goes past `longest` is dropped.
    """
    words: list[list[int]] = [list(prefix) for _ in range(count)]
    finished: list[list[int]] = []
    state = architecture.start(weights, count)
    for token in [END, *prefix]:
        state, logits = architecture.step(weights, state, np.full(count, token, dtype=np.int32))
    for length in range(len(prefix), longest + 1):
        if length < shortest:
            logits = logits.copy()
            logits[:, END] = -np.inf
        chosen = choose(shape(logits, shaping), rng)
        going = np.flatnonzero(chosen != END)
        finished += [words[i] for i in np.flatnonzero(chosen == END)]
        words = [[*words[i], int(chosen[i])] for i in going]
        if not words or length == longest:
            break
        state, logits = architecture.step(weights, _lines(state, going), chosen[going].astype(np.int32))
    return finished


def sample_words(
    draw: Callable[[int], list[str]], count: int, *, accept: Callable[[str], bool], unique: bool
) -> Iterator[str]:
    """Yield `count` accepted words from `draw(tries)`, drawing again for those refused.

    Raises:
        SamplingError: the words do not come any more: nothing accepted in many thousand tries in a row, or in
            200 tries for each word wanted.
    """
    seen: set[str] = set()
    found = tried = fruitless = 0
    while found < count:
        if fruitless >= FRUITLESS_TRIES or tried > TRIES_PER_WORD * count + FRUITLESS_TRIES:
            raise SamplingError(f"found {found:,} of {count:,} words in {tried:,} tries")
        wanted = min(MOST_AT_ONCE, max(32, int(1.3 * (count - found))))
        tried += wanted
        fruitless += wanted
        for word in draw(wanted):
            if found == count:
                return
            if (unique and word in seen) or not accept(word):
                continue
            seen.add(word)
            found += 1
            fruitless = 0
            yield word


def _lines(state: NDArray[Any], going: NDArray[Any]) -> NDArray[Any]:
    """Return the state of the lines that go on; lines are an axis of every state, the one before the last."""
    return np.take(state, going, axis=-2)
