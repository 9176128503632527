"""What a model loses on words and on running text: behind the methods of `LanguageModel`, which explain them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import log_softmax
from morelike.evaluation.loss import line_losses, stretches, text_losses
from morelike.language_model.reading import RESERVED, Unknown, encode_passage, encode_words
from morelike.language_model.threads import one_thread
from morelike.text.corpus import clean
from morelike.text.examples import text_rows

if TYPE_CHECKING:
    from morelike.language_model.model import LanguageModel

__all__ = ["losses", "surprisal", "unit_losses"]

Floats = NDArray[np.float64]

AT_ONCE = 1 << 16
"""Words whose tokens and characters' losses are held at once."""


def losses(model: LanguageModel, words: Sequence[str], unknown: Unknown) -> tuple[Floats, NDArray[np.int64]]:
    """Return -ln p of each word (nats), and how many of its characters count."""
    if model.form == "text":
        each = [_text_losses(model, text, unknown) for text in words]
        return np.array([nats.sum() for nats in each]), np.array([len(nats) for nats in each], dtype=np.int64)
    blocks = [_block_losses(model, words[i : i + AT_ONCE], unknown) for i in range(0, max(len(words), 1), AT_ONCE)]
    return np.concatenate([nats for nats, _ in blocks]), np.concatenate([counts for _, counts in blocks])


def _block_losses(model: LanguageModel, words: Sequence[str], unknown: Unknown) -> tuple[Floats, NDArray[np.int64]]:
    lines, left_out = encode_words(model.vocabulary, words, unknown)
    with one_thread():
        nats = line_losses(model.architecture, model.prepared, lines)
    if unknown != "reserve":
        return nats, lines.lengths
    reserved = lines.lengths * np.log1p(-RESERVED) + left_out * np.log(RESERVED)
    return nats - reserved, lines.lengths + left_out


def unit_losses(model: LanguageModel, words: Sequence[str], unknown: Unknown) -> tuple[Floats, NDArray[np.int64]]:
    """Return -ln p (nats) and the number of characters of each unit that the bootstrap draws."""
    if model.form == "lines":
        return losses(model, words, unknown)
    each = [stretches(_text_losses(model, text, unknown)) for text in words]
    return np.concatenate([nats for nats, _ in each]), np.concatenate([counts for _, counts in each])


def surprisal(model: LanguageModel, word: str, unknown: Unknown) -> Floats:
    """Return -ln p of each character of a word and of its end, or of each of a running text but the first (nats)."""
    if model.form == "text":
        tokens = encode_passage(model.vocabulary, word, unknown).tokens[:-1]
        state, each = model.architecture.start(model.prepared, 1), np.empty(max(len(tokens) - 1, 0))
        for t, token in enumerate(tokens[:-1]):
            state, logits = model.architecture.step(model.prepared, state, token[None])
            each[t] = -log_softmax(logits)[0, tokens[t + 1]]
        return each
    word = clean(word)
    lines, _ = encode_words(model.vocabulary, [word], unknown)
    log_probabilities = model.architecture.log_probabilities(model.prepared, lines.tokens[None, :])[0]
    nats: Floats = -log_probabilities.astype(np.float64)
    if unknown == "error":
        return nats
    known = [character in model.vocabulary.characters for character in word] + [True]
    result = np.full(len(word) + 1, np.nan if unknown == "skip" else -np.log(RESERVED))
    result[known] = nats if unknown == "skip" else nats - np.log1p(-RESERVED)
    return result


def _text_losses(model: LanguageModel, text: str, unknown: Unknown) -> Floats:
    """Return the loss of each character of a running text but the first."""
    rows = text_rows(
        encode_passage(model.vocabulary, text, unknown), model.architecture.reach, model.architecture.block
    )
    with one_thread():
        return text_losses(model.architecture, model.prepared, rows)
