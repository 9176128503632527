"""Deep MLP with batch normalisation (Bengio et al. 2003; Ioffe and Szegedy 2015).

h_0    = C[x_1 .. x_K], concatenated
h_l    = tanh(BatchNorm(h_(l-1) W_l))      for l = 1 .. L
logits = h_L W + b
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, final

import numpy as np
from pydantic import Field

from morelike.architecture import (
    Mode,
    WindowArchitecture,
    batch_norm,
    concatenated_embeddings,
    fresh_batch_norm,
    sizes,
)
from morelike.arrays import Array, Float, Int, Weights, namespace


@final
class DeepMLP(WindowArchitecture):
    """L hidden layers over the embeddings of the last K characters, each normalised over the batch.

    Weights: C [V, E]; for each layer `layers.l.W` [K E or H, H] without a bias, and BatchNorm's `layers.l.gain`,
    `layers.l.bias`, `layers.l.mean` and `layers.l.variance` [H]; W [H, V], b [V].
    """

    training: ClassVar[dict[str, Any]] = {"epochs": 12, "batch_size": 128, "learning_rate": 5e-3, "weight_decay": 0.05}
    quick: ClassVar[dict[str, Any]] = {
        "layers": 3,
        "hidden": 100,
        "epochs": 2,
        "max_steps": 1000,
        "batch_size": 256,
        "learning_rate": 1e-2,
    }

    context: Annotated[int, sizes(4, 16)] = Field(
        8, ge=1, le=1000, description="characters of context that the model sees"
    )
    embedding: Annotated[int, sizes(8, 32)] = Field(10, ge=1, description="width of a character's embedding")
    hidden: Annotated[int, sizes(64, 256)] = Field(200, ge=1, description="width of the hidden layers")
    layers: Annotated[int, sizes(2, 8)] = Field(6, ge=1, le=100, description="hidden layers")

    def shapes(self, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {"C": (vocabulary_size, self.embedding)}
        for layer, inputs in enumerate(self._inputs()):
            shapes[f"layers.{layer}.W"] = (inputs, self.hidden)
            shapes |= {f"layers.{layer}.{name}": (self.hidden,) for name in ("gain", "bias", "mean", "variance")}
        return shapes | {"W": (self.hidden, vocabulary_size), "b": (vocabulary_size,)}

    def init(self, rng: np.random.Generator, vocabulary_size: int) -> Weights:
        weights: Weights = {"C": rng.standard_normal((vocabulary_size, self.embedding), dtype=np.float32)}
        for layer, inputs in enumerate(self._inputs()):
            normal = rng.standard_normal((inputs, self.hidden), dtype=np.float32)
            weights[f"layers.{layer}.W"] = normal / np.float32(inputs**0.5)
            weights |= fresh_batch_norm(f"layers.{layer}", self.hidden)
        last = rng.standard_normal((self.hidden, vocabulary_size), dtype=np.float32) / np.float32(self.hidden**0.5)
        return weights | {"W": np.float32(0.1) * last, "b": np.zeros(vocabulary_size, dtype=np.float32)}

    def predict(self, weights: Weights, context: Int[Array, "N K"], mode: Mode) -> Float[Array, "N V"]:
        h = concatenated_embeddings(weights["C"], context, mode)
        for layer in range(self.layers):
            name = f"layers.{layer}"
            a = mode.record(f"{name}.linear", mode.product(h, weights[f"{name}.W"]), diagnosed=False)
            h = namespace(h).tanh(batch_norm(weights, name, a, mode))
            h = mode.record(name, h, bounded=True)
        return mode.product(h, weights["W"]) + weights["b"]

    def _inputs(self) -> list[int]:
        """Return the width of each hidden layer's input."""
        return [self.context * self.embedding, *(self.hidden for _ in range(self.layers - 1))]
