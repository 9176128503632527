"""Gated recurrent unit (Cho et al. 2014, https://arxiv.org/abs/1406.1078).

r  = sigmoid(x Wr + br + h Ur)           the reset gate
z  = sigmoid(x Wz + bz + h Uz)           the update gate
n  = tanh(x Wn + bn' + r (h Un + bn))    the proposal; r after the product, as cuDNN and PyTorch do
h' = (1 - z) n + z h
"""

from __future__ import annotations

from typing import final

import numpy as np

from morelike.architecture import RecurrentArchitecture
from morelike.arrays import Array, Float, Weights, namespace, sigmoid

__all__ = ["GRU"]


@final
class GRU(RecurrentArchitecture):
    """A gated recurrent network.

    Weights of a layer: Wx [inputs, 3H] and b [3H] for the gates r, z, n in this order; Wh [H, 3H]; bn [H].
    """

    def init_layer(self, rng: np.random.Generator, inputs: int) -> Weights:
        hidden = self.hidden
        bound = hidden**-0.5
        return {
            "Wx": rng.standard_normal((inputs, 3 * hidden), dtype=np.float32) / np.float32(inputs**0.5),
            "Wh": rng.uniform(-bound, bound, (hidden, 3 * hidden)).astype(np.float32),
            "b": np.zeros(3 * hidden, dtype=np.float32),
            "bn": np.zeros(hidden, dtype=np.float32),
        }

    def cell(self, layer: Weights, state: Float[Array, "B H"], x: Float[Array, "B G"]) -> Float[Array, "B H"]:
        hidden = self.hidden
        recurrent = state @ layer["Wh"]
        gates = sigmoid(x[:, : 2 * hidden] + recurrent[:, : 2 * hidden])
        r, z = gates[:, :hidden], gates[:, hidden:]
        n = namespace(x).tanh(x[:, 2 * hidden :] + r * (recurrent[:, 2 * hidden :] + layer["bn"]))
        return n + z * (state - n)
