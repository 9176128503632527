"""Gated recurrent unit (Cho et al. 2014, https://arxiv.org/abs/1406.1078).

r  = sigmoid(x Wr + br + h Ur)           the reset gate
z  = sigmoid(x Wz + bz + h Uz)           the update gate
n  = tanh(x Wn + bn' + r (h Un + bn))    the proposal; r is applied after the product, as in cuDNN and PyTorch
h' = (1 - z) n + z h
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, final

import numpy as np
from pydantic import Field

from morelike.architecture import Blocks, RecurrentArchitecture, SearchRange
from morelike.arrays import Array, Float, Weights, namespace, sigmoid


@final
class GRU(RecurrentArchitecture):
    """A gated recurrent network.

    Weights of a layer: Wx [inputs, 3H], b [3H] and Wh [H, 3H] for r, z, n in this order; bn [H].
    """

    takes_labels: ClassVar[bool] = True
    gates: ClassVar[tuple[str, ...]] = ("r", "z", "n")
    state_inputs: ClassVar[Mapping[str, tuple[str, ...]]] = {"h": ("h", "r", "z", "n")}
    summed_gates: ClassVar[tuple[str, ...]] = ("r", "z")
    dropout: Annotated[float, SearchRange(0, 0.5, step=0.1)] = Field(
        0.1, ge=0.0, lt=1.0, description="share of each layer's outputs dropped in training"
    )
    training: ClassVar[Mapping[str, Any]] = {
        "epochs": 7,
        "batch_size": 64,
        "learning_rate": 1e-2,
        "weight_decay": 0.05,
        "warmup": 0.1,
    }
    quick: ClassVar[Mapping[str, Any]] = {"hidden": 96, "dropout": 0.0, "epochs": 3, "learning_rate": 1.4e-2}

    def layer_shapes(self, inputs: int) -> dict[str, tuple[int, ...]]:
        hidden = self.hidden
        return {"Wx": (inputs, 3 * hidden), "Wh": (hidden, 3 * hidden), "b": (3 * hidden,), "bn": (hidden,)}

    def init_layer(self, rng: np.random.Generator, inputs: int) -> Weights:
        hidden = self.hidden
        bound = hidden**-0.5
        return {
            "Wx": rng.standard_normal((inputs, 3 * hidden), dtype=np.float32) / np.float32(inputs**0.5),
            "Wh": rng.uniform(-bound, bound, (hidden, 3 * hidden)).astype(np.float32),
            "b": np.zeros(3 * hidden, dtype=np.float32),
            "bn": np.zeros(hidden, dtype=np.float32),
        }

    def gate_values(self, layer: Weights, state: Float[Array, "*B H"], u: Blocks, x: Blocks) -> Blocks:
        r = sigmoid(x[0] + u[0])
        z = sigmoid(x[1] + u[1])
        n = namespace(state).tanh(x[2] + r * (u[2] + layer["bn"]))
        return r, z, n

    def cell(self, layer: Weights, state: Float[Array, "*B H"], u: Blocks, x: Blocks) -> Float[Array, "*B H"]:
        _, z, n = self.gate_values(layer, state, u, x)
        return (1 - z) * n + z * state
