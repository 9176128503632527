"""A fresh model, which has learned nothing yet, with weights of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from morelike.architecture import TrainedArchitecture
from morelike.architecture import build as build_architecture
from morelike.arrays import Weights, random_generator
from morelike.errors import SettingError, did_you_mean, excerpt
from morelike.language_model.model import LanguageModel
from morelike.text.corpus import corpus_of
from morelike.text.known_words import KnownWords
from morelike.text.vocabulary import Vocabulary
from morelike.text.words import Form, Words


def build(
    kind: str,
    words: Words,
    *,
    weights: Mapping[str, ArrayLike] | None = None,
    seed: int = 0,
    form: Form = "lines",
    **settings: Any,
) -> LanguageModel:
    """Return a model that has learned nothing yet; the words only decide which characters it knows.

    It samples, scores and evaluates at once. `model.forward`, `model.gradients` and `model.step` open it.

    Args:
        kind: the architecture: "mlp", "gru", ... An "ngram" has no fresh weights: `train` counts it at once.
        words: the words, as in `train`.
        weights: weights of one's own, by name: all of them, or some beside the fresh ones. They become float32.
        seed: the seed of the fresh weights: those from which `train` with this seed starts.
        form: "lines" or "text".
        settings: settings of the architecture (`hidden=100`).

    Raises:
        ListError: no words.
        SettingError: a kind or a setting that does not exist; weights of a wrong name or shape, or that are not finite.

    >>> words = ["anna", "hanna", "anne", "hannah"]
    >>> model = build("mlp", words, embedding=2, hidden=4, weights={"b2": np.zeros(5)})
    >>> model
    LanguageModel(kind='mlp', parameters=63, characters=4)
    >>> round(model.forward(words).loss, 1), round(float(np.log(5)), 1)
    (1.6, 1.6)
    """
    corpus = corpus_of("words", words, form)
    network = build_architecture(kind, settings).as_trained("it has no fresh weights; morelike.train counts it at once")
    vocabulary = Vocabulary.of(corpus.words)
    nothing = np.zeros(0, dtype=np.uint64)
    fresh = _fresh_weights(network, vocabulary, seed, {} if weights is None else weights)
    return LanguageModel(vocabulary, network, fresh, KnownWords(nothing, nothing, nothing), form=form)


def _fresh_weights(
    network: TrainedArchitecture, vocabulary: Vocabulary, seed: int, given: Mapping[str, ArrayLike]
) -> Weights:
    if not isinstance(given, Mapping):
        raise SettingError(f"weights = {excerpt(given)}: give a dictionary of arrays by name, as {{'b': [0.0, 1.0]}}")
    fresh = network.init(random_generator(seed), vocabulary.size)
    return fresh | {name: _checked(network, vocabulary.size, name, array) for name, array in given.items()}


def _checked(network: TrainedArchitecture, symbols: int, name: str, given: ArrayLike) -> Any:
    """Return a given weight as float32.

    Raises:
        SettingError: no weight has this name, it has another shape, or it is not finite.
    """
    shapes = network.shapes(symbols)
    listed = ", ".join(f"{each} {shape}" for each, shape in shapes.items())
    if name not in shapes:
        raise SettingError(
            f"{network.kind} has no weight {excerpt(name)}{did_you_mean(name, shapes)}. Its weights are {listed}"
        )
    try:
        if np.iscomplexobj(given):
            raise TypeError
        with np.errstate(over="ignore"):
            array = np.asarray(given, dtype=np.float32)
    except (TypeError, ValueError):
        raise SettingError(f"the weight {name} = {excerpt(given)}: give an array of numbers {shapes[name]}") from None
    if array.shape != shapes[name]:
        raise SettingError(
            f"the weight {name} has the shape {array.shape}, not {shapes[name]}. The weights of {network.kind} are "
            f"{listed}"
        )
    if not np.isfinite(array).all():
        raise SettingError(f"the weight {name} has numbers that are not finite float32: give finite ones")
    return array.copy()
