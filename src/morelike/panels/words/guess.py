"""Guess the next letter (Shannon 1951, Prediction and Entropy of Printed English): a person against the models."""

from __future__ import annotations

from math import log
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from morelike.arrays import Int
from morelike.errors import SettingError, excerpt
from morelike.language_model.encoding import context_tokens
from morelike.language_model.model import LanguageModel
from morelike.panels.look import Look
from morelike.panels.plain import Word, rounded, shortened, symbols_of

THIS = "this model"
MOST_GUESSES = 1000


def guess(
    look: Look,
    *,
    word: Word,
    guesses: Annotated[
        str,
        Field(max_length=5 * MOST_GUESSES, description="the guesses that a person needed at each letter, as 1,3,2"),
    ] = "",
) -> dict[str, Any]:
    """Return the bits of each character of a word under each model, and the guesses that each model would need.

    A model guesses the most probable character first, so its number of guesses is the rank of the right one. `person`
    has Shannon's bounds on a person's bits per character, from the numbers of guesses: they need many letters, so give
    the guesses of several words together.

    Raises:
        VocabularyError: an unknown character.
        SettingError: guesses that are no numbers from 1 on.
    """
    shown, note = shortened(look.model, word)
    symbols = symbols_of(look.model, shown, note)
    models = {THIS: look.model, **look.background.counted, **{name: each.model for name, each in look.others.items()}}
    return {
        "word": shown,
        "symbols": symbols,
        "models": [_model(name, model, shown, len(symbols)) for name, model in models.items()],
        "person": _person(guesses),
        "note": note,
    }


def _model(name: str, model: LanguageModel, word: str, count: int) -> dict[str, Any]:
    bits = model.surprisal(word)[:count] / log(2)
    return {
        "name": name,
        "bits": rounded(bits),
        "total_bits": rounded(bits.sum()),
        "guesses": _ranks(model, word)[:count].tolist(),
    }


def _ranks(model: LanguageModel, word: str) -> Int[NDArray[Any], " T"]:
    """Return the rank of each character of a word, and of its end, among all symbols: 1 is the most probable."""
    architecture, weights = model.prepared
    if model.form == "text":
        ids = model.vocabulary.encode(word)
        read, targets = ids[:-1], ids[1:]
    else:
        read = context_tokens(model.vocabulary, model.form, word)
        targets = [*read[1:], read[0]]
    state, ranks = architecture.start(weights, 1), []
    for token, target in zip(read, targets, strict=False):
        state, logits = architecture.step(weights, state, np.array([token], dtype=np.int32))
        ranks.append(1 + int((logits[0] > logits[0, target]).sum()))
    return np.array(ranks, dtype=np.int64)


def _person(guesses: str) -> dict[str, Any] | None:
    if not guesses.strip():
        return None
    try:
        ranks = [int(each) for each in guesses.split(",")]
    except ValueError:
        ranks = [0]
    if not all(1 <= rank <= MOST_GUESSES for rank in ranks):
        raise SettingError(f"guesses = {excerpt(guesses)}: give numbers from 1 to {MOST_GUESSES:,}, such as 1,3,2")
    low, high = shannon_bounds(ranks)
    return {"guesses": ranks, "low": rounded(low), "high": rounded(high)}


def shannon_bounds(ranks: list[int]) -> tuple[float, float]:
    """Return Shannon's bounds on the entropy (bits per character) of who needed these numbers of guesses.

    With q_i the share of the characters that took i guesses: sum of i (q_i - q_(i+1)) log2 i, and -sum of q_i log2 q_i.

    >>> shannon_bounds([1, 1, 1, 1]), shannon_bounds([1, 2, 1, 2])
    ((0.0, 0.0), (1.0, 1.0))
    """
    q = np.bincount(ranks, minlength=max(ranks) + 2)[1:] / len(ranks)
    i = np.arange(1, len(q))
    low = float((i * (q[:-1] - q[1:]) * np.log2(i)).sum())
    used = q[q > 0]
    return max(0.0, low), max(0.0, float(-(used * np.log2(used)).sum()))
