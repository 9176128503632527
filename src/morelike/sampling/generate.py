"""The loop over `step` that makes words, many side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import MapFunction, Weights, unique_states
from morelike.errors import SamplingError
from morelike.sampling.filters import SamplingConfig, choose, shape
from morelike.sampling.states import size, step_rows
from morelike.text.vocabulary import END, TokenLines

__all__ = ["AT_ONCE", "UNENDED", "generate", "lines_of", "most_at_once", "sample_words", "write_text"]

UNENDED = -1
LARGEST = 2**62
FEWEST, AT_ONCE, MOST = 32, 1024, 8192
"""Candidates that are made together: at least; as a rule; and at most, where memory allows."""
MEMORY = 256_000_000
"""Bytes that the states and logits of tries may take."""
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
    shaping: SamplingConfig,
    prefix: Sequence[int] = (),
    min_length: int = 1,
    max_length: int = 100,
    map_function: MapFunction = map,
) -> TokenLines:
    """Return the token ids of `count` tries, the prefix included; at most `count` of them.

    They come in the order of the tries, not of their ends: whoever takes the first few favours no length. The end is
    withheld until a word has `min_length` characters; a word that goes past `max_length` is dropped.

    Lines with the same past, as far back as the model sees, share a row of the state: of a thousand names only some
    twenty differ after their first character, and what is to come is drawn for each line by itself.
    """
    state = architecture.start(weights, 1)
    for token in [END, *prefix]:
        state, logits = architecture.step(weights, state, np.array([token], dtype=np.int32))
    symbols = logits.shape[-1]
    span = _span(architecture, symbols)
    line, lengths = np.arange(count), np.full(count, UNENDED)
    row = past = np.zeros(count, dtype=np.int64)  # of each line: its row of the state, and the number of its past
    columns: list[tuple[NDArray[Any], NDArray[Any]]] = []
    for length in range(len(prefix), max_length + 1):
        if length < min_length:
            logits = logits.copy()
            logits[:, END] = -np.inf
        chosen = choose(shape(logits, shaping), rng, row)
        lengths[line[chosen == END]] = length
        going = np.flatnonzero(chosen != END)
        line, row, past, chosen = line[going], row[going], past[going], chosen[going]
        if not len(line) or length == max_length:
            break
        columns.append((line, chosen))
        past = (past * symbols + chosen) % span if span else row * symbols + chosen
        first, onward = unique_states(past)
        state, logits = step_rows(
            architecture, weights, state, row[first], chosen[first].astype(np.int32), map_function
        )
        row = onward
    return lines_of(prefix, columns, lengths)


def most_at_once(architecture: Architecture, weights: Weights, max_length: int) -> int:
    """Return how many tries may be made together: the more, the more of them have a past in common."""
    start = architecture.start(weights, 1)
    state, logits = architecture.step(weights, start, np.array([END], dtype=np.int32))
    grown = size(state) - size(start)  # with each character, where the state holds all those before
    return int(np.clip(MEMORY // (size(state) + grown * max_length + 3 * 8 * logits.size), FEWEST, MOST))


def _span(architecture: Architecture, symbols: int) -> int | None:
    """Return how many pasts a model that sees a few characters back can tell apart; None if they have no numbers."""
    if architecture.receptive_field is None or architecture.block_length is not None:
        return None
    span: int = symbols**architecture.receptive_field
    return span if span < LARGEST // symbols else None


def lines_of(
    prefix: Sequence[int], columns: Sequence[tuple[NDArray[Any], NDArray[Any]]], lengths: NDArray[Any]
) -> TokenLines:
    """Return the lines that ended, from their characters place by place: which lines have one there, and which.

    `lengths` are those of all tries, `UNENDED` where one has not ended.
    """
    ended = lengths != UNENDED
    offsets = np.concatenate([[0], np.cumsum(np.where(ended, lengths + 1, 0))])
    tokens = np.full(offsets[-1], END, dtype=np.int32)
    for place, token in enumerate(prefix):
        tokens[offsets[:-1][ended] + place] = token
    for place, (line, chosen) in enumerate(columns, len(prefix)):
        kept = ended[line]
        tokens[offsets[line[kept]] + place] = chosen[kept]
    return TokenLines(tokens, np.concatenate([[0], offsets[1:][ended]]))


def write_text(
    architecture: Architecture,
    weights: Weights,
    tokens: Sequence[int],
    length: int,
    rng: np.random.Generator,
    *,
    shaping: SamplingConfig,
) -> list[int]:
    """Return `length` token ids that go on from `tokens`, of which there is at least one; the end never comes.

    A model that begins anew after a block of characters is fed the last half of the block again, so that it does not
    forget what it has just written.
    """
    written = list(tokens)
    block = architecture.block_length
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
    draw: Callable[[int], list[str]],
    count: int,
    *,
    accept: Callable[[Sequence[str]], Sequence[bool]],
    unique: bool,
    cost: int = 1,
    at_once: int = AT_ONCE,
) -> Iterator[str]:
    """Yield `count` words from `draw(tries)` that `accept` says are wanted, drawing again for those refused.

    `cost` is how many logits a try may take; `at_once` how many tries are drawn together at most.

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
        asked = -(-(count - found) * tried // found) if found else count  # as many as were needed so far
        wanted = min(at_once, max(FEWEST, asked, fruitless))
        tried += wanted
        fruitless += wanted
        words = draw(wanted)
        for word, welcome in zip(words, accept(words), strict=True):
            if not welcome or (unique and word in seen):
                continue
            if found == count:
                return
            seen.add(word)
            found += 1
            fruitless = 0
            yield word
