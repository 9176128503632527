"""Word embeddings: vectors from the states or the embedding matrix of a model."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from morelike.architecture import Architecture
from morelike.arrays import Float, Weights, take
from morelike.cancellation import check_cancelled
from morelike.errors import SettingError
from morelike.evaluation.loss import LOGITS_AT_ONCE, batches_by_length
from morelike.language_model.model import LanguageModel
from morelike.language_model.threads import one_thread
from morelike.text.vocabulary import END, TokenLines
from morelike.text.words import Words, check_words

Embed: TypeAlias = Literal["mean", "last"]
"""The states of a recurrent network to use: the mean over all characters, or the state after the last."""


def embed_words(model: LanguageModel, words: Words, embed: Embed = "mean") -> Float[NDArray[Any], "words E"]:
    """Return one vector for each word, float32.

    For a recurrent network, the vector is the input of its output layer (the sum over layers): the mean over the word's
    characters, or the last. For a window model with an embedding, it is the mean of the rows of C, which depends on the
    characters of a word and not on their order.

    Raises:
        SettingError: a kind without word embeddings, a model of running text, or an empty word.
        VocabularyError: an unknown character.

    >>> import morelike
    >>> model = morelike.train(["anna", "hanna", "anne"], kind="mlp", steps=1, embedding=2, hidden=4)
    >>> anna, nana = embed_words(model, ["anna", "nana"])
    >>> bool(np.allclose(anna, nana))
    True
    """
    if model.form != "lines":
        raise SettingError("a model of running text has no embedding of words: its text has no ends of words")
    words = check_words(words)
    if "" in words:
        raise SettingError("an empty word has no embedding: give it a character or more")
    if model.mixes_labels:
        raise SettingError("a word has an embedding under each label: choose one with `model.conditioned_on(label)`")
    architecture, kind, source = model.architecture, model.architecture.kind, embedding_source(model)
    if source == "states":
        lines = model.vocabulary.encode_lines(words)
        with one_thread():
            size = int(min(architecture.lines_at_once, 1 + LOGITS_AT_ONCE // model.vocabulary.size))
            return _state_vectors(architecture, model.prepared.weights, lines, embed, size)
    if source == "rows":
        if embed == "last":
            raise SettingError(f"embed = 'last' is for recurrent networks: {kind} has no state, choose 'mean'")
        return _row_means(model.weights["C"], model.vocabulary.encode_lines(words))
    raise SettingError(
        f"a model of kind {kind} has no word embedding; recurrent networks have one, and so have window models with an "
        "embedding C: compare its words by edits"
    )


def embedding_source(model: LanguageModel) -> Literal["states", "rows"] | None:
    """Return where the word embeddings of a model come from: its states, the rows of C, or None if it has none."""
    architecture = model.architecture
    if architecture.hidden_state(architecture.start(model.prepared.weights, 1)) is not None:
        return "states"
    return "rows" if architecture.receptive_field and "C" in model.weights else None


def cosines(vectors: Float[NDArray[Any], "words E"], query: Float[NDArray[Any], " E"]) -> Float[NDArray[Any], " words"]:
    """Return the cosine of the angle between each vector and the query; 0 for a vector that is zero.

    >>> cosines(np.array([[2.0, 0.0], [0.0, 1.0], [0.0, 0.0]]), np.array([3.0, 0.0])).tolist()
    [1.0, 0.0, 0.0]
    """
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(query)
    cosine: NDArray[Any] = (vectors @ query) / np.where(lengths > 0, lengths, 1)
    return cosine


def _state_vectors(
    architecture: Architecture, weights: Weights, lines: TokenLines, embed: Embed, size: int
) -> Float[NDArray[Any], "words H"]:
    vectors = np.zeros_like(architecture.hidden_state(architecture.start(weights, len(lines))))
    for batch, tokens in batches_by_length(lines, size):
        check_cancelled()
        lengths = lines.lengths[batch] - 1  # the end is not read
        state = architecture.start(weights, len(batch))
        state, _ = architecture.step(weights, state, np.full(len(batch), END, dtype=np.int32))
        for t in range(tokens.shape[1] - 1):
            state, _ = architecture.step(weights, state, tokens[:, t])
            hidden = architecture.hidden_state(state)
            assert hidden is not None
            used = t < lengths if embed == "mean" else t == lengths - 1
            vectors[batch] += np.where(used[:, None], hidden, 0)
        if embed == "mean":
            vectors[batch] /= lengths[:, None].astype(np.float32)
    return vectors


def _row_means(C: NDArray[Any], lines: TokenLines) -> Float[NDArray[Any], "words E"]:  # noqa: N803 (the weight's name)
    rows = np.where(lines.tokens[:, None] == END, 0, take(C, lines.tokens))
    means: NDArray[Any] = np.add.reduceat(rows, lines.offsets[:-1]) / (lines.lengths[:, None] - 1)
    return means.astype(np.float32)
