"""Losses of a model on words and on running text: behind the methods of `LanguageModel`, which explain them.

`evaluated` and `compared` check and clean their words; the words of the other functions are checked and cleaned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from morelike.arrays import log_softmax, softmax
from morelike.errors import SettingError
from morelike.evaluation.intervals import Comparison, compare
from morelike.evaluation.loss import Evaluation, character_losses, evaluate, line_losses, stretches, text_losses
from morelike.language_model.base import ModelBase
from morelike.language_model.encoding import RESERVED, UnknownPolicy, encode_passage, encode_words
from morelike.language_model.threads import one_thread, thread_map
from morelike.text.count_weights import CountWeighting, line_weights
from morelike.text.examples.packed_rows import text_rows
from morelike.text.labels import label_ids
from morelike.text.words import WordCounts, WordLabels, Words, check_list

Floats = NDArray[np.float64]

BLOCK, BLOCK_CHARACTERS = 1 << 16, 1 << 24
"""Words, and their characters, whose tokens and losses are in memory at once; a longer word is a block by itself."""


def losses(model: ModelBase, words: Sequence[str], unknown: UnknownPolicy) -> tuple[Floats, NDArray[np.int64]]:
    """Return -ln p of each word (nats), and its number of counted characters."""
    if model.form == "text":
        each = [_text_losses(model, text, unknown) for text in words]
        return np.array([nats.sum() for nats in each]), np.array([len(nats) for nats in each], dtype=np.int64)
    blocks = [_block_losses(model, block, unknown) for block in _blocks(words)]
    return np.concatenate([nats for nats, _ in blocks]), np.concatenate([counts for _, counts in blocks])


def _blocks(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the words in blocks, at least one, that `BLOCK` and `BLOCK_CHARACTERS` limit."""
    first = characters = 0
    for position, word in enumerate(words):
        characters += len(word)
        if position > first and (position - first == BLOCK or characters > BLOCK_CHARACTERS):
            yield words[first:position]
            first, characters = position, len(word)
    yield words[first:]


def _block_losses(model: ModelBase, words: Sequence[str], unknown: UnknownPolicy) -> tuple[Floats, NDArray[np.int64]]:
    lines, left_out = encode_words(model.vocabulary, words, unknown)
    with thread_map() as map_function:
        nats = line_losses(*model.prepared, lines, map_function)
    if unknown != "reserve":
        return nats, lines.lengths
    reserved = lines.lengths * np.log1p(-RESERVED) + left_out * np.log(RESERVED)
    return nats - reserved, lines.lengths + left_out


def unit_losses(
    model: ModelBase, words: Sequence[str], unknown: UnknownPolicy, labels: Sequence[str] | None = None
) -> tuple[Floats, NDArray[np.int64]]:
    """Return -ln p (nats) and the number of characters of each unit that the bootstrap draws."""
    if model.form == "lines":
        return losses(model, words, unknown) if labels is None else _labelled_losses(model, words, unknown, labels)
    each = [stretches(_text_losses(model, text, unknown)) for text in words]
    return np.concatenate([nats for nats, _ in each]), np.concatenate([counts for _, counts in each])


def evaluated(
    model: ModelBase,
    words: Words,
    counts: WordCounts | None,
    count_weighting: CountWeighting | None = None,
    labels: WordLabels | None = None,
    unknown: UnknownPolicy = "error",
    seed: int = 0,
) -> Evaluation:
    """Return the loss on words per character, and the loss of each label."""
    words, counts, labels, _, zero_count = check_list(words, counts, labels, model.form, keep_blank=True)
    if not words:
        raise SettingError("no words to evaluate: give at least one")
    nats, lengths = unit_losses(model, words, unknown, labels)
    if not lengths.sum():
        raise SettingError("nothing to evaluate: a text has two characters or more")
    seen = model.known.in_train(words) if model.form == "lines" else None
    weighting: CountWeighting = count_weighting or model.facts.get("count_weighting", "counts")
    by_label = labels if model.labels else None
    weights = line_weights(counts, weighting, zero_count)
    return evaluate(nats, lengths, seen, weights=weights, labels=by_label, seed=seed)


def compared(
    first: ModelBase,
    second: ModelBase,
    words: Words,
    counts: WordCounts | None,
    count_weighting: CountWeighting,
    labels: WordLabels | None,
    unknown: UnknownPolicy,
    seed: int,
) -> Comparison:
    """Return the paired difference of two models on the same words: first minus second."""
    if first.form != second.form:
        raise SettingError("a model of words and one of running text cannot be compared: their units differ")
    words, counts, labels, _, zero_count = check_list(words, counts, labels, first.form, keep_blank=True)
    if not words:
        raise SettingError("no words to compare on: give at least one")
    nats, lengths = unit_losses(first, words, unknown, labels)
    second_nats, second_lengths = unit_losses(second, words, unknown, labels)
    if not np.array_equal(lengths, second_lengths):
        raise SettingError(
            "the two models leave out different characters of these words: compare them with unknown = 'reserve'"
        )
    return compare(nats, second_nats, lengths, line_weights(counts, count_weighting, zero_count), seed=seed)


def label_probabilities(model: ModelBase, words: Sequence[str], unknown: UnknownPolicy) -> Floats:
    """Return p(label | word) of each word and label."""
    if not model.labels:
        raise SettingError("the model learned from a list without labels, so it has no label probabilities")
    shares = np.array(list(model.labels.values()))
    joint = np.full((len(words), len(shares)), -np.inf)
    for i, label in enumerate(model.labels):
        if shares[i]:
            joint[:, i] = np.log(shares[i]) - losses(model.conditioned_on(label), words, unknown)[0]
    probabilities: Floats = softmax(joint)
    return probabilities


def _labelled_losses(
    model: ModelBase, words: Sequence[str], unknown: UnknownPolicy, labels: Sequence[str]
) -> tuple[Floats, NDArray[np.int64]]:
    """Return the losses of words under their labels; a model without labels ignores them."""
    if not model.labels or model.label is not None:
        return losses(model, words, unknown)
    ids = label_ids(labels, list(model.labels))
    nats, lengths = np.empty(len(words)), np.empty(len(words), dtype=np.int64)
    for i, label in enumerate(model.labels):
        if len(labelled := np.flatnonzero(ids == i)):
            selected = [words[j] for j in labelled.tolist()]
            nats[labelled], lengths[labelled] = losses(model.conditioned_on(label), selected, unknown)
    return nats, lengths


def surprisal(model: ModelBase, word: str, unknown: UnknownPolicy) -> Floats:
    """Return -ln p (nats) of each character of a word and of its end; of a running text, of all but the first."""
    if model.form == "text":
        tokens = encode_passage(model.vocabulary, word, unknown).tokens[:-1]
        architecture, weights = model.prepared
        state, each = architecture.start(weights, 1), np.empty(max(len(tokens) - 1, 0))
        for t, token in enumerate(tokens[:-1]):
            state, logits = architecture.step(weights, state, token[None])
            each[t] = -log_softmax(logits)[0, tokens[t + 1]]
        return each
    lines, _ = encode_words(model.vocabulary, [word], unknown)
    architecture, weights = model.prepared
    log_probabilities = architecture.log_probabilities(weights, lines.tokens[None, :])[0]
    nats: Floats = -log_probabilities.astype(np.float64)
    if unknown == "error":
        return nats
    known = [character in model.vocabulary.characters for character in word] + [True]
    result = np.full(len(word) + 1, np.nan if unknown == "skip" else -np.log(RESERVED))
    result[known] = nats if unknown == "skip" else nats - np.log1p(-RESERVED)
    return result


def surprisals(model: ModelBase, words: Sequence[str]) -> list[Floats]:
    """Return the `surprisal` of each of several words, of a model of words; all go through the model together.

    Raises:
        VocabularyError: an unknown character.
    """
    if not words:
        return []
    lines, _ = encode_words(model.vocabulary, words, "error")
    with thread_map() as map_function:
        nats = character_losses(*model.prepared, lines, map_function)
    return np.split(nats, lines.offsets[1:-1])


def _text_losses(model: ModelBase, text: str, unknown: UnknownPolicy) -> Floats:
    """Return the loss of each character of a running text but the first."""
    rows = text_rows(
        encode_passage(model.vocabulary, text, unknown),
        model.architecture.receptive_field,
        model.architecture.block_length,
    )
    with one_thread():
        return text_losses(*model.prepared, rows)
