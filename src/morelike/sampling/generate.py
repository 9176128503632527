"""The loop over `step` that makes words, many side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import State, Weights
from morelike.errors import SamplingError
from morelike.sampling.filters import Shaping, choose, shape
from morelike.text.vocabulary import END

__all__ = ["generate", "rows", "sample_words", "write_text"]

MOST_AT_ONCE = 1024
TRIES_PER_WORD = 200
FRUITLESS_TRIES = 20_000
FEWEST_TRIES = 500
FRUITLESS_LOGITS = 100_000_000
"""Logits in a row of tries that gave nothing, after which no more come: seconds of work, however large the alphabet."""


def generate(
    architecture: Architecture,
    weights: Weights,
    count: int,
    rng: np.random.Generator,
    *,
    shaping: Shaping,
    prefix: Sequence[int] = (),
    min_length: int = 1,
    max_length: int = 100,
) -> list[list[int]]:
    """Return token ids of `count` tries, the prefix included, the end symbol not; at most `count` of them.

    They come in the order of the tries, not of their ends: whoever takes the first few favours no length.

    The end is withheld until a word has `min_length` characters; a word that goes past `max_length` is dropped.
    """
    words: list[list[int]] = [list(prefix) for _ in range(count)]
    ended = np.zeros(count, dtype=bool)
    line = np.arange(count)  # which word each row of the state belongs to
    state = architecture.start(weights, count)
    for token in [END, *prefix]:
        state, logits = architecture.step(weights, state, np.full(count, token, dtype=np.int32))
    for length in range(len(prefix), max_length + 1):
        if length < min_length:
            logits = logits.copy()
            logits[:, END] = -np.inf
        chosen = choose(shape(logits, shaping), rng)
        ended[line[chosen == END]] = True
        going = np.flatnonzero(chosen != END)
        line, chosen = line[going], chosen[going]
        if not len(line) or length == max_length:
            break
        for i, token in zip(line.tolist(), chosen.tolist(), strict=True):
            words[i].append(token)
        state, logits = architecture.step(weights, rows(state, going), chosen.astype(np.int32))
    return [words[i] for i in np.flatnonzero(ended)]


def write_text(
    architecture: Architecture,
    weights: Weights,
    tokens: Sequence[int],
    length: int,
    rng: np.random.Generator,
    *,
    shaping: Shaping,
) -> list[int]:
    """Return `length` token ids that go on from `tokens`, of which there is at least one; the end never comes.

    A model that begins anew after a block of characters is fed the last half of the block again, so that it does not
    forget what it has just written.
    """
    written = list(tokens)
    block = architecture.block
    room = 0  # characters that may be fed before the model begins anew
    while len(written) < len(tokens) + length:
        new = written[-1:]
        if not room:
            new = written if block is None else written[-max(block // 2, 1) :]
            room = block or len(tokens) + length
            state = architecture.start(weights, 1)
        for token in new:
            state, logits = architecture.step(weights, state, np.array([token], dtype=np.int32))
        room -= len(new)
        logits = logits.copy()
        logits[:, END] = -np.inf
        written.append(int(choose(shape(logits, shaping), rng)[0]))
    return written[len(tokens) :]


def sample_words(
    draw: Callable[[int], list[str]], count: int, *, accept: Callable[[str], bool], unique: bool, cost: int = 1
) -> Iterator[str]:
    """Yield `count` accepted words from `draw(tries)`, drawing again for those refused.

    `cost` is how many logits a try may take.

    Raises:
        SamplingError: the words do not come any more: nothing accepted in many thousand tries in a row, fewer where
            they are costly, or in 200 tries for each word wanted.
    """
    patience = min(FRUITLESS_TRIES, max(FEWEST_TRIES, FRUITLESS_LOGITS // cost))
    seen: set[str] = set()
    found = tried = fruitless = 0
    while found < count:
        if fruitless >= patience or tried > patience * (1 + TRIES_PER_WORD * count // FRUITLESS_TRIES):
            raise SamplingError(f"found {found:,} of {count:,} words in {tried:,} tries")
        wanted = min(MOST_AT_ONCE, max(32, int(1.3 * (count - found)), fruitless))
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


def rows(state: State, going: NDArray[Any]) -> State:
    """Return the state of the lines that go on."""
    if isinstance(state, tuple):
        return tuple(rows(each, going) for each in state)
    return np.take(state, going, axis=-2)
