"""Generation by repeated calls of `step`: many words in one batch, or one running text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import MapFunction, State, Weights, unique_states
from morelike.cancellation import check_cancelled
from morelike.errors import SamplingError
from morelike.sampling.filters import SamplingConfig, apply_filters, sample_tokens
from morelike.sampling.states import state_bytes, step_rows
from morelike.text.vocabulary import END, TokenLines

if TYPE_CHECKING:
    from morelike.ngrams.direct_draws import DirectDraws

UNFINISHED = -1
MAX_CONTEXT_NUMBER = 2**62
MIN_BATCH, DEFAULT_BATCH, MAX_BATCH = 32, 1024, 8192
"""Candidates in one batch: at least, by default, and at most where memory allows."""
MEMORY_BYTES = 256_000_000
"""Memory for the states and logits of a batch of candidates."""
CANDIDATES_PER_WORD = 200
REJECTED_LIMIT = 20_000
MIN_REJECTED_LIMIT = 500
REJECTED_LOGITS = 100_000_000
"""Sampling stops after rejected candidates with this many logits in a row: some seconds for an alphabet of any size."""


def generate_lines(
    architecture: Architecture,
    weights: Weights,
    count: int,
    rng: np.random.Generator,
    *,
    config: SamplingConfig,
    prefix: Sequence[int] = (),
    min_length: int = 1,
    max_length: int = 100,
    map_function: MapFunction = map,
) -> TokenLines:
    """Return the token ids of at most `count` candidates, the prefix included.

    Candidates keep the order of their start, so the first few of them are not biased towards short words. Before a word
    has `min_length` characters, it cannot end. A word longer than `max_length` is dropped.

    Lines with the same context, as far back as the model sees, share one row of the state: of a thousand names only
    some twenty differ after their first character. Each line still draws its next character independently.
    """
    state = architecture.start(weights, 1)
    for token in [END, *prefix]:
        state, logits = architecture.step(weights, state, np.array([token], dtype=np.int32))
    symbols = logits.shape[-1]
    contexts = _context_count(architecture, symbols)
    line, lengths = np.arange(count), np.full(count, UNFINISHED)
    row = context = np.zeros(count, dtype=np.int64)  # of each line: its row of the state, and its context's number
    columns: list[tuple[NDArray[Any], NDArray[Any]]] = []
    for length in range(len(prefix), max_length + 1):
        check_cancelled()
        if length < min_length:
            logits = logits.copy()
            logits[:, END] = -np.inf
        tokens = sample_tokens(apply_filters(logits, config), rng, row)
        lengths[line[tokens == END]] = length
        active = np.flatnonzero(tokens != END)
        line, row, context, tokens = line[active], row[active], context[active], tokens[active]
        if not len(line) or length == max_length:
            break
        columns.append((line, tokens))
        context = (context * symbols + tokens) % contexts if contexts else row * symbols + tokens
        first, next_row = unique_states(context)
        state, logits = step_rows(
            architecture, weights, state, row[first], tokens[first].astype(np.int32), map_function
        )
        row = next_row
    return assemble_lines(prefix, columns, lengths)


def generate_directly(
    draws: DirectDraws,
    start: State,
    count: int,
    rng: np.random.Generator,
    *,
    prefix: Sequence[int] = (),
    max_length: int = 100,
) -> TokenLines:
    """Return what `generate_lines` returns for n-grams without filters, from direct draws of the symbols."""
    nodes = start
    for token in prefix:
        nodes = draws.extended(nodes, np.array([token]))
    nodes = np.repeat(nodes, count, axis=0)
    line, lengths = np.arange(count), np.full(count, UNFINISHED)
    columns: list[tuple[NDArray[Any], NDArray[Any]]] = []
    for length in range(len(prefix), max_length + 1):
        check_cancelled()
        tokens = draws.next_symbols(nodes, rng)
        while length == 0 and (empty := np.flatnonzero(tokens == END)).size:  # no word is empty
            tokens[empty] = draws.next_symbols(nodes[empty], rng)
        lengths[line[tokens == END]] = length
        active = np.flatnonzero(tokens != END)
        line, nodes, tokens = line[active], nodes[active], tokens[active]
        if not len(line) or length == max_length:
            break
        columns.append((line, tokens))
        nodes = draws.extended(nodes, tokens)
    return assemble_lines(prefix, columns, lengths)


def largest_batch_size(architecture: Architecture, weights: Weights, max_length: int) -> int:
    """Return how many candidates fit in one batch: in a larger batch more candidates share a context."""
    start = architecture.start(weights, 1)
    state, logits = architecture.step(weights, start, np.array([END], dtype=np.int32))
    growth = state_bytes(state) - state_bytes(start)  # per character, if the state is a cache of past characters
    per_candidate = state_bytes(state) + growth * max_length + 3 * 8 * logits.size
    return int(np.clip(MEMORY_BYTES // per_candidate, MIN_BATCH, MAX_BATCH))


def _context_count(architecture: Architecture, symbols: int) -> int | None:
    """Return how many contexts the model distinguishes; None if its receptive field is unbounded or too long."""
    if architecture.receptive_field is None or architecture.block_length is not None:
        return None
    count: int = symbols**architecture.receptive_field
    return count if count < MAX_CONTEXT_NUMBER // symbols else None


def assemble_lines(
    prefix: Sequence[int], columns: Sequence[tuple[NDArray[Any], NDArray[Any]]], lengths: NDArray[Any]
) -> TokenLines:
    """Return the finished lines from their columns: for each position the numbers of the lines and their tokens.

    `lengths` holds the length of each candidate, `UNFINISHED` for one without an end.
    """
    finished = lengths != UNFINISHED
    offsets = np.concatenate([[0], np.cumsum(np.where(finished, lengths + 1, 0))])
    tokens = np.full(offsets[-1], END, dtype=np.int32)
    for position, token in enumerate(prefix):
        tokens[offsets[:-1][finished] + position] = token
    for position, (line, column) in enumerate(columns, len(prefix)):
        kept = finished[line]
        tokens[offsets[line[kept]] + position] = column[kept]
    return TokenLines(tokens, np.concatenate([[0], offsets[1:][finished]]))


def generate_text(
    architecture: Architecture,
    weights: Weights,
    tokens: Sequence[int],
    length: int,
    rng: np.random.Generator,
    *,
    config: SamplingConfig,
) -> list[int]:
    """Return `length` token ids that follow `tokens` (one or more); the end symbol is never drawn.

    A model with blocks starts a new state when its block is full. It then reads the last half of the block again, so
    that it keeps its most recent context.
    """
    written = list(tokens)
    block = architecture.block_length
    room = 0  # characters left before a new state is needed
    while len(written) < len(tokens) + length:
        check_cancelled()
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
        written.append(int(sample_tokens(apply_filters(logits, config), rng)[0]))
    return written[len(tokens) :]


def accepted_words(
    draw: Callable[[int], list[str]],
    count: int,
    *,
    accept: Callable[[Sequence[str]], Sequence[bool]],
    unique: bool,
    cost: int = 1,
    batch_size: int = DEFAULT_BATCH,
) -> Iterator[str]:
    """Yield `count` words that `accept` accepts, from batches of candidates that `draw(size)` returns.

    `cost` is the number of logits of one candidate; `batch_size` is the largest batch.

    Raises:
        SamplingError: too many candidates were rejected in a row, or over 200 candidates were needed for each word.
    """
    patience = min(REJECTED_LIMIT, max(MIN_REJECTED_LIMIT, REJECTED_LOGITS // cost))
    seen: set[str] = set()
    found = drawn = rejected = 0
    while found < count:
        if rejected >= patience or drawn > patience * (1 + CANDIDATES_PER_WORD * count // REJECTED_LIMIT):
            raise SamplingError(f"found {found:,} of {count:,} words in {drawn:,} tries")
        needed = -(-(count - found) * drawn // found) if found else count  # at the rate of acceptance so far
        size = min(batch_size, max(MIN_BATCH, needed, rejected))
        drawn += size
        rejected += size
        words = draw(size)
        for word, accepted in zip(words, accept(words), strict=True):
            if not accepted or (unique and word in seen):
                continue
            if found == count:
                return
            seen.add(word)
            found += 1
            rejected = 0
            yield word
