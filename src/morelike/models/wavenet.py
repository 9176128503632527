"""WaveNet's hierarchy (van den Oord et al. 2016, https://arxiv.org/abs/1609.03499) over a window of characters.

An MLP joins the whole context in its first layer. Here each level joins pairs of neighbours:

h_0        = C[x_1 .. x_K]
h_l[i]     = tanh(BatchNorm([h_(l-1)[2i], h_(l-1)[2i + 1]] W_l))      K / 2^l positions
logits     = h_L[0] W + b                                             where K = 2^L
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, final

import numpy as np
from pydantic import Field, field_validator

from morelike.architecture import Mode, WindowArchitecture, batch_norm, fresh_batch_norm, sizes
from morelike.arrays import Array, Float, Int, Weights, namespace


@final
class WaveNet(WindowArchitecture):
    """A binary tree over the embeddings of the last K characters.

    Weights: C [V, E]; for each level `levels.l.W` [2 E or 2 H, H] without a bias, and BatchNorm's `levels.l.gain`,
    `levels.l.bias`, `levels.l.mean` and `levels.l.variance` [H]; W [H, V], b [V].
    """

    training: ClassVar[dict[str, Any]] = {"epochs": 12, "batch_size": 128, "learning_rate": 5e-3, "weight_decay": 0.05}
    quick: ClassVar[dict[str, Any]] = {
        "hidden": 64,
        "epochs": 2,
        "max_steps": 1000,
        "batch_size": 256,
        "learning_rate": 1e-2,
    }

    context: Annotated[int, sizes(4, 16)] = Field(
        8, ge=2, le=1024, description="characters of context that the model sees: a power of two"
    )
    embedding: Annotated[int, sizes(8, 32)] = Field(24, ge=1, description="width of a character's embedding")
    hidden: Annotated[int, sizes(64, 256)] = Field(128, ge=1, description="width of each level")

    @field_validator("context")
    @classmethod
    def _halves_to_one(cls, context: int) -> int:
        if context & (context - 1):
            near = 1 << context.bit_length()
            raise ValueError(f"neighbours are fused two by two, so a power of two is needed: {near // 2} or {near}")
        return context

    @property
    def levels(self) -> int:
        """The number of halvings of the window, L."""
        return self.context.bit_length() - 1

    def shapes(self, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {"C": (vocabulary_size, self.embedding)}
        for level, inputs in enumerate(self._inputs()):
            shapes[f"levels.{level}.W"] = (inputs, self.hidden)
            shapes |= {f"levels.{level}.{name}": (self.hidden,) for name in ("gain", "bias", "mean", "variance")}
        return shapes | {"W": (self.hidden, vocabulary_size), "b": (vocabulary_size,)}

    def init(self, rng: np.random.Generator, vocabulary_size: int) -> Weights:
        weights: Weights = {"C": rng.standard_normal((vocabulary_size, self.embedding), dtype=np.float32)}
        for level, inputs in enumerate(self._inputs()):
            normal = rng.standard_normal((inputs, self.hidden), dtype=np.float32)
            weights[f"levels.{level}.W"] = normal / np.float32(inputs**0.5)
            weights |= fresh_batch_norm(f"levels.{level}", self.hidden)
        last = rng.standard_normal((self.hidden, vocabulary_size), dtype=np.float32) / np.float32(self.hidden**0.5)
        return weights | {"W": np.float32(0.1) * last, "b": np.zeros(vocabulary_size, dtype=np.float32)}

    def predict(self, weights: Weights, context: Int[Array, "N K"], mode: Mode) -> Float[Array, "N V"]:
        h = mode.record("embeddings", mode.look_up(weights["C"], context), diagnosed=False)
        for level in range(self.levels):
            name = f"levels.{level}"
            pairs = h.reshape(len(context), h.shape[1] // 2, 2 * h.shape[2])
            pairs = mode.record(f"{name}.pairs", pairs, diagnosed=False)
            a = mode.record(f"{name}.linear", mode.product(pairs, weights[f"{name}.W"]), diagnosed=False)
            h = namespace(h).tanh(batch_norm(weights, name, a, mode))
            h = mode.record(name, h, bounded=True)
        return mode.product(h[:, 0], weights["W"]) + weights["b"]

    def _inputs(self) -> list[int]:
        """Return the width of each level's input: two neighbours from the level below."""
        return [2 * self.embedding, *(2 * self.hidden for _ in range(self.levels - 1))]
