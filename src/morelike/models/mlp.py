"""Neural probabilistic language model (Bengio et al. 2003, https://www.jmlr.org/papers/v3/bengio03a.html).

e      = C[x_1 .. x_K], concatenated
a      = e W1 + b1
h      = tanh(a)
logits = h W2 + b2
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, final

import numpy as np
from pydantic import Field

from morelike.architecture import NOT_TUNED, Mode, WindowArchitecture, concatenated_embeddings, sizes
from morelike.arrays import Array, Float, Int, Weights, namespace


@final
class MLP(WindowArchitecture):
    """One hidden layer over the embeddings of the last K characters.

    Weights: C [V, E], W1 [K E, H], b1 [H], W2 [H, V], b2 [V].
    """

    quick: ClassVar[dict[str, Any]] = {"epochs": 2, "batch_size": 256, "learning_rate": 1e-2}

    embedding: Annotated[int, sizes(8, 32)] = Field(10, ge=1, description="width of a character's embedding")
    hidden: Annotated[int, sizes(64, 512)] = Field(200, ge=1, description="width of the hidden layer")
    initialization: Annotated[Literal["scaled", "normal"], NOT_TUNED] = Field(
        "scaled", description="initial weights: scaled, so that the first loss is near ln V, or standard normal"
    )

    def shapes(self, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
        return {
            "C": (vocabulary_size, self.embedding),
            "W1": (self.context * self.embedding, self.hidden),
            "b1": (self.hidden,),
            "W2": (self.hidden, vocabulary_size),
            "b2": (vocabulary_size,),
        }

    def init(self, rng: np.random.Generator, vocabulary_size: int) -> Weights:
        shapes = self.shapes(vocabulary_size)
        inputs = self.context * self.embedding
        weights = {name: rng.standard_normal(shape, dtype=np.float32) for name, shape in shapes.items()}
        if self.initialization == "scaled":
            scale = {"W1": 5 / 3 / inputs**0.5, "b1": 0.01, "W2": 0.01, "b2": 0.0}
            weights |= {name: weights[name] * np.float32(factor) for name, factor in scale.items()}
        return weights

    def predict(self, weights: Weights, context: Int[Array, "N K"], mode: Mode) -> Float[Array, "N V"]:
        e = concatenated_embeddings(weights["C"], context, mode)
        a = mode.record("preactivations", mode.product(e, weights["W1"]) + weights["b1"], diagnosed=False)
        h = mode.record("hidden", namespace(e).tanh(a), bounded=True)
        return mode.product(h, weights["W2"]) + weights["b2"]
