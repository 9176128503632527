"""Models for the tests of exports: mixtures of small models, and an architecture of another developer's."""

import numpy as np
from pydantic import Field

from morelike.architecture import TrainedArchitecture
from morelike.arrays import gelu, namespace, one_hot, softmax
from morelike.ensembles.mixture import Mixture
from morelike.language_model.model import LanguageModel
from morelike.text.vocabulary import END

from ..language_model.small_models import small_model


def mixture_of(kinds, *, exponents=None, features=(), ids=()):
    """Return a model that mixes small models of these kinds; log-linear with `exponents`."""
    members = [small_model(kind, seed=seed) for seed, kind in enumerate(kinds)]
    weights = np.arange(1, len(members) + 1) / sum(range(1, len(members) + 1))
    joined = Mixture.join([(each.architecture, each.weights) for each in members], weights, ids, exponents, features)
    return LanguageModel(members[0].vocabulary, *joined, members[0].known)


MIXTURES = {
    "linear": lambda: mixture_of(["ngram", "gru"]),
    "linear without counts": lambda: mixture_of(["transformer", "mlp"]),
    "log-linear": lambda: mixture_of(["rnn", "ngram"], exponents=np.array([[0.7], [0.4]])),
    "log-linear with features": lambda: mixture_of(
        ["gru", "bow"], exponents=np.linspace(0, 1, 24).reshape(2, 12), features=("position", "entropy")
    ),
}


class Decay(TrainedArchitecture):
    """A bag of letters whose memory decays: no kind of this package, with functions that no other kind uses."""

    embedding: int = Field(6, ge=1)
    decay: float = Field(0.5, gt=0)

    def shapes(self, vocabulary_size):
        return {"C": (vocabulary_size, self.embedding), "W": (2, self.embedding, vocabulary_size)}

    def init(self, rng, vocabulary_size):
        return {name: rng.standard_normal(shape, np.float32) for name, shape in self.shapes(vocabulary_size).items()}

    def prepare(self, weights):
        return weights

    def start(self, weights, batch):
        return np.zeros((batch, self.embedding), np.float32), np.zeros((1, batch, 1), np.int32)

    def step(self, weights, state, token):
        xp = namespace(token)
        memory, count = state
        begins = token[:, None] == END
        memory = xp.where(begins, 0.0, memory) * self.decay + weights["C"][token]
        count = xp.where(begins, 0, count[0] + 1)
        seen = one_hot(token, len(weights["C"]))
        shares = softmax(gelu(memory)) + xp.clip(memory, -1, 1) ** 2 / (1 + abs(memory))
        powers = xp.stack([shares, xp.sqrt(shares + 1)], axis=0)
        both = xp.sum(powers @ weights["W"], axis=0) - xp.pad(seen[:, 1:], ((0, 0), (1, 0)))
        late = ~(count < 2) & (count != 5) | (count >= 7)
        logits = both + xp.where(late, 0.1, -0.1) - xp.mean(both, axis=1, keepdims=True) * xp.minimum(count, 3)
        return (memory, count[None]), xp.maximum(logits, -xp.max(xp.absolute(both), axis=-1)[:, None])

    def logits(self, weights, tokens, mode):
        raise NotImplementedError

    example_logits = logits


class Outside(Decay):
    """An architecture with an array function that no export knows."""

    def step(self, weights, state, token):
        return state, namespace(token).sort(weights["C"][token])
