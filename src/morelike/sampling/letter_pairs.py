"""How surprising each pair of letters is to a model, and the words without a rare pair.

The model's distribution of the next character is averaged over all places of its own words with the same last
character, which gives p(b | a) of each pair a b. Word ends count as letters. Few words suffice, since the whole
distribution is counted at each place and not only the drawn character (Rao and Blackwell).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import Float, Weights, rows, softmax
from morelike.errors import SettingError
from morelike.sampling.filters import sample_tokens
from morelike.text.vocabulary import END, Vocabulary

WORDS = 1000
MAX_LENGTH = 100
MOST_SYMBOLS = 3000
RARE = 0.005
"""The share of all pairs in the model's words that is called rare: the most surprising ones."""


@dataclass(frozen=True)
class LetterPairs:
    """-log2 p(b | a) of each pair of symbols [V, V] (bits), and the greatest that a pronounceable word has."""

    bits: Float[NDArray[Any], "V V"]
    limit: float

    def pronounceable(self, words: Sequence[str], vocabulary: Vocabulary) -> list[bool]:
        """Return for each word whether it has no rare pair of letters."""
        lines = vocabulary.encode_lines(words)
        previous = np.concatenate([[END], lines.tokens[:-1]])
        rare = self.bits[previous, lines.tokens] > self.limit
        before = np.concatenate([[0], np.cumsum(rare)])
        found: list[bool] = (before[lines.offsets[1:]] == before[lines.offsets[:-1]]).tolist()
        return found


def letter_pairs(architecture: Architecture, weights: Weights, symbols: int) -> LetterPairs:
    """Return the surprisal of each pair of letters in words of a model.

    Raises:
        SettingError: the model has too many characters for a table of all pairs.
    """
    if symbols > MOST_SYMBOLS:
        raise SettingError(
            f"pronounceable: the model's {symbols - 1:,} characters make too many pairs; use it with at most "
            f"{MOST_SYMBOLS - 1:,} characters"
        )
    rng = np.random.default_rng(0)
    expected = np.zeros((symbols, symbols))
    token = np.full(WORDS, END, dtype=np.int32)
    state, logits = architecture.step(weights, architecture.start(weights, 1), token[:1])
    every = np.arange(1, symbols, dtype=np.int32)  # once at the beginning, so that each has a distribution
    first = architecture.step(weights, rows(state, np.zeros(len(every), dtype=np.int64)), every)[1]
    expected[every] = softmax(first.astype(np.float64))
    state, logits = rows(state, np.zeros(WORDS, dtype=np.int64)), np.repeat(logits, WORDS, axis=0)
    for _ in range(MAX_LENGTH):
        np.add.at(expected, token, softmax(logits.astype(np.float64)))
        token = sample_tokens(logits, rng).astype(np.int32)
        active = np.flatnonzero(token != END)
        if not len(active):
            break
        token = token[active]
        state, logits = architecture.step(weights, rows(state, active), token)
    with np.errstate(divide="ignore"):
        bits = -np.log2(expected / expected.sum(axis=1, keepdims=True))
    order = np.argsort(-bits, axis=None)
    rarer = np.cumsum(expected.ravel()[order]) / expected.sum()
    return LetterPairs(bits, float(bits.ravel()[order[np.searchsorted(rarer, RARE)]]))
