"""Counts = gradient: the probabilities that a bigram network has learned, beside the relative frequencies of pairs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import Float, softmax
from morelike.errors import SettingError
from morelike.panels.look import Look
from morelike.panels.plain import UnfitError, rounded
from morelike.text.examples.contexts import contexts

MOST_SYMBOLS = 30
LARGEST_ALPHABET = 4000
"""Symbols of an alphabet whose table of pairs fits in memory."""


def counts_and_gradient(look: Look) -> dict[str, Any]:
    """Return the table softmax(W) of a bigram network, the relative frequencies of pairs, and their distance.

    A row of each table is a symbol, a column the symbol that follows; "" is the beginning and the end of a word. The
    distance is between 0 and 1: half the sum of the absolute differences in a row (total variation), averaged over the
    rows by how often their symbol occurs.

    Raises:
        SettingError: another kind of model, or an alphabet of more than 4,000 symbols.
    """
    kind, vocabulary = look.model.architecture.kind, look.model.vocabulary
    if kind != "bigram":
        raise UnfitError(f"{kind} has no table of pairs W: train a bigram to see its weights become counts")
    if vocabulary.size > LARGEST_ALPHABET:
        raise SettingError(f"{vocabulary.size:,} symbols: a table of pairs is compared up to {LARGEST_ALPHABET:,}")
    counts = pair_counts(look)
    totals = counts.sum(axis=1)
    learned = softmax(np.asarray(look.model.weights["W"], dtype=np.float64))
    frequencies = counts / np.maximum(totals, 1)[:, None]
    distance = 0.5 * np.abs(learned - frequencies).sum(axis=1) @ totals / totals.sum()
    shown = np.sort(np.argsort(-totals, kind="stable")[:MOST_SYMBOLS])
    symbols = ("", *vocabulary.characters)
    some = f"the {MOST_SYMBOLS} commonest of {vocabulary.size:,} symbols are shown, and the distance counts all"
    return {
        "symbols": [symbols[i] for i in shown],
        "learned": rounded(learned[np.ix_(shown, shown)]),
        "frequencies": rounded(frequencies[np.ix_(shown, shown)]),
        "distance": rounded(distance),
        "note": some if len(shown) < vocabulary.size else None,
    }


def pair_counts(look: Look) -> Float[NDArray[Any], "V V"]:
    """Return how often each symbol (row) is followed by each symbol (column) in train, weighted as in training."""
    lines, symbols = look.background.prepared.train, look.model.vocabulary.size
    before, after = contexts(lines, 1)
    counts = np.bincount(
        before[:, 0].astype(np.int64) * symbols + after, weights=lines.character_weights, minlength=symbols**2
    )
    if look.model.form == "text":  # a text's first character follows nothing, and its end is not predicted
        counts[lines.tokens[0]] -= 1
        counts[int(lines.tokens[-2]) * symbols] -= 1
    return counts.reshape(symbols, symbols).astype(np.float64)
