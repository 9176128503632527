"""Looks of small models with random weights, as if they had been trained, made in milliseconds and without JAX."""

from functools import cache

import numpy as np

from morelike.architecture import find
from morelike.panels.look import Background, Look
from morelike.runs.plan import make_plan
from morelike.text.corpus import corpus_of

from ..training.runs import pronounceable

WORDS = pronounceable(200)
SMALL = {"context": 4, "embedding": 4, "hidden": 8, "layers": 2, "heads": 2, "order": 3}
SPREAD = 0.5
KINDS = ("bigram", "mlp", "deep_mlp", "wavenet", "rnn", "gru", "lstm", "bow", "transformer")


@cache
def background(kind="gru", words=tuple(WORDS), **settings):
    small = {name: value for name, value in SMALL.items() if name in find(kind).model_fields}
    return Background.of(make_plan(corpus_of("words", list(words), "lines"), kind, settings={**small, **settings}))


def weights_of(shared, seed=0):
    """Return weights of the plan's network whose probabilities are far from equal."""
    rng = np.random.default_rng(seed)
    fresh = shared.plan.architecture.init(rng, shared.prepared.vocabulary.size)
    noisy = {n: w + np.float32(SPREAD) * rng.standard_normal(w.shape, dtype=np.float32) for n, w in fresh.items()}
    return {name: np.abs(w) + np.float32(0.1) if name.endswith(".variance") else w for name, w in noisy.items()}


def look_of(kind="gru", seed=0, words=tuple(WORDS), **settings):
    """Return the look of a small model; a counted kind is counted on the words."""
    shared = background(kind, words, **settings)
    if kind == "ngram":
        return Look(shared.counted["ngram"], shared)
    return Look.of(shared, weights_of(shared, seed), step=1)


def nearly(look, change=1e-3):
    """Return the look a few steps later: with nearly the same weights."""
    rng = np.random.default_rng(1)
    moved = {
        n: w + np.float32(change) * rng.standard_normal(w.shape, np.float32) for n, w in look.model.weights.items()
    }
    return Look.of(look.background, moved, step=look.step + 1)
