"""The bigram model as a single-layer perceptron: the next character depends on the last character alone.

logits = one_hot(x) W, which is row x of W

After enough training, softmax(W) is the table of relative frequencies that counting gives at once.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, final

import numpy as np
from pydantic import Field

from morelike.architecture import NOT_TUNED, Mode, WindowArchitecture
from morelike.arrays import Array, Float, Int, Weights


@final
class Bigram(WindowArchitecture):
    """One row of logits for each character.

    Weights: W [V, V].
    """

    context: ClassVar[int] = 1  # type: ignore[misc]  # not a setting here: a bigram is two characters
    training: ClassVar[dict[str, Any]] = {"epochs": 5, "batch_size": 256, "learning_rate": 3e-2, "weight_decay": 0.0}
    quick: ClassVar[dict[str, Any]] = {"epochs": 2}

    initialization: Annotated[Literal["scaled", "normal"], NOT_TUNED] = Field(
        "scaled", description="initial weights: near zero, so that the first loss is near ln V, or standard normal"
    )

    def shapes(self, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
        return {"W": (vocabulary_size, vocabulary_size)}

    def init(self, rng: np.random.Generator, vocabulary_size: int) -> Weights:
        scale = np.float32(0.01 if self.initialization == "scaled" else 1.0)
        return {"W": scale * rng.standard_normal((vocabulary_size, vocabulary_size), dtype=np.float32)}

    def predict(self, weights: Weights, context: Int[Array, "N 1"], mode: Mode) -> Float[Array, "N V"]:
        return mode.look_up(weights["W"], context[:, -1])
