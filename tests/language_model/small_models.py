"""Small language models of every kind found on disk, made in milliseconds and without JAX."""

from dataclasses import replace

import numpy as np

from morelike.architecture import CountedArchitecture, build, find, kinds
from morelike.language_model.model import LanguageModel
from morelike.text.known_words import KnownWords
from morelike.text.labels import label_ids, label_names, label_shares
from morelike.text.splits import split
from morelike.text.vocabulary import Vocabulary

KINDS = kinds()
SMALL = {"context": 4, "embedding": 4, "hidden": 8, "layers": 2, "heads": 2, "order": 3}
SPREAD = 0.7  # of the fresh weights' noise, so that probabilities are far from equal
WORDS = [
    "anna",
    "hanna",
    "anne",
    "hannah",
    "nan",
    "ana",
    "hen",
    "henna",
    "ahna",
    "nanna",
    "eha",
    "nena",
    "hana",
    "ehen",
]


def small_settings(kind):
    return {name: value for name, value in SMALL.items() if name in find(kind).model_fields}


def small_model(kind, words=WORDS, seed=0, **settings):
    """Return a model of this kind: counted on the words, or with random weights as if it had been trained."""
    architecture = build(kind, {**small_settings(kind), **settings})
    vocabulary = Vocabulary.of(words)
    parts = split(words)
    return LanguageModel(
        vocabulary, architecture, _weights(architecture, vocabulary, parts, seed), KnownWords.of(parts)
    )


def labelled_model(kind, words, labels, seed=0, **settings):
    """Return such a model whose words have labels, which condition it."""
    architecture = build(kind, {**small_settings(kind), **settings})
    vocabulary, names = Vocabulary.of(words), label_names(labels)
    lines = vocabulary.encode_lines(words)
    lines = replace(lines, labels=label_ids(labels, names), label_count=len(names))
    known = KnownWords.of(split(words, "none"))
    if isinstance(architecture, CountedArchitecture):
        weights = architecture.fit(lines, lines.take(np.arange(0, len(lines), 2)), vocabulary.size)
    else:
        rng = np.random.default_rng(seed)
        fresh = architecture.init(rng, vocabulary.size)
        fresh |= architecture.init_labels(rng, fresh, len(names))
        weights = {name: w + np.float32(SPREAD) * rng.standard_normal(w.shape, np.float32) for name, w in fresh.items()}
    shares = label_shares(lines.labels, names, None)
    return LanguageModel(vocabulary, architecture, weights, known, labels=shares)


def lively_model(kind):
    """Return a small model of this kind whose words are mostly short and not mostly the same, some listed ones too."""
    return next(model for seed in range(1000) if _lively(model := small_model(kind, seed=seed)))


def _lively(model):
    if isinstance(model.architecture, CountedArchitecture):
        return True
    probabilities = np.exp(model.log_probability(["", *all_words(model.vocabulary.characters, 4)]))
    listed = np.exp(model.log_probability(WORDS)).sum()
    return 0.5 < probabilities.sum() < 0.97 and probabilities.max() < 0.3 and listed > 0.005


def _weights(architecture, vocabulary, parts, seed):
    if isinstance(architecture, CountedArchitecture):
        return architecture.fit(
            vocabulary.encode_lines(parts.train), vocabulary.encode_lines(parts.dev), vocabulary.size
        )
    rng = np.random.default_rng(seed)
    fresh = architecture.init(rng, vocabulary.size)
    weights = {
        name: w + np.float32(SPREAD) * rng.standard_normal(w.shape, dtype=np.float32) for name, w in fresh.items()
    }
    return {name: np.abs(w) + np.float32(0.1) if name.endswith(".variance") else w for name, w in weights.items()}


def all_words(letters, longest):
    """Return every word over these letters of 1 to `longest` characters."""
    words = [""]
    found = []
    for _ in range(longest):
        words = [word + letter for word in words for letter in letters]
        found += words
    return found


def chi_square_is_likely(observed, probabilities):
    """Return whether counts agree with probabilities: a test that a true sampler fails once in 10,000 seeds."""
    observed, expected = np.asarray(observed, float), np.sum(observed) * np.asarray(probabilities, float)
    assert np.all(expected >= 5), "the chi-square test wants five expected in every cell"
    statistic = np.sum((observed - expected) ** 2 / expected)
    return statistic < chi_square_bound(len(observed) - 1)


def chi_square_bound(freedom, z=3.719):
    """Return what chi-square exceeds once in 10,000 times (Wilson and Hilferty 1931)."""
    return freedom * (1 - 2 / (9 * freedom) + z * (2 / (9 * freedom)) ** 0.5) ** 3
