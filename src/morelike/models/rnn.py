"""Recurrent neural network (Elman 1990, https://doi.org/10.1207/s15516709cog1402_1).

a      = x Wx + b + h Wh
h'     = tanh(a)
logits = h' Wo + bo
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np

from morelike.architecture import Blocks, RecurrentArchitecture
from morelike.arrays import Array, Float, Weights, namespace


@final
class RNN(RecurrentArchitecture):
    """A simple recurrent network.

    Weights of a layer: Wx [inputs, H], b [H], Wh [H, H].
    """

    gates: ClassVar[tuple[str, ...]] = ("a",)
    state_inputs: ClassVar[Mapping[str, tuple[str, ...]]] = {"h": ("a",)}
    summed_gates: ClassVar[tuple[str, ...]] = ("a",)
    training: ClassVar[dict[str, Any]] = {
        "epochs": 7,
        "batch_size": 64,
        "learning_rate": 4e-3,
        "weight_decay": 0.05,
        "warmup": 0.1,
    }
    quick: ClassVar[dict[str, Any]] = {"epochs": 3, "learning_rate": 6e-3}

    def layer_shapes(self, inputs: int) -> dict[str, tuple[int, ...]]:
        return {"Wx": (inputs, self.hidden), "Wh": (self.hidden, self.hidden), "b": (self.hidden,)}

    def init_layer(self, rng: np.random.Generator, inputs: int) -> Weights:
        bound = self.hidden**-0.5
        return {
            "Wx": rng.standard_normal((inputs, self.hidden), dtype=np.float32) / np.float32(inputs**0.5),
            "Wh": rng.uniform(-bound, bound, (self.hidden, self.hidden)).astype(np.float32),
            "b": np.zeros(self.hidden, dtype=np.float32),
        }

    def gate_values(self, layer: Weights, state: Float[Array, "*B H"], u: Blocks, x: Blocks) -> Blocks:
        return (x[0] + u[0],)

    def cell(self, layer: Weights, state: Float[Array, "*B H"], u: Blocks, x: Blocks) -> Float[Array, "*B H"]:
        (a,) = self.gate_values(layer, state, u, x)
        return namespace(state).tanh(a)
