"""Bag of words: the average of all characters so far, then an MLP (the simplest of makemore's causal models).

e_t    = C[x_t] + P[t]
z_t    = e_t + mean(e_1 .. e_t)
logits = (z + tanh(z W1 + b1) W2 + b2) Wo + bo
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, final

import numpy as np
from pydantic import Field

from morelike.architecture import NOT_TUNED, USE, Mode, SequenceArchitecture, positions_and_mask, sizes
from morelike.arrays import Array, Float, Int, State, Weights, namespace
from morelike.text.vocabulary import END


@final
class BOW(SequenceArchitecture):
    """A causal average of embeddings and positions.

    After `context` characters, a line continues in a new block, without memory of the characters before.

    Weights: C [V, E], P [context, E], W1 [E, H], b1 [H], W2 [H, E], b2 [E], Wo [E, V], bo [V].
    """

    training: ClassVar[dict[str, Any]] = {"epochs": 10, "batch_size": 32, "learning_rate": 1e-2, "weight_decay": 0.01}
    quick: ClassVar[dict[str, Any]] = {"epochs": 3}

    context: Annotated[int, NOT_TUNED] = Field(
        64, ge=1, le=4096, description="characters of a block: a longer line continues in a new block, without memory"
    )
    embedding: Annotated[int, sizes(32, 128)] = Field(64, ge=1, description="width of a character's embedding")
    hidden: Annotated[int, sizes(64, 512)] = Field(256, ge=1, description="width of the hidden layer")

    @property
    def block_length(self) -> int:
        return self.context

    def shapes(self, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
        return {
            "C": (vocabulary_size, self.embedding),
            "P": (self.context, self.embedding),
            "W1": (self.embedding, self.hidden),
            "b1": (self.hidden,),
            "W2": (self.hidden, self.embedding),
            "b2": (self.embedding,),
            "Wo": (self.embedding, vocabulary_size),
            "bo": (vocabulary_size,),
        }

    def init(self, rng: np.random.Generator, vocabulary_size: int) -> Weights:
        scale = {"C": 1.0, "P": 0.1, "Wo": 0.1 / self.embedding**0.5}
        scale |= {"W1": self.embedding**-0.5, "W2": self.hidden**-0.5}
        return {
            name: np.float32(scale.get(name, 0.0)) * rng.standard_normal(shape, dtype=np.float32)
            for name, shape in self.shapes(vocabulary_size).items()
        }

    def prepare(self, weights: Weights) -> Weights:
        return weights

    def start(self, weights: Weights, batch: int) -> State:
        """Return the sum of no embeddings, and their number, 0: [B, E + 1]."""
        return namespace(weights["C"]).zeros((batch, self.embedding + 1), dtype=weights["C"].dtype)

    def step(self, weights: Weights, state: State, token: Int[Array, " B"]) -> tuple[State, Float[Array, "B V"]]:
        xp = namespace(weights["C"])
        begins = (token == END) | (state[:, -1] >= self.context)
        before = xp.where(begins[:, None], 0, state)
        e = weights["C"][token] + weights["P"][before[:, -1].astype(xp.int32)]
        state = before + xp.concatenate([e, xp.ones_like(e[:, :1])], axis=1)
        return state, self.output(weights, self._of(weights, e + state[:, :-1] / state[:, -1:], USE), USE)

    def features(self, weights: Weights, tokens: Int[Array, "B T"], mode: Mode) -> Float[Array, "B T E"]:
        position, sees = positions_and_mask(tokens, self.context)
        e = mode.look_up(weights["C"], tokens) + mode.look_up(weights["P"], position)
        e = mode.record("embeddings", e, diagnosed=False)
        share = sees / (position + 1)[..., None].astype(e.dtype)
        return self._of(weights, e + mode.record("mean", share.astype(e.dtype) @ e), mode)

    def output(self, weights: Weights, features: Float[Array, "*B E"], mode: Mode) -> Float[Array, "*B V"]:
        return mode.product(features, weights["Wo"]) + weights["bo"]

    def _of(self, weights: Weights, z: Float[Array, "*B E"], mode: Mode) -> Float[Array, "*B E"]:
        hidden = mode.record("hidden", namespace(z).tanh(mode.product(z, weights["W1"]) + weights["b1"]), bounded=True)
        return z + mode.product(hidden, weights["W2"]) + weights["b2"]
